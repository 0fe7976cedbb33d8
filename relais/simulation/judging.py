"""A judge that decides by content: no rules are run, but documents may kill or hold up whoever judges them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from data_contracts.rule_sets import RuleSet
from pipelines.parsing.documents import Document
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
