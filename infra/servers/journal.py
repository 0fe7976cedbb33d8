"""Which files were dropped already: a run that is taken up again drops nothing twice."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote_from_bytes

from relais.dropping import RECORD


class Journal:
    """Lines of `dropped.txt` in the run's home, as `relais.dropping` writes them."""

    def __init__(self, home: Path) -> None:
        self._path = home / RECORD
        self._lines = set(self._path.read_text().splitlines()) if self._path.exists() else set()

    def __contains__(self, source: Path) -> bool:
        return _key(source) in self._lines

    def add(self, sources: Iterable[Path]) -> None:
        """Nothing; these files are recorded, durably."""
        keys = [_key(source) for source in sources]
        with self._path.open("a") as lines:
            lines.writelines(f"{key}\n" for key in keys)
            lines.flush()
            os.fsync(lines.fileno())
        self._lines.update(keys)


def _key(source: Path) -> str:
    with source.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return f"{source.parent.name}/{quote_from_bytes(os.fsencode(source.name))} {digest}"
