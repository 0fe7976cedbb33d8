"""What is shown while a command works: a bar on a terminal's error stream, nothing elsewhere."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


def progress_bar(*, shown: bool = True) -> Progress:
    """A progress bar on a terminal, nothing elsewhere, nor when `shown` is false."""
    console = Console(stderr=True)
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        # Results on standard output are not its to redraw: they may go to a file while errors go to a terminal.
        redirect_stdout=False,
        disable=not (shown and console.is_terminal),
    )
