"""`relais check`: what the official rules say of invoices, before they are sent."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data_contracts.errors import ConfigurationError
from relais.cache import cache_dir
from relais.progress import progress_bar

if TYPE_CHECKING:
    from pipelines.validation.check import Demand, Engine
    from relais.checking_inputs import Given, Refused
    from relais.checking_lines import DocumentLine

NOTHING_INVALID, SOMETHING_INVALID = 0, 1


class CheckFormat(StrEnum):
    JSONL = "jsonl"
    TABLE = "table"
    HTML = "html"


class AskedSyntax(StrEnum):
    AUTO = "auto"
    UBL = "ubl"
    CII = "cii"
    FACTURX = "facturx"
    CPP_MIXED = "cpp_mixed"


class Language(StrEnum):
    FRENCH = "fr"
    ENGLISH = "en"


def check(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="XML, Factur-X PDF, tar.gz, tar or zip files, and directories, which are searched through."
        ),
    ],
    rules: Annotated[
        str | None,
        typer.Option(
            metavar="SET[,SET]",
            help="Rule sets: en16931, br-fr, extended-ctc-fr, factur-x, or coordinates as `relais rules list` shows "
            "them, with or without version. Left out: the rules of each document's profile.",
        ),
    ] = None,
    syntax: Annotated[
        AskedSyntax, typer.Option(help="The syntax that every document must have; auto takes each as it is.")
    ] = AskedSyntax.AUTO,
    format: Annotated[
        CheckFormat,
        typer.Option(help="jsonl: a line a document. table: for a terminal. html: a page to read or print."),
    ] = CheckFormat.JSONL,
    out: Annotated[Path | None, typer.Option(help="File to write; standard output if left out.")] = None,
    xsd: Annotated[
        bool,
        typer.Option("--xsd/--no-xsd", help="Whether the XML schema is asked; without it, fragments can be checked."),
    ] = True,
    language: Annotated[
        Language, typer.Option("--language", "--lang", help="Language of table and page; lines hold both.")
    ] = Language.FRENCH,
    cache: Annotated[
        Path | None, typer.Option(help="Directory of compiled rules, this user's alone. [default: ~/.cache/relais]")
    ] = None,
    home: Annotated[
        Path | None, typer.Option(help="Home whose added rule files judge too; as `relais rules add --home`.")
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day whose rule files judge. [default: today]"),
    ] = None,
) -> None:
    """Check invoices against the official schemas and rules, before they are sent.

    Each document is valid, invalid, or undetermined when a layer that was asked for could not run. A finding says which
    rule, where, what was found, and why, in French and in English.

    `relais check invoice.xml` judges by the document's own profile. `relais check flow.tar.gz --rules en16931,br-fr
    --format table` adds the French rules. `relais check invoices/ --format html --out report.html` writes a page for
    whoever made the invoices.

    Exit codes: 0 nothing invalid, 1 something invalid or undetermined, 2 usage or configuration, 3 operating failure.
    """
    from connectors.rule_register import read_register, rules_dir
    from data_contracts.interfaces import Syntax
    from relais.checking_inputs import files_of
    from relais.checking_reports import opened
    from relais.rule_names import demand_for

    found = files_of(paths)
    if found.left_out:
        typer.echo(f"{found.left_out} files left out: neither XML, PDF nor archive", err=True)
    if not found.files:
        raise ConfigurationError("there is no document to check", where=", ".join(map(str, paths)))
    day = _day(on)
    register = read_register(rules_dir(home))
    wanted = None if syntax is AskedSyntax.AUTO else Syntax(syntax.value)
    demand = demand_for(_names(rules), register, day, xsd=xsd, syntax=wanted)
    engine = _engine(cache_dir(cache))
    spoiled = False
    # On one terminal, a bar would be drawn over the results.
    alone = out is not None or not sys.stdout.isatty()
    with progress_bar(shown=alone) as bar, opened(format.value, out, language.value, day) as report:
        task = bar.add_task("files read", total=len(found.files))
        items = _items(found.files, lambda: bar.advance(task))
        for line in told(items, demand, engine, xsd=xsd):
            report.add(line)
            spoiled = spoiled or line["verdict"] != "valid"
            bar.update(task, description=f"{report.count:,} documents checked, files read")
    raise typer.Exit(SOMETHING_INVALID if spoiled else NOTHING_INVALID)


def told(items: Iterator[Given | Refused], demand: Demand, engine: Engine, *, xsd: bool) -> Iterator[DocumentLine]:
    """What is told of each document, in order, judged so many at once that memory stays bounded."""
    from data_contracts.limits import BATCH_DOCUMENTS_MAX, JUDGED_BYTES_MAX
    from relais.checking_inputs import Given

    part: list[Given | Refused] = []
    weight = 0
    for item in items:
        size = len(item.document.data) if isinstance(item, Given) else 0
        if part and (weight + size > JUDGED_BYTES_MAX or len(part) == BATCH_DOCUMENTS_MAX):
            yield from _judged(part, demand, engine, xsd=xsd)
            part, weight = [], 0
        part.append(item)
        weight += size
    yield from _judged(part, demand, engine, xsd=xsd)


def _judged(part: list[Given | Refused], demand: Demand, engine: Engine, *, xsd: bool) -> Iterator[DocumentLine]:
    from pipelines.validation.check import checked
    from relais.checking_inputs import Given
    from relais.checking_lines import lines_of, refused_line

    given = [item for item in part if isinstance(item, Given)]
    lines = lines_of(given, checked([(item.document, demand) for item in given], engine, lambda _step: None), xsd=xsd)
    for item in part:
        yield next(lines) if isinstance(item, Given) else refused_line(item)


def _items(files: tuple[Path, ...], read: Callable[[], None]) -> Iterator[Given | Refused]:
    from relais.checking_inputs import documents_of

    for number, file in enumerate(files):
        yield from documents_of(file, number)
        read()


def _names(rules: str | None) -> list[str]:
    if rules is None:
        return []
    names = [name.strip() for name in rules.split(",") if name.strip()]
    if not names:
        raise ConfigurationError(
            "no rule set is named", where="--rules", value=rules, remedy="name one, or leave it out"
        )
    return names


def _day(on: datetime | None) -> date:
    from connectors.clock import SystemClock
    from pipelines.validation.control_date import control_date

    return control_date(SystemClock().now()) if on is None else on.date()


def _engine(folder: Path) -> Engine:
    """Compiled rules with the official engine behind them. Evidence of a difference is kept beside the cache."""
    from connectors.object_storage import LocalStore
    from pipelines.validation.standing_engine import standing_engine

    store = LocalStore(folder / "evidence")
    store.prepare()
    return standing_engine(folder, store)
