"""Chorus Pro's management rules as Relais judges them: rows for a program, tables for a person, a page for the docs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from data_contracts.interfaces import Circuit
from data_contracts.tables import Flag
from data_contracts.terms import term
from pipelines.validation.management_rules import FAMILIES, PACKAGE, RULE_BY_ID, RULE_SET, RULES, digest
from pipelines.validation.management_sentences import sentences
from pipelines.validation.rules.elsewhere import ELSEWHERE
from pipelines.validation.rules.family import Rule

Row = dict[str, Any]
CIRCUITS = {Circuit.CHORUS_PRO: "Historical", Circuit.AFNOR: "AFNOR"}
VALUE = "…"
"""Stands for a value of the invoice, as in the sentences of official rules."""

PAGE_HEAD = """# Management rules

Chorus Pro's management rules as Relais judges them, beside the official files of EN 16931 and of the French reform.
This page is written by `relais rules management --format markdown`; a test holds it to the rules.

An id that begins with G is DGFiP's (annex 7); `RLS-CPRO-nn` is ours. Under each circuit stands how a breach weighs
there: **fatal** rejects the invoice, a warning is told and rejects nothing. A rule is fatal only where its source
speaks of that very circuit (verified); what is inferred from the other circuit or from the state of the art, or known
second-hand from software that works with Chorus Pro, warns.

Where an official rule finds the same fault of the same terms, and weighs as much, ours stays silent: the last column
names those. Duplicates are found at settlement; service codes, orders and FACTURES_PUBLIQUES are judged by the
directory, when the invoice is routed.
"""


def management_rows(circuit: Circuit | None = None) -> list[Row]:
    """One row a rule, family by family; those asked on one circuit alone when it is given."""
    return [_row(rule) for rule in RULES if circuit is None or circuit in rule.on]


def listed() -> Row:
    """The row of our own rules among the rule sets of `relais rules list`."""
    fatal = sum(any(rule.flag_on(circuit) is Flag.FATAL for circuit in rule.on) for rule in RULES)
    return {
        "coordinate": RULE_SET,
        "file": PACKAGE,
        "sha256": digest(),
        "asserts": len(RULES),
        "fatal": fatal,
        "warning": len(RULES) - fatal,
        "compiled": len(RULES),
        "valid_from": None,
    }


def shown(rule_id: str) -> list[Row]:
    """The row of a rule as `relais rules show` prints it; none when the id is not ours to judge."""
    return [_row(rule) for name, rule in RULE_BY_ID.items() if name.casefold() == rule_id.casefold()]


def _row(rule: Rule) -> Row:
    expected = rule.expected if isinstance(rule.expected, str) else VALUE
    said = sentences(rule.id, VALUE, expected)
    known = [(code, term(code)) for code in rule.terms]
    return {
        "rule_set": RULE_SET,
        "sha256": digest(),
        "rule": rule.id,
        "family": next(name for name, rules in FAMILIES.items() if rule in rules),
        "ours": rule.ours,
        "circuits": {
            circuit.value: {"flag": rule.flag_on(circuit).value, "certainty": rule.on[circuit].value}
            for circuit in Circuit
            if circuit in rule.on
        },
        "terms": [{"code": code, "name_fr": found.name_fr, "name_en": found.name_en} for code, found in known if found],
        "message_fr": said.fr,
        "message_en": said.en,
        "expected": expected if rule.expected is not None else None,
        "source": rule.source,
        "repeats": list(rule.repeats),
    }


def management_table(rows: Sequence[Row]) -> RenderableType:
    """The rows as a table."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), collapse_padding=True)
    for heading in ("Rule", "Terms", *CIRCUITS.values(), "Sentence"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        weights = [_weight(row, circuit) for circuit in CIRCUITS]
        terms = " ".join(one["code"] for one in row["terms"])
        table.add_row(Text(row["rule"], no_wrap=True), terms, *weights, Text(row["message_en"]))
    return table


def _weight(row: Row, circuit: Circuit) -> str:
    asked = row["circuits"].get(circuit.value)
    return f"{asked['flag']}, {asked['certainty']}" if asked else ""


def shown_text(row: Row) -> RenderableType:
    """One rule, as `relais rules show` prints it for a person."""
    head = Text(row["rule"], style="bold")
    head.append("  ours" if row["ours"] else "  DGFiP's, judged by ours", style="green")
    head.append(f"  {row['rule_set']}", style="dim")
    body = Table.grid(padding=(0, 2))
    body.add_column(style="dim", no_wrap=True)
    body.add_column(overflow="fold")
    for one in row["terms"]:
        body.add_row(one["code"], Text(f"{one['name_en']} / {one['name_fr']}"))
    for circuit, name in CIRCUITS.items():
        body.add_row(name, Text(_weight(row, circuit) or "not asked"))
    facts = (
        ("French", row["message_fr"]),
        ("English", row["message_en"]),
        ("expected", row["expected"] or "-"),
        ("source", row["source"]),
        ("repeats", ", ".join(row["repeats"]) or "-"),
    )
    for name, value in facts:
        body.add_row(name, Text(value))
    return Group(head, Padding(body, (0, 0, 1, 2)))


def management_page() -> str:
    """The page of the documentation, in Markdown."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield PAGE_HEAD
    for family in FAMILIES:
        yield f"## {family.upper() if family == 'vat' else family.capitalize()}\n"
        yield "| Id | Sentence | Historical | AFNOR | Source | Official rules that say the same |"
        yield "| --- | --- | --- | --- | --- | --- |"
        for row in management_rows():
            if row["family"] == family:
                cells = (
                    row["rule"],
                    f"{row['message_en']}<br>{row['message_fr']}",
                    *(_weight(row, circuit).replace("fatal", "**fatal**") for circuit in CIRCUITS),
                    row["source"],
                    ", ".join(row["repeats"]),
                )
                yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        yield ""
    yield "## Rules of DGFiP that are judged elsewhere\n"
    yield "| Id | About | Judged by |"
    yield "| --- | --- | --- |"
    for one in ELSEWHERE:
        yield f"| {one.id} | {one.about} | {'; '.join(filter(None, (', '.join(one.by), one.note)))} |"
    yield ""
    yield (
        "The historical annex has rules of which only the ids are public (G1.06, G1.16 to G1.19 on bank details, "
        "G2.13, G2.17, G2.18, G3.01, G3.04): none of the ids above claims to be one of them."
    )
