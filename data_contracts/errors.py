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

Refusals are told to partners, in French and in English, with what to do: `data_contracts.refusals`. All others are for
those who run Relais and stand in logs, in English.
"""

from __future__ import annotations


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
