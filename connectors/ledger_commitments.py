"""Commitments in the ledger: each word on one as a row, the last one stands; and what invoices took of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, exists, insert, or_, select, tuple_

from connectors.ledger_bulk import chunks, insert_rows
from connectors.ledger_flows import held
from connectors.ledger_tables import flow, status_event, succession
from connectors.ledger_transactions import Transactions
from connectors.people_tables import commitment, commitment_draw
from data_contracts.commitments import (
    NOTHING_SEEN,
    Commitment,
    CommitmentKey,
    CommitmentLine,
    CommitmentState,
    Draw,
    Held,
)
from data_contracts.errors import LedgerConflict
from data_contracts.history import Actor
from data_contracts.history_ledger import LinkKind
from data_contracts.ledger import FlowStatus, Owner

_COLUMNS = (
    "structure", "number", "flow_ordinal", "flow_key", "service", "supplier", "amount", "currency", "issued_on",
    "valid_from", "valid_to", "state", "lines",
)  # fmt: skip
_KEY = tuple_(commitment.c.structure, commitment.c.number)
_ENDING = ("05", "210", "213", "220")  # rejected (CPPStatut); refused, rejected, cancelled (CDAR)
_ENDS_WHILE_IT_STANDS = "05"
_DRAWN = tuple_(commitment_draw.c.structure, commitment_draw.c.number)


class CommitmentLedger(Transactions):
    """`data_contracts.commitments.CommitmentLedger` on a database."""

    def commitments(
        self, keys: Collection[CommitmentKey], besides: str = "", without: Collection[Owner] = ()
    ) -> Mapping[CommitmentKey, Held]:
        """Those that are known, by key; drawn without the flow `besides` and the invoices `without`.

        Cost     two queries for each 500 keys.
        """
        known: dict[CommitmentKey, Held] = {}
        with self._read() as connection:
            for chunk in chunks(sorted(set(keys))):
                known |= _standing(connection, _settled().where(_KEY.in_(chunk)), besides, without)
        return known

    def announcing(self, structures: Collection[str]) -> frozenset[str]:
        """Those of the structures that ever deposited a commitment, in a flow that is settled."""
        found: set[str] = set()
        with self._read() as connection:
            for chunk in chunks(sorted(set(structures))):
                known = _settled().with_only_columns(commitment.c.structure).distinct()
                known = known.where(commitment.c.structure.in_(chunk))
                found.update(connection.execute(known).scalars())
        return frozenset(found)

    def draw(
        self,
        flow_key: str,
        draws: Sequence[Draw],
        instead_of: Collection[Owner] = (),
        seen: Mapping[CommitmentKey, Decimal] = NOTHING_SEEN,
    ) -> None:
        """Nothing; these are what the flow's invoices take. A no-op once the flow is settled.

        Errors   LedgerConflict when others drew more of a commitment than was `seen`.
        """
        with self._write() as connection:
            if held(connection, flow_key).status == FlowStatus.SETTLED:
                return
            for keys in chunks(sorted(seen)):
                as_seen(connection, {key: seen[key] for key in keys}, flow_key, instead_of)
            connection.execute(delete(commitment_draw).where(commitment_draw.c.flow_key == flow_key))
            insert_draws(connection, flow_key, draws)

    def commit(self, flow_key: str, commitments: Sequence[Commitment]) -> None:
        """Nothing; the flow says these. A no-op once it is settled."""
        with self._write() as connection:
            row = held(connection, flow_key)
            if row.status == FlowStatus.SETTLED:
                return
            connection.execute(delete(commitment).where(commitment.c.flow_key == flow_key))
            rows = (_row(one, row.ordinal, flow_key) for one in commitments)
            insert_rows(connection, commitment, _COLUMNS, rows)

    def all_commitments(self, structure: str = "", supplier: str = "") -> Sequence[Held]:
        """Commitments as they stand, by structure and number."""
        statement = _settled()
        if structure:
            statement = statement.where(commitment.c.structure == structure)
        with self._read() as connection:
            if supplier:
                # A commitment that was given to somebody else since is theirs.
                once = select(commitment.c.structure, commitment.c.number).where(commitment.c.supplier == supplier)
                statement = statement.where(_KEY.in_(once))
            found = _standing(connection, statement, "")
        return [found[key] for key in sorted(found) if supplier in ("", found[key].commitment.supplier)]


def as_seen(
    connection: Connection, seen: Mapping[CommitmentKey, Decimal], besides: str, instead_of: Collection[Owner]
) -> None:
    """Nothing, while whoever draws of these commitments too waits for our transaction, in one order for all.

    Errors   LedgerConflict when others, without the flow `besides`, drew more of a commitment than was `seen`.
    """
    ours = _KEY.in_(sorted(seen))
    in_order = (commitment.c.structure, commitment.c.number, commitment.c.flow_ordinal)
    connection.execute(select(commitment.c.number).where(ours).order_by(*in_order).with_for_update()).all()
    now = _standing(connection, _settled().where(ours), besides, instead_of)
    for key in sorted(now):
        if now[key].drawn > seen[key]:
            raise LedgerConflict(
                "another flow drew on the commitment meanwhile",
                where=f"commitment {' '.join(key)}",
                value=f"{now[key].drawn} for {seen[key]}",
                remedy="run again",
            )


def insert_draws(connection: Connection, flow_key: str, draws: Iterable[Draw]) -> None:
    """Nothing; what invoices of a flow take is in the table."""
    rows = (
        {"flow_key": flow_key, "position": one.position, "structure": one.structure, "number": one.number,
         "amount": str(one.amount)}
        for one in draws
    )  # fmt: skip
    for chunk in chunks(rows):
        connection.execute(insert(commitment_draw), chunk)


def _settled() -> Select[Any]:
    joined = select(commitment).join(flow, flow.c.flow_key == commitment.c.flow_key)
    return joined.where(flow.c.status == FlowStatus.SETTLED.value)


def _standing(
    connection: Connection, statement: Select[Any], besides: str, without: Collection[Owner] = ()
) -> dict[CommitmentKey, Held]:
    """The last word on each commitment; later rows come later."""
    ordered = statement.order_by(commitment.c.structure, commitment.c.number, commitment.c.flow_ordinal)
    last = {(row.structure, row.number): row for row in connection.execute(ordered)}
    drawn: dict[CommitmentKey, Decimal] = {}
    for chunk in chunks(last):
        taken = select(commitment_draw).where(_DRAWN.in_(chunk), commitment_draw.c.flow_key != besides)
        for row in connection.execute(taken.where(~_given_back(), ~_taken_over(), ~_taking_over())):
            if Owner(row.flow_key, row.position) in without:
                continue
            key = (row.structure, row.number)
            drawn[key] = drawn.get(key, Decimal(0)) + Decimal(row.amount)
    return {key: Held(_commitment(row), drawn.get(key, Decimal(0)), row.flow_key) for key, row in last.items()}


def _given_back() -> ColumnElement[bool]:
    """Whether the recipient ended the invoice of a draw, in a flow that is settled. A supplier's own word gives nothing
    back, and 05 of Chorus Pro counts as long as the recipient sets nothing after it."""
    source, later, its_source = flow.alias("source"), status_event.alias("later"), flow.alias("its_source")
    followed = exists().where(
        later.c.flow_key == status_event.c.flow_key,
        later.c.position == status_event.c.position,
        later.c.at > status_event.c.at,
        later.c.actor == Actor.RECIPIENT.value,
        its_source.c.flow_key == later.c.source_flow_key,
        its_source.c.status == FlowStatus.SETTLED.value,
    )
    return exists().where(
        status_event.c.flow_key == commitment_draw.c.flow_key,
        status_event.c.position == commitment_draw.c.position,
        status_event.c.actor != Actor.SUPPLIER.value,
        status_event.c.code.in_(_ENDING),
        source.c.flow_key == status_event.c.source_flow_key,
        source.c.status == FlowStatus.SETTLED.value,
        or_(status_event.c.code != _ENDS_WHILE_IT_STANDS, ~followed),
    )


def _taken_over() -> ColumnElement[bool]:
    """Whether an invoice of a settled flow recycles or completes the one that draws."""
    link, its_flow = succession.alias("taken_over"), flow.alias("taking_over_flow")
    return exists().where(
        link.c.earlier_flow_key == commitment_draw.c.flow_key,
        link.c.earlier_position == commitment_draw.c.position,
        link.c.kind != LinkKind.REPLACES.value,
        its_flow.c.flow_key == link.c.flow_key,
        its_flow.c.status == FlowStatus.SETTLED.value,
    )


def _taking_over() -> ColumnElement[bool]:
    """Whether a flow that is not settled draws for an invoice what the one it recycles or completes still draws. The
    amount of an invoice may not change on the way: it would count twice, and others would be refused for it."""
    link, its_flow = succession.alias("taking_over"), flow.alias("pending_flow")
    before = commitment_draw.alias("drawn_before")
    return exists().where(
        link.c.flow_key == commitment_draw.c.flow_key,
        link.c.position == commitment_draw.c.position,
        link.c.kind != LinkKind.REPLACES.value,
        its_flow.c.flow_key == link.c.flow_key,
        its_flow.c.status != FlowStatus.SETTLED.value,
        before.c.flow_key == link.c.earlier_flow_key,
        before.c.position == link.c.earlier_position,
        before.c.structure == commitment_draw.c.structure,
        before.c.number == commitment_draw.c.number,
    )


def _row(one: Commitment, ordinal: int, flow_key: str) -> tuple[object, ...]:
    lines = json.dumps([[line.number, line.label, str(line.amount)] for line in one.lines], ensure_ascii=False)
    return (
        one.structure, one.number, ordinal, flow_key, one.service, one.supplier, str(one.amount), one.currency,
        one.issued_on, one.valid_from, one.valid_to, one.state.value, lines,
    )  # fmt: skip


def _commitment(row: Any) -> Commitment:
    lines: Iterable[Any] = json.loads(row.lines)
    return Commitment(
        structure=row.structure,
        number=row.number,
        service=row.service,
        supplier=row.supplier,
        amount=Decimal(row.amount),
        currency=row.currency,
        issued_on=row.issued_on,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        state=CommitmentState(row.state),
        lines=tuple(CommitmentLine(number, label, Decimal(amount)) for number, label, amount in lines),
    )
