"""How a bench shows its figures: tables on a terminal or in a file, or one JSON document; with the machine's load."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

import typer
from rich.console import RenderableType

from relais.wide_console import wide_console


def show_with_load(figures: dict[str, Any] | Sequence[RenderableType]) -> None:
    """Print a JSON document, or tables, with the load of the machine at the end: others may have worked beside."""
    load = os.getloadavg()
    if isinstance(figures, dict):
        print_json(figures | {"load": load})
    else:
        print_parts([*figures, f"Load {', '.join(f'{one:.2f}' for one in load)} at the end."])


def print_parts(parts: Sequence[RenderableType]) -> None:
    """Print tables and sentences."""
    console = wide_console()
    for part in parts:
        console.print(part)


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document."""
    typer.echo(json.dumps(document, ensure_ascii=False, default=str))
