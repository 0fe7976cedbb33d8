"""Partners' mailboxes in memory: the semantics of every mailbox, without a disk or a network."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from connectors.durable_files import CHUNK_BYTES
from connectors.local_drop import UNFINISHED
from connectors.part_names import part_name
from data_contracts.errors import ContractBroken, IntegrityBroken, PartnerUnavailable
from data_contracts.partners import APPLICATION_CODE
from data_contracts.ports import Deposit


@dataclass(frozen=True)
class Dropped:
    """A file in a drop. `serial` tells it from every other file ever dropped."""

    content: bytes
    serial: int


class Folders:
    """What both sides see: `drops` and `outs` by partner code, then by name."""

    def __init__(self) -> None:
        self.drops: dict[str, dict[str, Dropped]] = {}
        self.outs: dict[str, dict[str, bytes]] = {}
        self._serials = 0

    def drop(self, partner_code: str, name: str, content: bytes) -> None:
        """Nothing; the file lies in the partner's drop, in the place of any other of its name."""
        self._serials += 1
        self.drops.setdefault(partner_code, {})[name] = Dropped(content, self._serials)


class MemoryMailbox:
    """`data_contracts.ports.Mailbox` on folders in memory. Not for threads at once."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders

    def incoming(self) -> Iterator[Deposit]:
        """Complete files of every partner's drop, sorted by partner code then name."""
        for partner_code in sorted(self._folders.drops):
            if not APPLICATION_CODE.fullmatch(partner_code):
                continue
            drop = self._folders.drops[partner_code]
            for name in sorted(drop):
                if name in drop and not name.startswith(".") and not name.lower().endswith(UNFINISHED):
                    file = drop[name]
                    yield Deposit(partner_code, name, len(file.content), str(file.serial))

    @contextmanager
    def open(self, deposit: Deposit) -> Iterator[BinaryIO]:
        """A reader of the deposit's bytes.

        Errors   PartnerUnavailable if the file is not the one that was listed, at the start or after the last read.
        """
        yield io.BytesIO(self._listed(deposit).content)
        self._listed(deposit)

    def remove(self, deposit: Deposit) -> None:
        """Nothing; the file is out of the drop, or is no longer the one that was listed."""
        drop = self._folders.drops.get(deposit.partner_code, {})
        file = drop.get(deposit.name)
        if file is not None and str(file.serial) == deposit.identity:
            del drop[deposit.name]

    def stage(self, partner_code: str, name: str, part: str, data: BinaryIO) -> None:
        """Nothing; `{name}.{part}.part` lies in the partner's out folder."""
        out, staged = self._out(partner_code), part_name(name, part)
        sink = io.BytesIO()
        while chunk := data.read(CHUNK_BYTES):
            sink.write(chunk)
        out[staged] = sink.getvalue()

    def publish(self, partner_code: str, name: str, part: str) -> None:
        """Nothing; what was staged as `part` bears its final name. A no-op once that is done.

        Errors   IntegrityBroken if an answer of that name with other bytes still waits for the partner.
        """
        out, staged = self._out(partner_code), part_name(name, part)
        content = out.get(staged)
        if content is None:
            return
        if out.get(name, content) != content:
            raise IntegrityBroken(
                "another answer of the same name still waits for the partner",
                where=f"out folder of {partner_code}",
                value=f"{name}, sha256 {hashlib.sha256(content).hexdigest()}",
            )
        out[name] = out.pop(staged)

    def discard(self, partner_code: str, name: str, part: str) -> None:
        """Nothing; what was staged as `part` is gone."""
        self._out(partner_code).pop(part_name(name, part), None)

    def _listed(self, deposit: Deposit) -> Dropped:
        file = self._folders.drops.get(deposit.partner_code, {}).get(deposit.name)
        if file is None or str(file.serial) != deposit.identity:
            raise PartnerUnavailable(
                "the file changed since it was listed", where=f"drop of {deposit.partner_code}", value=deposit.name
            )
        return file

    def _out(self, partner_code: str) -> dict[str, bytes]:
        if not APPLICATION_CODE.fullmatch(partner_code):
            raise ContractBroken("this is not an application code", where="mailbox", value=partner_code)
        return self._folders.outs.setdefault(partner_code, {})
