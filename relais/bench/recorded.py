"""Recorded verdicts: what the official engine once said of each document of a corpus."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from data_contracts.errors import ConfigurationError
from data_contracts.tables import Flag
from relais.bench.parity import Recorded

REMEDY = 'one JSON object a line: {"path": name, "fatal": {rule: count}, "warning": {rule: count}, "crashed": true}'


def recorded_verdicts(path: Path) -> dict[str, Recorded]:
    """The verdicts of a file, by the name of the document.

    Shape    a line holds `path`, `fatal` and `warning` (counts by rule id, null or absent when the official engine
             crashed) and `crashed`; other keys are not read.
    Errors   ConfigurationError naming the line.
    """
    found: dict[str, Recorded] = {}
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    name, verdict = _row(json.loads(line), f"{path} line {number}")
                    found[name] = verdict
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ConfigurationError(
            "the recorded verdicts cannot be read", where=str(path), value=str(error), remedy=REMEDY
        ) from error
    return found


def _row(row: Any, where: str) -> tuple[str, Recorded]:
    try:
        counts = {
            (flag.value, rule): int(count) for flag in Flag for rule, count in (row.get(flag.value) or {}).items()
        }
        return row["path"], Recorded(counts, bool(row.get("crashed")))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(
            "a line is no recorded verdict", where=where, value=str(error), remedy=REMEDY
        ) from error
