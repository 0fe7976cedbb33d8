"""`relais directory`: load the directory, look at what it says of one key, and at what differs between versions."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from data_contracts.limits import MEGABYTE
from data_contracts.messages import Language
from relais.at_home import Home, Json, settings_of
from relais.progress import progress_bar

directory = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="The directory of structures, services and addresses that routing goes by.\n\n"
    "`load` takes an F14 file of the public portal (`.xml`, `.xml.gz`; full, or the differential that follows on what\n"
    "is in force), or a folder of registers: `structures` with `services`, `addresses`, `receivers`, as `.csv` or\n"
    "`.parquet`. Whatever stops a load, the version before stays in force. Flows are routed as of their deposit date.",
)

LIMIT = 100
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As of a day. [default: today]")]
Speaking = Annotated[Language, typer.Option("--language", help="Language of what is told.")]


@directory.command()
def load(
    source: Annotated[
        Path, typer.Argument(exists=True, metavar="FILE|FOLDER", help="An F14 file, or a folder of registers.")
    ],
    home: Home = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day it holds for. [default: the day of its production]"),
    ] = None,
    accept_shrinking: Annotated[
        bool, typer.Option("--accept-shrinking", help="Take a full file with less than half of what is in force.")
    ] = False,
    language: Speaking = Language.EN,
    as_json: Json = False,
) -> None:
    """Load a directory file as the version in force, and tell what it holds and what was left out.

    Example: `relais directory load annuaire.xml.gz`
    """
    from connectors.assembly import clock_of
    from connectors.directory import loading
    from relais.directory_tables import loaded_lines

    settings = settings_of(home)
    with progress_bar() as bar:
        task = bar.add_task("load the directory (MB)", total=None)
        done = loading.load(
            source,
            settings.directory_versions,
            at=clock_of(settings).now(),
            since=since.date() if since else None,
            accept_shrinking=accept_shrinking,
            progress=lambda read, total: bar.update(task, completed=read // MEGABYTE, total=total // MEGABYTE),
        )
    if as_json:
        typer.echo(_json(asdict(done)))
        return
    for line in loaded_lines(done, language, beside_registers=settings.directory_dir is not None):
        typer.echo(line)


@directory.command()
def show(
    key: Annotated[str, typer.Argument(metavar="SIRET|SIREN|ADDRESS", help="Addresses are matched whole.")],
    home: Home = None,
    on: Day = None,
    language: Speaking = Language.EN,
    as_json: Json = False,
) -> None:
    """Show what the directory says of a structure, a unit or an address as of a day. Exit code 1: nothing.

    Example: `relais directory show 21750001600019 --on 2026-11-20`
    """
    from connectors.assembly import clock_of, directory_of
    from connectors.directory.showing import shown

    settings = settings_of(home)
    day = on.date() if on else clock_of(settings).now().date()
    found = shown(directory_of(settings), key.strip(), day)
    if as_json:
        lines = [asdict(line) | {"in_force": line in found.in_force} for line in found.lines]
        typer.echo(_json({**asdict(found), "lines": lines, "in_force": len(found.in_force)}))
    else:
        from relais.directory_tables import shown_parts

        _print(shown_parts(found, language))
    raise typer.Exit(0 if found.found else 1)


@directory.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="A", help="Version: name, number, `current` or `previous`.")],
    new: Annotated[str, typer.Argument(metavar="B", help="The version that came after.")],
    home: Home = None,
    limit: Annotated[int, typer.Option(min=0, help="Rows shown of what differs.")] = LIMIT,
    language: Speaking = Language.EN,
    as_json: Json = False,
) -> None:
    """Tell which structures, services, addresses, units and platforms were added, removed or changed from A to B.

    With `--json` one line a change.

    Example: `relais directory diff previous current`
    """
    from connectors.directory.comparing import changes
    from connectors.directory.versions import named, read_versions

    folder = settings_of(home).directory_versions
    versions = read_versions(folder)
    first, second = named(versions, old), named(versions, new)
    found = changes(folder, first, second)
    if as_json:
        for change in found:
            typer.echo(_json(asdict(change)))
        return
    from relais.directory_tables import change_parts

    _print(change_parts(found, first, second, limit, language))


@directory.command()
def versions(home: Home = None, language: Speaking = Language.EN, as_json: Json = False) -> None:
    """List the versions that are kept, oldest first: the last is in force.

    Example: `relais directory versions`
    """
    from connectors.directory.versions import read_versions

    rows = read_versions(settings_of(home).directory_versions)
    if as_json:
        for row in rows:
            typer.echo(_json(asdict(row)))
        return
    from relais.directory_tables import version_parts

    _print(version_parts(rows, language))


def _print(parts: list[Any]) -> None:
    from relais.wide_console import wide_console

    console = wide_console()
    for part in parts:
        console.print(part)


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    return str(value)
