"""Status flows in the ledger, settled; and what recipients said of the diffusion flows they were sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, func, select, update

from connectors.ledger_bulk import chunks
from connectors.ledger_flows import held
from connectors.ledger_history import HistoryLedger
from connectors.ledger_history_rows import RECEIPT_COLUMNS, receipt_row
from connectors.ledger_outbox import owe
from connectors.ledger_settlement import as_numbered, in_turn
from connectors.ledger_tables import flow, flow_receipt, outbox
from connectors.ledger_transactions import insert_new
from data_contracts.errors import IntegrityBroken
from data_contracts.history_ledger import Diffused, FlowReceipt, Receipt
from data_contracts.interfaces import CATALOGUE, DIFFUSION, Direction
from data_contracts.ledger import Answer, DeliveryState, FlowStatus

RECEIPTS = {
    "90": Receipt.ACKNOWLEDGED,
    "91": Receipt.IN_TRANSIT,
    "92": Receipt.ACKNOWLEDGED,
    "93": Receipt.REFUSED,
    "94": Receipt.REFUSED,
    "95": Receipt.REFUSED,
    "96": Receipt.PARTLY,
    "500": Receipt.ACKNOWLEDGED,
    "501": Receipt.REFUSED,
}
"""What each status of a flow says. CPPStatutPivot V1_19 (CPPFluxStatuts); annex 2 (CDAR)."""

_SENT: dict[str, list[str]] = {}  # codes of what we send, by the digits that their flow ids hold
for _row in CATALOGUE.values():
    if _row.direction is Direction.OUT:
        _SENT.setdefault(_row.code[3:7], []).append(_row.code)
_FINAL = sorted(code for code, receipt in RECEIPTS.items() if receipt not in (Receipt.NONE, Receipt.IN_TRANSIT))
_DIFFUSED = (
    outbox.c.interface_code == DIFFUSION,
    outbox.c.again == 0,
    outbox.c.state == DeliveryState.DELIVERED.value,
)


class ReceiptLedger(HistoryLedger):
    """What recipients acknowledged."""

    def sent(self, partner_code: str, flow_ids: Collection[str]) -> Mapping[str, Answer]:
        """The flows that a partner was sent, by flow id."""
        names = {f"{code}_{partner_code}_{one}": one for one in flow_ids for code in _SENT.get(one[6:10], ())}
        found: dict[str, Answer] = {}
        with self._read() as connection:
            for few in chunks(sorted(names)):
                ours = select(outbox).where(
                    outbox.c.partner_code == partner_code, outbox.c.name.in_(few), outbox.c.again == 0
                )
                for row in connection.execute(ours).mappings():
                    found[names[row["name"]]] = Answer(**{name: row[name] for name in Answer.__dataclass_fields__})
        return found

    def settle_statuses(
        self,
        flow_key: str,
        *,
        integrated_count: int,
        refused_count: int,
        acknowledgment_code: str,
        receipts: Sequence[FlowReceipt],
        answers: Sequence[Answer],
        outcomes_root: str = "",
    ) -> None:
        """Nothing; the status flow is settled, with its answers, in one transaction. A no-op when it is already.

        Errors   IntegrityBroken if the counts are not its members, or it was settled with others.
        """
        counts = {"accepted_count": integrated_count, "rejected_count": refused_count, "quarantined_count": 0}
        with self._write() as connection:
            row = held(connection, flow_key)
            told = {name: row._mapping[name] for name in counts}
            settled = row.status == FlowStatus.SETTLED
            if row.status not in (FlowStatus.ADMITTED, FlowStatus.SETTLED) or (settled and told != counts):
                raise IntegrityBroken(
                    f"a status flow that is {row.status} cannot be settled so",
                    where=f"flow {flow_key}",
                    value=f"{counts} for {told}",
                    remedy="a rerun must decide as the first run did; compare the versions of the two",
                )
            if sum(counts.values()) != row.member_count:
                raise IntegrityBroken("the counts do not account for every member", where=f"flow {flow_key}")
            if settled:
                return
            in_turn(connection, row)
            as_numbered(connection, flow_key, answers)
            values = counts | {"status": FlowStatus.SETTLED.value, "acknowledgment_code": acknowledgment_code}
            connection.execute(update(flow).where(flow.c.flow_key == flow_key).values(values))
            _insert_receipts(connection, receipts)
            owe(connection, flow_key, answers, self._time())
            spelled = f"accepted={integrated_count} rejected={refused_count} quarantined=0"
            self._note(connection, flow_key, f"settled {spelled} root={outcomes_root}")

    def unacknowledged(self, before: datetime) -> Sequence[Diffused]:
        """Diffusion flows delivered before an instant that no final word was said of, in order of delivery.

        Cost     the database looks at every diffusion flow ever delivered, and at what was said of it, in an index;
                 rows and memory are those of the flows told.
        """
        said = flow_receipt.alias("said")
        last = (
            select(said.c.code)
            .where(said.c.partner_code == outbox.c.partner_code, said.c.name == outbox.c.name)
            .order_by(said.c.at.desc(), said.c.event_key.desc())
            .limit(1)
            .scalar_subquery()
        )
        statement = (
            select(outbox, last.label("code"))
            .where(*_DIFFUSED, outbox.c.delivered_seconds < before.timestamp(), func.coalesce(last, "").not_in(_FINAL))
            .order_by(outbox.c.delivered_seconds, outbox.c.ordinal)
        )
        with self._read() as connection:
            return [_diffused(row) for row in connection.execute(statement).mappings()]

    def receipts(self, *states: Receipt) -> Sequence[Diffused]:
        """Delivered diffusion flows in these states (all without any), in order of delivery."""
        statement = (
            select(outbox, flow_receipt.c.code)
            .outerjoin(
                flow_receipt,
                (flow_receipt.c.partner_code == outbox.c.partner_code) & (flow_receipt.c.name == outbox.c.name),
            )
            .where(*_DIFFUSED)
            .order_by(outbox.c.delivered_seconds, outbox.c.ordinal, flow_receipt.c.at, flow_receipt.c.event_key)
        )
        last: dict[str, Diffused] = {}
        with self._read() as connection:
            for row in connection.execute(statement).mappings():
                last[row["delivery_id"]] = _diffused(row)
        return [one for one in last.values() if not states or one.receipt in states]


def _diffused(row: RowMapping) -> Diffused:
    """A delivered diffusion flow: its row of the outbox, with the `code` that was set on it, if any was."""
    answer = Answer(**{name: row[name] for name in Answer.__dataclass_fields__})
    at = datetime.fromtimestamp(row["delivered_seconds"], UTC)
    return Diffused(answer, at, RECEIPTS.get(row["code"] or "", Receipt.NONE))


def _insert_receipts(connection: Connection, receipts: Sequence[FlowReceipt]) -> None:
    if receipts:
        rows = [dict(zip(RECEIPT_COLUMNS, receipt_row(one), strict=True)) for one in receipts]
        connection.execute(insert_new(connection, flow_receipt), rows)
