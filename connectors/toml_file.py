"""A file of settings that its operator writes in TOML."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from data_contracts.errors import ConfigurationError


def read_toml(path: Path, what: str) -> dict[str, Any] | None:
    """The document of a file; None when there is no file.

    Errors   ConfigurationError, which says that `what` cannot be read: "the channels", in words of the operator.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(
            f"{what} cannot be read", where=str(path), value=str(error), remedy="correct the file"
        ) from error
