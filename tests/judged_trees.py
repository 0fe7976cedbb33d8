"""Trees judged by compiled rules."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from pipelines.parsing.path_tables import shared_paths
from pipelines.parsing.tree_tables import shredded
from pipelines.validation.compiled.judging import judge_tables
from pipelines.validation.compiled.plan import RuleSetPlan
from pipelines.validation.judge import Judgment


def judge_batch(trees: Sequence[etree._ElementTree], plan: RuleSetPlan) -> list[Judgment | None]:
    """As `judge_tables`, of documents as trees."""
    return judge_tables(shredded(trees, shared_paths()), plan)
