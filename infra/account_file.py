"""A file of settings that a server's command writes for its accounts, and never over somebody's own."""

from __future__ import annotations

from pathlib import Path

from data_contracts.errors import ConfigurationError


def write_accounts(path: Path, text: str) -> None:
    """Nothing; the file holds this text. ConfigurationError when it is there and holds another."""
    if path.exists() and path.read_text(encoding="utf-8") != text:
        raise ConfigurationError(
            "the file describes other accounts", where=str(path), remedy="move it away, or choose another home"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
