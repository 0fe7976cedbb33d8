"""What `relais rules` tells of rule sets and rules, as rows for a program and as tables for a person."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from data_contracts.errors import ConfigurationError
from data_contracts.rule_sets import RuleRegister, RuleSet
from data_contracts.tables import Flag
from data_contracts.terms import TERMS
from pipelines.validation.compiled.plan import compiled
from pipelines.validation.compiled.plan import coverage as coverage_of
from pipelines.validation.explain import terms
from pipelines.validation.judge import NO_ID, Hit
from pipelines.validation.management_rules import RULE_BY_ID
from pipelines.validation.rule_files import digest, file_of
from pipelines.validation.sentences import sentence
from relais import management_rules as management
from relais.rule_names import known
from relais.rule_texts import RuleText, rule_texts

Row = dict[str, Any]
DIGEST_SHOWN = 12
ALIKE_SHOWN = 5


def listing(register: RuleRegister, cache: Path) -> list[Callable[[], Row]]:
    """What makes the row of each rule set: our own, installed ones, registered ones."""
    days = {release.rule_set: release.valid_from.isoformat() for release in register.releases}
    return [management.listed, *(partial(_listed, rule_set, days.get(rule_set), cache) for rule_set in known(register))]


def _listed(rule_set: RuleSet, valid_from: str | None, cache: Path) -> Row:
    plan = compiled(rule_set, cache)
    flags = Counter(statement.flag for rule in plan.rules() for statement in rule.asserts)
    told = coverage_of(plan)
    return {
        "coordinate": rule_set.coordinate,
        "file": rule_set.file or f"{rule_set.package}/{rule_set.path}",
        "sha256": digest(rule_set),
        "asserts": told.total,
        "fatal": flags[Flag.FATAL.value],
        "warning": flags[Flag.WARNING.value],
        "compiled": told.compiled,
        "valid_from": valid_from,
    }


def listing_table(rows: list[Row]) -> RenderableType:
    """The rows of `listing` as a table. A set without a first day is the installed one."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), collapse_padding=True)
    for heading in ("Coordinate", "Digest", "Valid from", "Fatal", "Warning", "Compiled", "File"):
        table.add_column(heading, justify="right" if heading in {"Fatal", "Warning", "Compiled"} else "left")
    for row in rows:
        table.add_row(
            Text(row["coordinate"]),
            row["sha256"][:DIGEST_SHOWN],
            row["valid_from"] or "installed",
            str(row["fatal"]),
            str(row["warning"]),
            f"{row['compiled']} of {row['asserts']}",
            Text(Path(row["file"]).name if row["valid_from"] is None else row["file"], overflow="fold"),
        )
    return table


def shown_rule(rule: str, register: RuleRegister) -> list[Row]:
    """A row for each assert of that id, set by set, our own last. Errors: ConfigurationError when no set has it, with
    ids like it."""
    rows: list[Row] = []
    ids = set(RULE_BY_ID)
    for rule_set in known(register):
        for text in rule_texts(file_of(rule_set)):
            ids.add(text.rule)
            if text.rule.casefold() == rule.casefold():
                rows.append(_shown(rule_set, text))
    rows += management.shown(rule)
    if not rows:
        alike = difflib.get_close_matches(rule.upper(), sorted(ids), n=ALIKE_SHOWN)
        raise ConfigurationError(
            "no rule set has this rule",
            where="rule id",
            value=rule,
            remedy=f"look at {', '.join(alike)}" if alike else "write it as the official files do, such as BR-CO-10",
        )
    return rows


def _shown(rule_set: RuleSet, text: RuleText) -> Row:
    identifier = "" if text.rule == NO_ID else text.rule
    french, english = sentence(rule_set.coordinate, identifier, text.sentence, rule_set.language)
    codes = terms(Hit(text.rule, text.flag, "", text.sentence))
    return {
        "rule_set": rule_set.coordinate,
        "sha256": digest(rule_set),
        "rule": text.rule,
        "flag": text.flag,
        "terms": [
            {"code": code, "name_fr": TERMS[code].name_fr, "name_en": TERMS[code].name_en}
            for code in codes
            if code in TERMS
        ],
        "official": text.sentence,
        "message_fr": french,
        "message_en": english,
        "context": text.context,
        "test": text.test,
        "broken_when": text.report,
    }


def shown_texts(rows: list[Row]) -> list[RenderableType]:
    """The rows of `shown_rule`, one below the other."""
    return [management.shown_text(row) if "circuits" in row else _shown_text(row) for row in rows]


def _shown_text(row: Row) -> RenderableType:
    head = Text(row["rule"], style="bold")
    head.append(f"  {row['flag']}", style="red" if row["flag"] == Flag.FATAL.value else "yellow")
    head.append(f"  {row['rule_set']}", style="dim")
    body = Table.grid(padding=(0, 2))
    body.add_column(style="dim", no_wrap=True)
    body.add_column(overflow="fold")
    for term in row["terms"]:
        body.add_row(term["code"], Text(f"{term['name_en']} / {term['name_fr']}"))
    facts = (
        ("official", row["official"]),
        ("French", row["message_fr"]),
        ("English", row["message_en"]),
        ("context", row["context"]),
        ("broken if" if row["broken_when"] else "test", row["test"]),
    )
    for name, value in facts:
        body.add_row(name, Text(value))
    return Group(head, Padding(body, (0, 0, 1, 2)))
