"""What `relais rules coverage` tells: what of each rule set is compiled, and which of its contexts judge nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path

from lxml import etree
from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from data_contracts.refusals import DocumentUnreadable
from data_contracts.rule_sets import RuleRegister, RuleSet
from pipelines.parsing.opening import opened
from pipelines.parsing.path_tables import PathDictionary
from pipelines.parsing.tree_tables import shredded
from pipelines.parsing.xml_gate import gated
from pipelines.validation.compiled.plan import compiled
from pipelines.validation.compiled.plan import coverage as coverage_of
from pipelines.validation.compiled.unreached import Unreached, shadowed_contexts, unmatched_contexts
from pipelines.validation.rule_files import digest
from relais.checking_inputs import Given, documents_of, files_of
from relais.rule_names import asked, known
from relais.rule_tables import Row


def covered(
    name: str | None, register: RuleRegister, cache: Path, on: date, paths: PathDictionary | None
) -> list[Callable[[], Row]]:
    """What makes the coverage of each set that a name stands for.

    Nulls    without `paths`, those of documents, contexts that no document has are not known.
    Errors   ConfigurationError when the name stands for none.
    """
    chosen = known(register) if name is None else asked([name], register, on)[0].rule_sets
    return [partial(_covered, rule_set, cache, paths) for rule_set in chosen]


def paths_met(places: Sequence[Path]) -> PathDictionary:
    """The paths of the documents in files, archives and directories; what cannot be read as XML has none.

    Errors   ConfigurationError when a place does not exist.
    """
    paths = PathDictionary()
    for number, file in enumerate(files_of(places).files):
        for tree in _trees(file, number):
            shredded([tree], paths)
    return paths


def _trees(file: Path, number: int) -> Iterator[etree._ElementTree]:
    for one in documents_of(file, number):
        if isinstance(one, Given):
            try:
                yield gated(opened(one.document, None).xml)
            except DocumentUnreadable:
                continue


def _covered(rule_set: RuleSet, cache: Path, paths: PathDictionary | None) -> Row:
    plan = compiled(rule_set, cache)
    told = coverage_of(plan)
    return {
        "coordinate": rule_set.coordinate,
        "sha256": digest(rule_set),
        "asserts": told.total,
        "compiled": told.compiled,
        "uncompiled": [{"rule": rule, "reason": reason} for rule, reason in told.uncompiled],
        "shadowed": [_context(one) for one in shadowed_contexts(plan)],
        "unmatched": None if paths is None else [_context(one) for one in unmatched_contexts(plan, paths)],
    }


def _context(one: Unreached) -> Row:
    row: Row = {"context": " ".join(one.context.split()), "rules": list(one.asserts)}
    return {**row, "claimed_by": " ".join(one.claimed_by.split())} if one.claimed_by else row


def coverage_tables(rows: list[Row]) -> list[RenderableType]:
    """The rows of `covered`: a table of figures; then what is not compiled, and the contexts that judge nothing."""
    figures = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), collapse_padding=True)
    for heading in ("Coordinate", "Asserts", "Compiled", "Not compiled", "Share"):
        figures.add_column(heading, justify="left" if heading == "Coordinate" else "right")
    parts: list[RenderableType] = [figures]
    for row in rows:
        share = f"{100 * row['compiled'] / row['asserts']:.2f} %" if row["asserts"] else "-"
        left = len(row["uncompiled"])
        figures.add_row(Text(row["coordinate"]), str(row["asserts"]), str(row["compiled"]), str(left), share)
        parts += [Text(f"{row['coordinate']}  {line}") for line in _lines(row)]
    return parts


def _lines(row: Row) -> Iterator[str]:
    for one in row["uncompiled"]:
        yield f"{one['rule']}: {one['reason']}"
    for one in row["shadowed"]:
        yield f"judges nothing: {one['context']} ({_ids(one)}), since {one['claimed_by']} comes before it"
    for one in row["unmatched"] or ():
        yield f"matches nothing in these documents: {one['context']} ({_ids(one)})"


def _ids(one: Row) -> str:
    return ", ".join(one["rules"])
