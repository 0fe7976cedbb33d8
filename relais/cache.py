"""Where the commands keep compiled rules between two calls."""

from __future__ import annotations

import os
from pathlib import Path

from data_contracts.errors import ConfigurationError


def cache_dir(cache: Path | None) -> Path:
    """The directory of compiled rules, which are trusted when read: nobody else may write there."""
    folder = cache or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "relais"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
    except OSError as error:
        raise ConfigurationError(
            "the cache cannot be created", where=str(folder), value=error.strerror or "", remedy="name another: --cache"
        ) from error
    if status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise ConfigurationError(
            "others may write to the cache",
            where=str(folder),
            remedy="name a directory of your own with --cache, or take the right from the others: chmod go-w",
        )
    return folder
