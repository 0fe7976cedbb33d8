"""Every error of Relais, one tree. The class says what the caller does next.

RelaisError                    what, where, value, remedy; never an invoice's content
  ConfigurationError           stop: a person corrects the settings        exit 2
  TransientError               try again later                             the task is retried
    PartnerUnavailable           a partner's mailbox does not answer
      PartnerSilent                its server does not answer at all
    StoreUnavailable             the object store does not answer
    MailUnavailable              the mail server does not answer, or sends us away for now
    LedgerConflict               another worker got there first, or the ledger is busy
  TerminalError                stop this task and call a person            exit 3
    IntegrityBroken              stored bytes are not the bytes whose hash was recorded
    ContractBroken               a table or message of ours breaks its own schema
    PartnerRefused               a partner's server refuses us, or is not the one we know
  Refusal                      not our failure: it becomes data, is answered, and work goes on
    FlowRefused                  the whole flow is not admissible          IRR_* motive
    DocumentUnreadable           one document cannot be read as an invoice IRR_*_F or REJ_SEMAN motive

`AssertionError` is a bug of ours and is never caught.

Refusals are told to partners, in French and in English, with what to do. All others are for those who run Relais and
stand in logs, in English.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from data_contracts.messages import Sentences, Value


class RelaisError(Exception):
    """Base of the tree. `str()` reads: what happened, where, with which value, and what to do."""

    def __init__(self, what: str, *, where: str = "", value: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.value = value
        self.remedy = remedy
        parts = [what]
        if where:
            parts.append(f"at {where}")
        if value:
            parts.append(f"value {value!r}")
        if remedy:
            parts.append(f"remedy: {remedy}")
        super().__init__("; ".join(parts))

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuilt, (type(self), self.__dict__.copy()))


def _rebuilt(cls: type[RelaisError], state: dict[str, object]) -> RelaisError:
    error = cls.__new__(cls)
    error.__dict__.update(state)
    return error


class ConfigurationError(RelaisError):
    """A setting is missing, unknown or contradictory."""


class TransientError(RelaisError):
    """The same call may succeed later, unchanged."""


class PartnerUnavailable(TransientError):
    """A partner's mailbox does not answer."""


class PartnerSilent(PartnerUnavailable):
    """A partner's server does not answer at all: nothing of its mailbox can be had now, whatever the name."""


class StoreUnavailable(TransientError):
    """The object store does not answer or is full."""


class MailUnavailable(TransientError):
    """The mail server does not answer, or sends us away for now. Nothing was sent."""


class LedgerConflict(TransientError):
    """Another worker holds the claim, or the ledger is locked beyond the waiting time."""


class TerminalError(RelaisError):
    """Trying again cannot help; a person has to look."""


class IntegrityBroken(TerminalError):
    """Bytes read back differ from the bytes whose hash was recorded."""


class ContractBroken(TerminalError):
    """A table or message that we built breaks the schema it promised."""


class PartnerRefused(TerminalError):
    """A partner's server refuses our key, or does not show the key it is known by. Trying again locks accounts."""


class Refusal(RelaisError):
    """A counterpart's input is refused. Carries the motive code that the sender receives.

    `motive` is a code of `data_contracts.motives`; `said` is the detail in both languages, `to_do` what the sender does
    about it. `what` and `remedy` are their English sides, `what_fr` the French one of the first.
    """

    GENERAL: ClassVar[str] = "motive-{motive}"
    """The message of the catalogue whose remedy holds for what has none of its own."""

    def __init__(self, motive: str, said: Sentences, to_do: Sentences, *, where: str = "", value: str = "") -> None:
        self.motive = motive
        self.said = said
        self.to_do = to_do
        super().__init__(said.en, where=where, value=value, remedy=to_do.en)

    @classmethod
    def saying(
        cls, motive: str, message_id: str, *, where: str = "", value: str = "", **values: Value | Sentences
    ) -> Self:
        """The refusal that a message of the catalogue tells, its values filled in.

        Shape    what to do is the message's `.remedy`, or where it has none, that of its motive.
        Errors   ContractBroken as of `messages.told`.
        """
        # The catalogue is loud by errors of this page, so it cannot be read before this page is.
        from data_contracts.messages import both, remedy

        general = cls.GENERAL.format(motive=motive)
        return cls(motive, both(message_id, **values), remedy(message_id, general, **values), where=where, value=value)

    @property
    def what_fr(self) -> str:
        return self.said.fr


class FlowRefused(Refusal):
    """The whole flow is not admissible (irrecevable). `motive` is an IRR_* code."""


class DocumentUnreadable(Refusal):
    """One document of an admitted flow cannot be read as an invoice."""
