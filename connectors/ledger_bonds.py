"""What a late invoice is bound to: written in the transaction that settles it, or nothing of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, select

from connectors.ledger_bulk import chunks, insert_rows
from connectors.ledger_commitments import as_seen, insert_draws
from connectors.ledger_history_rows import link_row
from connectors.ledger_settlement import UNKEYED_COLUMNS, give_back, unkeyed_row
from connectors.ledger_tables import answer_number, succession, unkeyed_invoice
from connectors.ledger_transactions import insert_new
from data_contracts.envelope import parsed
from data_contracts.errors import LedgerConflict
from data_contracts.history_ledger import Link
from data_contracts.late_ledger import Bonds
from data_contracts.ledger import Answer
from data_contracts.quarantine import LATE_PARTS


def bind(connection: Connection, flow_key: str, position: int, bonds: Bonds) -> None:
    """Nothing; the invoice draws on commitments, follows whom it follows, and is found under its name.

    Errors   LedgerConflict when others drew more than was seen, or another invoice follows the same one meanwhile.
    """
    for keys in chunks(sorted(bonds.seen)):
        # Its flow is settled: what other invoices of the flow drew counts as what anybody drew.
        as_seen(connection, {key: bonds.seen[key] for key in keys}, "", bonds.instead_of)
    insert_draws(connection, flow_key, bonds.draws)
    _follow(connection, bonds.links)
    ours = (unkeyed_invoice.c.flow_key == flow_key, unkeyed_invoice.c.position == position)
    connection.execute(delete(unkeyed_invoice).where(*ours))
    insert_rows(connection, unkeyed_invoice, UNKEYED_COLUMNS, (unkeyed_row(flow_key, one) for one in bonds.unkeyed))


def give_back_unused(connection: Connection, flow_key: str, position: int, answers: Collection[Answer]) -> None:
    """Nothing; of the numbers that late answers of an invoice were bound to, those that these bear are kept."""
    used = {(one.interface_code, one.partner_code, parsed(one.name).sequence) for one in answers}
    bound = select(answer_number).where(
        answer_number.c.flow_key == flow_key, answer_number.c.part == LATE_PARTS + position
    )
    unused = {
        (row.interface_code, row.partner_code, row.part): row.sequence
        for row in connection.execute(bound)
        if (row.interface_code, row.partner_code, row.sequence) not in used
    }
    give_back(connection, flow_key, unused)


def _follow(connection: Connection, links: Sequence[Link]) -> None:
    for link in links:
        new = insert_new(connection, succession).returning(succession.c.position)
        if connection.execute(new, link_row(link)).first() is None:
            raise LedgerConflict(
                "another invoice took up the same number meanwhile",
                where=f"{link.later.flow_key}/{link.later.position}",
                value=f"{link.earlier.flow_key}/{link.earlier.position}",
                remedy="run again",
            )
