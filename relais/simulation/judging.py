"""A judge that decides by content: no rules are run, but documents may kill or hold up whoever judges them.

What checking finds in the same documents is computed once a process: a schedule then takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from unittest import mock

from data_contracts.rule_sets import RuleSet
from pipelines.parsing.documents import Document
from pipelines.validation import stage
from pipelines.validation.check import JUDGING, OPENING, TERMS, Demand, Engine, Step, checked
from pipelines.validation.checked import Checked
from pipelines.validation.judge import Judgment, Subjects

Meet = Callable[[Sequence[Document]], None]
"""Called with the documents before they are judged. It may raise."""


class ContentJudge:
    """A judge for which every document is good, once it has met them all."""

    def __init__(self, meet: Meet) -> None:
        self.meet = meet

    def judge_batch(self, subjects: Subjects, rule_set: RuleSet) -> list[Judgment]:
        """No findings: the official rules have their own tests."""
        return [Judgment(())] * len(subjects)


@contextmanager
def computed_once() -> Iterator[None]:
    """While it lasts, the check stage of this process computes the findings of the same documents once."""
    kept: dict[tuple[tuple[str, int, str], ...], Checked] = {}

    def found(documents: Collection[tuple[Document, Demand]], engine: Engine, step: Step) -> Checked:
        for _ in documents:
            step(OPENING)
        step(JUDGING)
        engine.judge.meet([document for document, _ in documents])  # type: ignore[attr-defined]
        step(TERMS)
        key = tuple((document.flow_key, document.position, document.sha256) for document, _ in documents)
        if key not in kept:
            kept[key] = checked(list(documents), engine, lambda _step: None)
        return kept[key]

    with mock.patch.object(stage, "checked", found):
        yield
