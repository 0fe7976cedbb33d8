"""What `relais check` does not load, so that it starts in under a second."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class WithoutPandas(MetaPathFinder):
    """Says that pandas is not installed.

    pyarrow loads pandas, where it is installed, as soon as a list becomes an array: a third of a second, for nothing.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError("not loaded by this command", name=fullname)
        return None


def start_lean(arguments: Sequence[str]) -> None:
    """Leaves pandas out of this process if the command needs none. For the start of a process only: it stays so."""
    if arguments[:1] == ["check"]:
        sys.meta_path.insert(0, WithoutPandas())
