"""Where commands print their tables: as wide as the terminal, and in a file wide enough to hold a table's rows."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console

FILE_WIDTH = 160
"""Characters of a line in a file or a pipe: nothing is folded."""


def wide_console(stream: TextIO | None = None, *, width: int = FILE_WIDTH, highlight: bool = True) -> Console:
    """A console on a stream, or on standard output; `width` counts characters, and is for what is no terminal."""
    console = Console(file=stream, highlight=highlight)
    if not console.is_terminal:
        console.width = width
    return console
