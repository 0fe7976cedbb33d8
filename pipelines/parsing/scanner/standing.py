"""The scanner of this process: the one in C where it is built, else the one in Python."""

from __future__ import annotations

import logging
from functools import cache

from pipelines.parsing.scanner import native
from pipelines.parsing.scanner.automaton import SchemaAutomaton
from pipelines.parsing.scanner.reading import Scanner
from pipelines.parsing.scanner.reference import PythonScanner

log = logging.getLogger("relais.parsing")


def standing_scanner(automaton: SchemaAutomaton) -> Scanner:
    """The fastest scanner there is, for the documents of an automaton's schemas."""
    _told()
    return native.NativeScanner(automaton) if native.available() else PythonScanner(automaton)


@cache
def _told() -> None:
    """Says which one it is, once a process."""
    if native.available():
        log.info("scanner.native")
    else:
        log.warning(
            "scanner.python remedy=install Relais again where a C compiler is: reading is then ten times faster"
        )
