"""The ground that a run stands on: how partners drop flows and take answers home, and what serves them meanwhile."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Protocol

from connectors.assembly import House
from connectors.settings import Settings
from data_contracts.errors import ConfigurationError
from infra.airflow.service import Say, Service
from relais.dropping import drop


class Doubled(Exception):
    """A partner received an answer twice."""


class Ground(Protocol):
    """One for each profile of `make run`."""

    def up(self, settings: Settings, say: Say) -> Settings:
        """The settings of a home that stands on this ground, which is ready."""
        ...

    def drop(self, flows: Path) -> int:
        """How many files of a folder were dropped now, by each partner in its own way."""
        ...

    def picked_up(self, ports: House) -> bool:
        """Whether all that was dropped is in the ledger."""
        ...

    def kept_up(self, say: Say) -> AbstractContextManager[Any]:
        """A block in which what dies is started again."""
        ...

    def taken_home(self, ports: House) -> None:
        """Nothing; every partner's answers lie in `drops/PARTNER/out` of the home."""
        ...

    def shaken(self, service: Service, every_seconds: float, seed: int, say: Say) -> AbstractContextManager[Any]:
        """A block in which something is killed so often."""
        ...

    def down(self) -> None:
        """Nothing; whatever was started has ended."""
        ...


class LocalGround:
    """Folders of this machine: nothing to start, nothing to take home."""

    def __init__(self) -> None:
        self._settings: Settings | None = None

    def up(self, settings: Settings, say: Say) -> Settings:
        self._settings = settings
        return settings

    def drop(self, flows: Path) -> int:
        assert self._settings is not None, "dropped before the ground was up"
        return drop(flows, self._settings.mailbox_dir, self._settings.home)

    def picked_up(self, ports: House) -> bool:
        return not any(True for _ in ports.mailbox.incoming())

    def kept_up(self, say: Say) -> AbstractContextManager[Any]:
        return nullcontext()

    def taken_home(self, ports: House) -> None:
        return

    def shaken(self, service: Service, every_seconds: float, seed: int, say: Say) -> AbstractContextManager[Any]:
        raise ConfigurationError("local folders have no servers to kill", where="CHAOS", remedy="use PROFILE=servers")

    def down(self) -> None:
        return
