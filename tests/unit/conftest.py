"""The command line, run in this process as a user runs it, with directories of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Told = tuple[int, str, str]
"""Exit code, standard output, standard error."""
Relais = Callable[..., Told]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where compiled rules are kept, for the tests of one module."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def relais(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Relais:
    """Runs `relais` with the given arguments."""
    from relais.__main__ import main

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.delenv("RELAIS_HOME", raising=False)

    def run(*arguments: str | Path) -> Told:
        monkeypatch.setattr(sys, "argv", ["relais", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        written = capfd.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 0), written.out, written.err

    return run
