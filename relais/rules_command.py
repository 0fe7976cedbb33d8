"""`relais rules`: which official rule files judge, what a rule says, what is compiled, and adding a new release."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from data_contracts.interfaces import Circuit
from relais.cache import cache_dir
from relais.progress import progress_bar

if TYPE_CHECKING:
    from rich.console import RenderableType

    from data_contracts.rule_sets import RuleRegister


rules = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Official rule files: what judges, what a rule says, what is compiled, and how a new release is added.\n\n"
    "**A new release**: `relais rules add EN16931-UBL-validation.xslt --name eu.cen.en16931.ubl:1.3.17 --valid-from "
    "2026-12-01`. From that day it judges in place of the file before; verdicts given earlier keep naming theirs.",
)


class RulesFormat(StrEnum):
    TABLE = "table"
    JSON = "json"


class PageFormat(StrEnum):
    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


Home = Annotated[
    Path | None,
    typer.Option(help="Home whose added files count. [default: RELAIS_HOME, else this user's own directory]"),
]
Cache = Annotated[
    Path | None, typer.Option(help="Directory of compiled rules, this user's alone. [default: ~/.cache/relais]")
]
How = Annotated[RulesFormat, typer.Option("--format", help="table for a person, json for a program.")]


@rules.command("list")
def list_sets(home: Home = None, cache: Cache = None, format: How = RulesFormat.TABLE) -> None:
    """List the rule sets: coordinate, file, digest, asserts, how many are compiled, and from which day they judge.

    A verdict names what judged it, file by file, then our own rules, as `coordinate@digest`; the digests stand here.

    Example: `relais rules list`
    """
    from relais.rule_tables import listing, listing_table

    register = _register(home)
    rows = _one_by_one("rule sets read", listing(register, cache_dir(cache)))
    _print(rows, format, lambda: [listing_table(rows)])


@rules.command()
def show(
    rule: Annotated[str, typer.Argument(help="A rule id, such as BR-CO-10 or BR-FR-01_BT-1.")],
    home: Home = None,
    format: How = RulesFormat.TABLE,
) -> None:
    """Show what a rule says in every set that has it.

    Flag, business terms in both languages, the official sentence, the French and English ones, the context that it
    looks at, and its test in XPath.

    Example: `relais rules show BR-CO-10`
    """
    from relais.rule_tables import shown_rule, shown_texts

    rows = shown_rule(rule, _register(home))
    _print(rows, format, lambda: shown_texts(rows))


@rules.command()
def management(
    circuit: Annotated[Circuit | None, typer.Option(help="Those asked on one circuit alone.")] = None,
    format: Annotated[
        PageFormat, typer.Option(help="table for a person, json for a program, markdown for a page.")
    ] = PageFormat.TABLE,
) -> None:
    """List Chorus Pro's management rules: sentence, how a breach weighs on each circuit, and how well that is known.

    Ids that begin with G are DGFiP's; RLS-CPRO are ours. A rule is fatal only where its source speaks of the circuit.

    Example: `relais rules management --circuit afnor`
    """
    from relais.management_rules import management_page, management_rows, management_table

    if format is PageFormat.MARKDOWN:
        typer.echo(management_page(), nl=False)
        return
    rows = management_rows(circuit)
    _print(rows, RulesFormat(format.value), lambda: [management_table(rows)])


@rules.command()
def coverage(
    name: Annotated[
        str | None, typer.Argument(metavar="[SET]", help="A short name or coordinate; every set if left out.")
    ] = None,
    over: Annotated[
        list[Path] | None,
        typer.Option(help="Documents, archives or directories: contexts that match nothing in them are told."),
    ] = None,
    home: Home = None,
    cache: Cache = None,
    format: How = RulesFormat.TABLE,
) -> None:
    """Tell how many asserts of each set are compiled, of the others why not, and which contexts judge nothing.

    A document that reaches an assert which is not compiled is judged by the official engine: slower, never wrong. A
    context judges nothing where a rule before it claims all its nodes, or, with `--over`, where no document has any: it
    is rare, or the file says what its publisher did not mean.

    Example: `relais rules coverage en16931 --over invoices/`
    """
    from relais.rule_coverage import coverage_tables, covered, paths_met

    register = _register(home)
    paths = paths_met(over) if over else None
    rows = _one_by_one("rule sets read", covered(name, register, cache_dir(cache), _today(), paths))
    _print(rows, format, lambda: coverage_tables(rows))


@rules.command()
def add(
    file: Annotated[Path, typer.Argument(help="The official file, .xslt or .sch; what it reads lies beside it.")],
    name: Annotated[str, typer.Option(help="Coordinate, group:version, such as eu.cen.en16931.ubl:1.3.17.")],
    valid_from: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day on which it judges.")],
    home: Home = None,
    cache: Cache = None,
) -> None:
    """Add a new release of an official rule file; from its day on it judges for its group.

    The file is read, compiled and tried by the official engine first, and what differs from the file before is told. It
    is then copied, so the original may go. A file of which nothing compiles is refused.

    Example: `relais rules add EN16931-UBL-validation.xslt --name eu.cen.en16931.ubl:1.3.17 --valid-from 2026-12-01`
    """
    from connectors.rule_register import add_release, installed_of, rules_dir
    from relais.rule_adding import examined

    folder = rules_dir(home)
    found = examined(file, name, installed_of(name), _register(home), valid_from.date(), cache_dir(cache))
    release = add_release(folder, file, found.beside, name, valid_from.date())
    typer.echo(f"{name} judges from {release.valid_from.isoformat()}, kept as {release.rule_set.file}")
    for line in found.lines:
        typer.echo(line)


def _register(home: Path | None) -> RuleRegister:
    from connectors.rule_register import read_register, rules_dir

    return read_register(rules_dir(home))


def _today() -> Any:
    from connectors.clock import SystemClock
    from pipelines.validation.control_date import control_date

    return control_date(SystemClock().now())


def _one_by_one(said: str, rows: Sequence[Callable[[], Any]]) -> list[Any]:
    """What these give, with a bar while they work: reading a new rule file takes half a second."""
    with progress_bar() as bar:
        return [row() for row in bar.track(rows, description=said)]


def _print(rows: Iterable[Any], format: RulesFormat, parts: Callable[[], Iterable[RenderableType]]) -> None:
    if format is RulesFormat.JSON:
        typer.echo(json.dumps(list(rows), ensure_ascii=False, indent=1))
        return
    from relais.wide_console import wide_console

    console = wide_console()
    for part in parts():
        console.print(part)
