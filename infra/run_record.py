"""What `make run` remembers of a run in its home: an interrupted one is taken up, a finished one set aside."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from data_contracts.errors import ConfigurationError

PREVIOUS = "previous"


@dataclass(frozen=True)
class Request:
    """What was asked for; empty or 0 where nothing was said."""

    flows: str
    now: str
    invoices: int
    profile: str = ""


@dataclass(frozen=True)
class RunRecord:
    """The record of the run in one home."""

    home: Path

    @property
    def _path(self) -> Path:
        return self.home / "run.json"

    @property
    def request(self) -> Request:
        """What the run in this home was asked for."""
        return Request(**self._read()["request"])

    def unfinished(self, request: Request) -> bool:
        """Whether an unfinished run lies here that this request continues.

        Errors   ConfigurationError when it was asked for something else.
        """
        if not self._path.exists() or self._read()["finished"]:
            return False
        same_profile = request.profile in ("", self.request.profile)
        if request == self.request or (same_profile and request == Request("", "", 0, request.profile)):
            return True
        raise ConfigurationError(
            "another run lies here unfinished",
            where=str(self.home),
            value=json.dumps(asdict(self.request)),
            remedy="`make run` without arguments takes it up; `make clean` drops it",
        )

    def begin(self, request: Request) -> None:
        """Set the last run aside, as the previous one, and begin a new one."""
        if self.home.exists():
            previous = self.home.with_name(PREVIOUS)
            if previous.exists():
                shutil.rmtree(previous)
            self.home.rename(previous)
        self.home.mkdir(parents=True)
        self._write(request, finished=False)

    def finish(self) -> None:
        """The run is done: the next one begins afresh."""
        self._write(self.request, finished=True)

    def _read(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self._path.read_text())
        return content

    def _write(self, request: Request, *, finished: bool) -> None:
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps({"request": asdict(request), "finished": finished}))
        part.replace(self._path)
