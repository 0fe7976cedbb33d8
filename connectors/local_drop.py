"""Partners' mailboxes as local folders: `{partner}/in` for what they drop, `{partner}/out` for what we answer."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from connectors.durable_files import make_folder, sha256_of, sync_folder, write_durably
from connectors.part_names import part_name
from data_contracts.errors import ContractBroken, IntegrityBroken, PartnerUnavailable
from data_contracts.partners import APPLICATION_CODE
from data_contracts.ports import Deposit

UNFINISHED = (".part", ".tmp", ".filepart", ".writing")
"""Ends of names that senders give to a file while they write it."""


class LocalMailbox:
    """`data_contracts.ports.Mailbox` on one file system. Partners are folders named by an application code."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __repr__(self) -> str:
        return f"LocalMailbox({str(self._root)!r})"

    def incoming(self) -> Iterator[Deposit]:
        """Complete files of every partner's drop, sorted by partner code then name.

        Errors   PartnerUnavailable after all other partners' files, when one drop could not be read.
        Cost     memory for the names of one drop.
        """
        with _reaching("every partner", self._root):
            partner_codes = _partner_codes(self._root)
        failed: list[PartnerUnavailable] = []
        for partner_code in partner_codes:
            try:
                yield from self._dropped(partner_code)
            except PartnerUnavailable as error:
                failed.append(error)
        if failed:
            raise failed[0]

    @contextmanager
    def open(self, deposit: Deposit) -> Iterator[BinaryIO]:
        """A reader of the deposit's bytes.

        Errors   PartnerUnavailable if the file is not the one that was listed, at the start or after the last read.
        """
        path = self._drop(deposit.partner_code) / deposit.name
        with _reaching(deposit.partner_code, path):
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            _check_same(deposit, os.fstat(descriptor))
            yield stream
            _check_same(deposit, os.fstat(descriptor))

    def remove(self, deposit: Deposit) -> None:
        """Nothing; the file is out of the drop, or is no longer the one that was listed."""
        drop = self._drop(deposit.partner_code)
        path = drop / deposit.name
        with _reaching(deposit.partner_code, path):
            try:
                status = path.lstat()
                if _identity(status) == deposit.identity:
                    _take_out(path, _content_identity(status))
                    sync_folder(drop)
            except FileNotFoundError:
                return

    def stage(self, partner_code: str, name: str, part: str, data: BinaryIO) -> None:
        """Nothing; `{name}.{part}.part` lies durably in the partner's out folder."""
        staged = self._out(partner_code) / part_name(name, part)
        with _reaching(partner_code, staged):
            make_folder(staged.parent)
            staged.unlink(missing_ok=True)
            descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o664)
            try:
                write_durably(descriptor, data)
            finally:
                os.close(descriptor)
            sync_folder(staged.parent)

    def publish(self, partner_code: str, name: str, part: str) -> None:
        """Nothing; what was staged as `part` bears its final name. A no-op once that is done.

        Errors   IntegrityBroken if an answer of that name with other bytes still waits for the partner.
        """
        path, staged = self._out(partner_code) / name, self._out(partner_code) / part_name(name, part)
        with _reaching(partner_code, staged):
            if _differ(path, staged):
                raise IntegrityBroken(
                    "another answer of the same name still waits for the partner",
                    where=f"out folder of {partner_code}",
                    value=name,
                    remedy="find out which ledger wrote it; move it away if it is of an earlier trial",
                )
            with suppress(FileNotFoundError):
                staged.replace(path)
            sync_folder(path.parent)  # it fails where there is no folder, as when a share is not mounted

    def discard(self, partner_code: str, name: str, part: str) -> None:
        """Nothing; what was staged as `part` is gone."""
        staged = self._out(partner_code) / part_name(name, part)
        with _reaching(partner_code, staged):
            staged.unlink(missing_ok=True)

    def _dropped(self, partner_code: str) -> Iterator[Deposit]:
        drop = self._drop(partner_code)
        with _reaching(partner_code, drop):
            if not drop.is_dir():
                return
            with os.scandir(drop) as entries:
                names = sorted(entry.name for entry in entries if _complete(entry))
        for name in names:
            with _reaching(partner_code, drop / name):
                try:
                    status = (drop / name).lstat()
                except FileNotFoundError:
                    continue
            yield Deposit(partner_code, name, status.st_size, _identity(status))

    def _drop(self, partner_code: str) -> Path:
        return self._folder(partner_code) / "in"

    def _out(self, partner_code: str) -> Path:
        return self._folder(partner_code) / "out"

    def _folder(self, partner_code: str) -> Path:
        if not APPLICATION_CODE.fullmatch(partner_code):
            raise ContractBroken("this is not an application code", where="mailbox", value=partner_code)
        return self._root / partner_code


def _partner_codes(root: Path) -> list[str]:
    with os.scandir(root) as entries:
        return sorted(
            entry.name
            for entry in entries
            if APPLICATION_CODE.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
        )


def _complete(entry: os.DirEntry[str]) -> bool:
    unfinished = entry.name.startswith(".") or entry.name.lower().endswith(UNFINISHED)
    return not unfinished and entry.is_file(follow_symlinks=False)


def _identity(status: os.stat_result) -> str:
    """Which file this is. The time of its last change of state is part of it, because an inode is soon used again
    and senders may set the modification time: a true resend would be taken for a file already recorded."""
    return f"{_content_identity(status)}:{status.st_ctime_ns}"


def _content_identity(status: os.stat_result) -> str:
    return f"{status.st_dev}:{status.st_ino}:{status.st_size}:{status.st_mtime_ns}"


def _differ(path: Path, staged: Path) -> bool:
    """Whether both lie there with other bytes. One may vanish meanwhile: the partner took it, or it was published."""
    try:
        return stat.S_ISREG(path.lstat().st_mode) and sha256_of(staged) != sha256_of(path)
    except FileNotFoundError:
        return False


def _check_same(deposit: Deposit, status: os.stat_result) -> None:
    if _identity(status) != deposit.identity:
        raise PartnerUnavailable(
            "the file changed since it was listed",
            where=f"drop of {deposit.partner_code}",
            value=deposit.name,
            remedy="write under a temporary name such as .part, and rename when complete",
        )


def _take_out(path: Path, expected: str) -> None:
    """Remove a file that was just looked at, but not one that the partner put in its place meanwhile."""
    aside = path.with_name(f".{expected.replace(':', '-')}.removing")
    path.replace(aside)
    if _content_identity(aside.lstat()) != expected:
        with suppress(FileExistsError):
            os.link(aside, path)
    aside.unlink()


@contextmanager
def _reaching(partner_code: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PartnerUnavailable(
            "a partner's folder does not answer",
            where=f"{partner_code}, {path.name!r}",
            value=error.strerror or str(error),
            remedy="create the folder, free some space, or check who may read and write it",
        ) from error
