"""Partners that speak AS2: each a django-pyas2 of its own, which sends flows and receives answers."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from data_contracts.errors import ConfigurationError
from infra.as2.peer import PeerAbsent
from infra.ground import Doubled
from infra.servers.journal import Journal
from infra.servers.stand import Stand


class As2Partners:
    """The partners that come by AS2."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand

    def prepare(self) -> None:
        """Nothing; they were made with the stand."""

    def drop(self, code: str, sources: Sequence[Path], journal: Journal) -> int:
        """How many files were dropped now: each was sent until its receipt came.

        Errors   ConfigurationError when a receipt does not come.
        """
        new = [source for source in sources if source not in journal]
        if not new:
            return 0
        folder = self._stand.place / "partners" / code / "sending"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for source in new:
            (folder / source.name).symlink_to(source)
        try:
            self._stand.peers[code].send_all(folder)
        except PeerAbsent as error:
            raise ConfigurationError(
                "an AS2 partner could not send", where=code, value=str(error), remedy="see the gateway's log"
            ) from error
        journal.add(new)
        return len(new)

    def take(self, code: str, out: Path) -> None:
        """Nothing; the partner's answers lie in the folder.

        Errors   Doubled when it received one of them twice.
        """
        seen: set[str] = set()
        for name, path in self._stand.peers[code].inbox():
            if name in seen:
                raise Doubled(f"{code} received {name} twice")
            seen.add(name)
            shutil.copyfile(path, out / name)
