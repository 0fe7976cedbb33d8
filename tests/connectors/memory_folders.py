"""Folders in memory, as partners would see them: enough of `pathlib.Path` for the suites of mailboxes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from connectors.memory.mailbox import Folders, MemoryMailbox

_made: dict[Path, MemoryPath] = {}


class MemoryPath:
    """`partner/in/name` or `partner/out/name` below a root."""

    def __init__(self, folders: Folders, parts: tuple[str, ...] = ()) -> None:
        self._folders, self._parts = folders, parts

    @property
    def name(self) -> str:
        return self._parts[-1]

    @property
    def parent(self) -> MemoryPath:
        return MemoryPath(self._folders, self._parts[:-1])

    def __truediv__(self, name: str) -> MemoryPath:
        return MemoryPath(self._folders, (*self._parts, name))

    def mkdir(self, **_: bool) -> None:
        """Folders need not be made."""

    def write_bytes(self, data: bytes) -> None:
        partner_code, side, name = self._parts
        assert side == "in", "partners write into their drops only"
        self._folders.drop(partner_code, name, data)

    def read_bytes(self) -> bytes:
        return self._files()[self.name]

    def unlink(self) -> None:
        partner_code, side, name = self._parts
        if side == "out":
            del self._folders.outs[partner_code][name]
        else:
            del self._folders.drops[partner_code][name]

    def exists(self) -> bool:
        return self.name in self._files()

    def iterdir(self) -> Iterator[MemoryPath]:
        return (self / name for name in (self / "any")._files())

    def _files(self) -> dict[str, bytes]:
        partner_code, side, _ = self._parts
        if side == "out":
            return self._folders.outs.get(partner_code, {})
        return {name: file.content for name, file in self._folders.drops.get(partner_code, {}).items()}


def memory_mailbox(folder: Path) -> MemoryMailbox:
    """A mailbox on fresh folders, which the test finds by its own folder."""
    folders = Folders()
    _made[folder] = MemoryPath(folders)
    return MemoryMailbox(folders)


def memory_of(folder: Path) -> MemoryPath | None:
    """The root of a test's mailbox, if that is one in memory."""
    return _made.get(folder)
