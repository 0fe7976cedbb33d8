"""Reports from the ledger: how every flow was answered, and whether all is accounted for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, RowMapping, case, func, select

from connectors.ledger_flows import flow_of
from connectors.ledger_tables import flow, outbox
from connectors.ledger_transactions import Transactions
from data_contracts.interfaces import STATUS_CODES
from data_contracts.ledger import DeliveryState, Flow, FlowReport, FlowStatus, Reconciliation


class ReportLedger(Transactions):
    """What a person asks of the ledger."""

    def flows_named(self, wanted: str, *, by_prefix: bool) -> Sequence[Flow]:
        """The flows whose key or name is a text, or whose key begins with it; in order of landing.

        Cost     one look through the names of flows, without their answers.
        """
        meant = (flow.c.flow_key == wanted) | (flow.c.name == wanted)
        if by_prefix:
            meant |= flow.c.flow_key.startswith(wanted, autoescape=True)
        with self._read() as connection:
            return [flow_of(row) for row in connection.execute(select(flow).where(meant).order_by(flow.c.ordinal))]

    def reports(self) -> Sequence[FlowReport]:
        """One row a flow, in order of landing.

        `seconds` is null until every first answer is delivered; answers to resends and late ones, on invoices that
        waited for a person, count as owed, not as time.
        """
        first = (outbox.c.again == 0) & outbox.c.late.is_(False)
        answers = (
            select(
                outbox.c.flow_key,
                func.count().label("owed"),
                _many(outbox.c.state == DeliveryState.DELIVERED.value).label("delivered"),
                _many(outbox.c.again > 0).label("repeated"),
                _many(first & outbox.c.delivered_seconds.is_(None)).label("missing"),
                func.max(case((first, outbox.c.delivered_seconds))).label("last_seconds"),
            )
            .group_by(outbox.c.flow_key)
            .subquery()
        )
        statement = select(flow, *(column for column in answers.c if column.name != "flow_key"))
        joined = statement.outerjoin(answers, answers.c.flow_key == flow.c.flow_key).order_by(flow.c.ordinal)
        with self._read() as connection:
            return [
                FlowReport(
                    flow=flow_of(row),
                    resent_count=row.resent_count,
                    motive=row.motive,
                    answers_owed=int(row.owed or 0),
                    answers_delivered=int(row.delivered or 0),
                    seconds=_seconds(row._mapping),
                    answers_repeated=int(row.repeated or 0),
                )
                for row in connection.execute(joined)
            ]

    def reconciliation(self) -> Reconciliation:
        """What came in against what went out, of one instant."""
        members, aside = _of_invoices(flow.c.member_count), _of_invoices(flow.c.quarantined_count)
        flows = select(
            func.count().label("flows_received"),
            _many(flow.c.status == FlowStatus.SETTLED.value).label("flows_settled"),
            _many(flow.c.status == FlowStatus.REFUSED.value).label("flows_refused"),
            _many(flow.c.status.in_((FlowStatus.LANDED.value, FlowStatus.ADMITTED.value))).label("flows_pending"),
            func.sum(members).label("invoices_received"),
            func.sum(_of_invoices(flow.c.accepted_count)).label("invoices_accepted"),
            func.sum(_of_invoices(flow.c.rejected_count)).label("invoices_rejected"),
            func.sum(aside).label("invoices_quarantined"),
            func.sum(case((flow.c.status == FlowStatus.ADMITTED.value, members))).label("invoices_pending"),
        ).select_from(flow)
        answers = select(
            func.count().label("answers_owed"),
            _many(outbox.c.state == DeliveryState.DELIVERED.value).label("answers_delivered"),
        ).select_from(outbox)
        with self._read() as connection:
            counted = {
                **connection.execute(flows).mappings().one(),
                **connection.execute(answers).mappings().one(),
            }
        return Reconciliation(**{name: int(value or 0) for name, value in counted.items()})


def _of_invoices(count: ColumnElement[int | None]) -> ColumnElement[int | None]:
    """Members of status flows are no invoices."""
    return case((flow.c.interface_code.not_in(sorted(STATUS_CODES)), count))


def _many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _seconds(row: RowMapping) -> float | None:
    if row["missing"] or row["last_seconds"] is None:
        return None
    return float(row["last_seconds"] - row["picked_up_seconds"])
