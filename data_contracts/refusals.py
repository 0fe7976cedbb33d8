"""Refusals: the branch of `data_contracts.errors` that counterparts are told of, in both languages, with what to do."""

from __future__ import annotations

from typing import ClassVar, Self

from data_contracts.errors import RelaisError
from data_contracts.messages import Sentences, Value, both, remedy


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
        general = cls.GENERAL.format(motive=motive)
        return cls(motive, both(message_id, **values), remedy(message_id, general, **values), where=where, value=value)

    @property
    def what_fr(self) -> str:
        return self.said.fr


class FlowRefused(Refusal):
    """The whole flow is not admissible (irrecevable). `motive` is an IRR_* code."""


class DocumentUnreadable(Refusal):
    """One document of an admitted flow cannot be read as an invoice."""
