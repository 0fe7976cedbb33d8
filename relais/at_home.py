"""The home that a command works on, and who works on it."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from data_contracts.errors import ConfigurationError, RelaisError

Home = Annotated[Path | None, typer.Option(help="Home of the ledger and the store. [default: RELAIS_HOME]")]
As = Annotated[str | None, typer.Option("--as", help="Who acts, as the ledger keeps it. [default: the user logged in]")]
Json = Annotated[bool, typer.Option("--json", help="For a program: JSON instead of a table.")]
Reason = Annotated[str, typer.Option(help="Why: kept in the ledger.")]


def opened(home: Path | None) -> Any:
    """The house (`connectors.assembly.House`) of a home, else of the one that RELAIS_HOME names. Errors as below."""
    return house_and_settings(home)[0]


def house_and_settings(home: Path | None) -> tuple[Any, Any]:
    """The house and its settings (`connectors.settings.Settings`), for work that opens the house again elsewhere."""
    from connectors.assembly import house

    settings = settings_of(home)
    return house(settings), settings


def settings_of(home: Path | None) -> Any:
    """The settings of a home, else of the one that RELAIS_HOME names.

    Errors   ConfigurationError when there is no such home, or it has no settings.
    """
    from connectors.settings import FILE_NAME, from_environment, load

    if home is None:
        return from_environment()
    if not (home / FILE_NAME).is_file():
        raise ConfigurationError(
            "this is not a home of Relais", where="--home", value=str(home), remedy=f"name a folder with {FILE_NAME}"
        )
    return load(home)


@dataclass
class Told:
    """How an action ended, as its entry in the ledger will say."""

    outcome: str = "done"


@contextmanager
def action(built: Any, who: str | None, what: str, arguments: Mapping[str, Any], reason: str) -> Iterator[Told]:
    """An operator's action: recorded before it begins and when it ends. One without an end was interrupted."""
    from data_contracts.operations import Action

    written = json.dumps(arguments, ensure_ascii=False, sort_keys=True, default=str)
    number = built.ledger.begin_action(Action(0, built.clock.now(), actor(who), what, written, reason))
    told = Told()
    try:
        yield told
    except RelaisError as error:
        built.ledger.end_action(number, built.clock.now(), f"failed: {error.what}")
        raise
    built.ledger.end_action(number, built.clock.now(), told.outcome)


def actor(who: str | None) -> str:
    """Who acts: the name given, else the user of this process."""
    name = (who or getpass.getuser()).strip()
    if not name or not name.isprintable():
        raise ConfigurationError("nobody is named", where="--as", value=name, remedy="give a name in plain characters")
    return name


def said(reason: str) -> str:
    """The reason. ConfigurationError if it says nothing, or cannot be written in an answer."""
    text = " ".join(reason.split())
    if not text or not text.isprintable():
        raise ConfigurationError("a reason is needed", where="--reason", value=reason, remedy="say why in a sentence")
    return text
