"""What is read from an official rule file: patterns, rules, asserts. Plain data, kept on disk by `rule_cache`."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.validation.compiled.evaluation.functions import FileFunction
from pipelines.validation.compiled.rule_files.trees import Tree

Part = str | Tree
"""A piece of a sentence: literal text, or the tree of a value."""


@dataclass(frozen=True)
class Assert:
    """One assert, or one report. It is broken where `test` is false (a report: true).

    `refusal` is why the test or sentence is not read, empty when they are.
    """

    rule: str
    flag: str
    report: bool
    test: Tree
    sentence: tuple[Part, ...]
    refusal: str


@dataclass(frozen=True)
class Rule:
    """One template: a context and its asserts. `goes_on` says whether nodes below are looked at in this pattern."""

    match: str
    context: Tree
    refusal: str
    priority: float
    variables: tuple[tuple[str, Tree | str], ...]
    asserts: tuple[Assert, ...]
    goes_on: bool


@dataclass(frozen=True)
class Pattern:
    """One pattern: of its rules only the first that matches a node judges it. Rules stand by falling priority."""

    mode: str
    rules: tuple[Rule, ...]
    attributes: bool


@dataclass(frozen=True)
class RuleFile:
    """A rule file. `variables` are the global ones; a text in place of a tree is why it is not read."""

    patterns: tuple[Pattern, ...]
    variables: tuple[tuple[str, Tree | str], ...]
    functions: tuple[FileFunction, ...]
    refused_functions: tuple[tuple[str, str], ...]
    code_lists: dict[tuple[str, str], tuple[str, ...]]
    known_location: bool
