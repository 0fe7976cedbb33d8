"""The official BR-FR-CDV file, where an operator has given one (`relais rules add`), judges many CDARs at once.

No installed distribution carries it. Without it our own telling of the same rules judges (`cdv_rules`); with it they
stand back, and come in again for a document on which the official file throws.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from data_contracts.answers import FindingRow
from data_contracts.history import MESSAGE, StatusMessage
from data_contracts.limits import JUDGED_BYTES_MAX
from data_contracts.rule_sets import BR_FR_CDAR, RuleRegister, RuleSet
from pipelines.parsing.documents import Document
from pipelines.parsing.xml_gate import gated
from pipelines.tracking.findings import RULES_THREW, Place, finding
from pipelines.tracking.reading import read_cdar
from pipelines.validation.check import Demand, Due, Engine, Step, checked, in_parts

_ACKNOWLEDGEMENT = re.compile(r"AcknowledgementDocument(?:\[([0-9]+)\])?")
_REFERENCE = re.compile(r"ReferenceReferencedDocument(?:\[([0-9]+)\])?")
_UNDETERMINED = "undetermined"


Judgement = Callable[[Sequence[Document]], list[StatusMessage]]


@dataclass(frozen=True)
class StatusRules:
    """Where the official file is looked for, and what runs it. `engine` is made when the first file judges."""

    register: RuleRegister
    engine: Callable[[], Engine]

    def judgement_on(self, on: date) -> Judgement | None:
        """What judges CDARs of a day in place of our own telling of the rules; None where no file is given."""
        rule_set = official_rules(self.register, on)
        if rule_set is None:
            return None
        return lambda documents: judged(documents, rule_set, self.engine(), _unwatched)


def _unwatched(step: str) -> None:
    """A status flow has no lease to keep."""


def official_rules(register: RuleRegister, on: date) -> RuleSet | None:
    """The official file that judges CDARs on a day; None where none has been given."""
    rule_set = register.in_force(BR_FR_CDAR, on)
    return rule_set if rule_set.given else None


def judged(documents: Sequence[Document], rule_set: RuleSet, engine: Engine, step: Step) -> list[StatusMessage]:
    """The messages of CDARs, each with the findings of the official file instead of our own telling of it.

    Shape    message n is that of document n. All have been let through by `read_cdar` before.
    Errors   as `read_cdar`; ConfigurationError when the file is missing or does not compile.
    Cost     one run of the compiled rules over each part of `JUDGED_BYTES_MAX`; each document is read once more.
    """
    demand = Demand(None, lambda kind: Due(None, (rule_set,)), statuses=True)
    messages: list[StatusMessage] = []
    for part in in_parts(((document, demand) for document in documents), JUDGED_BYTES_MAX):
        told = checked(part, engine, step)
        messages += [
            _judged(document, findings, threw=verdict["verdict"] == _UNDETERMINED)
            for (document, _), findings, verdict in zip(part, told.findings, told.verdicts, strict=True)
        ]
    return messages


def _judged(document: Document, findings: Sequence[FindingRow], *, threw: bool) -> StatusMessage:
    message = read_cdar(document.data, own_rules=threw)
    if threw:
        return replace(message, findings=(finding(RULES_THREW, Place(MESSAGE)), *message.findings))
    firsts = _firsts(document.data) if findings and len(message.invoices) + len(message.flows) > 1 else [0]
    ours = [(_ordinal(one["location"] or "", firsts), one) for one in findings]
    placed = [(ordinal, FindingRow(**{**one, "flow_key": "", "position": ordinal})) for ordinal, one in ours]
    return replace(message, findings=tuple(sorted((*placed, *message.findings), key=lambda one: one[0])))


def _firsts(data: bytes) -> list[int]:
    """The ordinal of the first reference of each acknowledgement."""
    firsts, count = [], 0
    for acknowledgement in gated(data).getroot().iterchildren("{*}AcknowledgementDocument"):
        firsts.append(count)
        count += sum(1 for _ in acknowledgement.iterchildren("{*}ReferenceReferencedDocument"))
    return firsts


def _ordinal(location: str, firsts: Sequence[int]) -> int:
    """The status that a path leads to; `MESSAGE` for one that leads to none."""
    acknowledgement, reference = _ACKNOWLEDGEMENT.search(location), _REFERENCE.search(location)
    if acknowledgement is None or reference is None:
        return MESSAGE
    return firsts[int(acknowledgement[1] or 1) - 1] + int(reference[1] or 1) - 1
