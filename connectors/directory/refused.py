"""Why a directory file is not loaded. The version in force stays in force."""

from __future__ import annotations

from data_contracts.errors import TerminalError, TransientError


class DirectoryRefused(TerminalError):
    """A directory file cannot be loaded: it is not what it should be."""


class DirectoryGap(DirectoryRefused):
    """A differential does not follow on what was loaded last: flows between them are missing."""


class DirectorySuperseded(DirectoryRefused):
    """A file is older than the directory in force. Nothing is to be done."""


class DirectoryBusy(TransientError):
    """Another process is loading."""
