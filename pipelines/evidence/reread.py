"""Reads the members of a flow again from the bytes that were received, as admission did."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from typing import BinaryIO, cast

from data_contracts.interfaces import CATALOGUE
from data_contracts.ledger import Flow, FlowStatus
from data_contracts.refusals import FlowRefused
from pipelines.admission.pack import packed
from pipelines.evidence.claims import Claims
from pipelines.evidence.facts import member_fact

SPOOL_BYTES_MAX = 16_000_000


class Reread:
    """Keeps a flow's bytes while they pass, in memory or a temporary file."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        spooled = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES_MAX)  # noqa: SIM115  closed by __exit__
        self._bytes = cast(BinaryIO, spooled)

    def __enter__(self) -> Reread:
        return self

    def __exit__(self, *_: object) -> None:
        self._bytes.close()

    def write(self, chunk: bytes) -> None:
        """Keep one chunk."""
        self._bytes.write(chunk)

    def compared(self) -> tuple[bool, str]:
        """Whether the members are those claimed, and if not, why."""
        claims = self._claims
        code = claims.flow_name[:8]
        flow = Flow(
            claims.flow_key, 0, claims.partner_code, claims.flow_name, code, claims.sha256, claims.size_bytes,
            datetime.min.replace(tzinfo=UTC), FlowStatus.LANDED,
        )  # fmt: skip
        self._bytes.seek(0)
        with cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES_MAX)) as pack:
            try:
                index = packed(flow, CATALOGUE[code], self._bytes, pack)
            except (FlowRefused, KeyError) as error:
                return False, f"the flow cannot be read: {error}"
        found = [member_fact(at, one.name, one.size_bytes, one.sha256) for at, one in enumerate(index)]
        return found == list(claims.members.facts), "the flow holds other members"
