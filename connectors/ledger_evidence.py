"""Evidence in the ledger: which events an hour's seal holds, and what a flow's evidence is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, update

from connectors.ledger_invoices import fitted
from connectors.ledger_schema import lock_schema
from connectors.ledger_tables import evidence_seal, flow_event, invoice_key, outbox
from connectors.ledger_transactions import Transactions
from data_contracts.errors import IntegrityBroken
from data_contracts.evidence import ChainEvent, Seal
from data_contracts.ledger import Answer, InvoiceKey, Owner

HOUR = timedelta(hours=1)
_OF_HOUR = (flow_event.c.sequence > 0,)  # events from before chains were kept have no link


class EvidenceLedger(Transactions):
    """Hours are bound once: an event that is committed late belongs to the next one."""

    def next_hour(self, until: datetime) -> datetime | None:
        """The hour to be sealed next: over by `until`, after every sealed one; None if no event waits for one."""
        with self._read() as connection:
            waiting = select(flow_event.c.at).where(flow_event.c.sealed_in.is_(None), *_OF_HOUR)
            first = connection.execute(waiting.order_by(flow_event.c.at).limit(1)).scalar()
            last = connection.execute(select(func.max(evidence_seal.c.hour))).scalar()
        if first is None:
            return None
        hour = first.replace(minute=0, second=0, microsecond=0)
        if last is not None:
            hour = max(hour, last + HOUR)
        return hour if hour + HOUR <= until else None

    def seal(self, hour: datetime) -> Sequence[str]:
        """The links that the hour's root is over, in order. Bound by the first call."""
        with self._write() as connection:
            lock_schema(connection)
            bound = select(evidence_seal.c.hour).where(evidence_seal.c.hour == hour)
            if connection.execute(bound).first() is None:
                connection.execute(insert(evidence_seal), {"hour": hour})
                free = (flow_event.c.sealed_in.is_(None), flow_event.c.at < hour + HOUR, *_OF_HOUR)
                connection.execute(update(flow_event).where(*free).values(sealed_in=hour))
            links = select(flow_event.c.link).where(flow_event.c.sealed_in == hour).order_by(flow_event.c.id)
            return list(connection.execute(links).scalars())

    def seals(self) -> Sequence[Seal]:
        """Hours that are bound, in order."""
        with self._read() as connection:
            rows = connection.execute(select(evidence_seal).order_by(evidence_seal.c.hour))
            return [Seal(row.hour, row.root) for row in rows]

    def sealed(self, hour: datetime, root: str) -> None:
        """Nothing; the objects of the hour are written. IntegrityBroken if another root was recorded."""
        with self._write() as connection:
            known = select(evidence_seal.c.root).where(evidence_seal.c.hour == hour).with_for_update()
            recorded = connection.execute(known).scalar_one()
            if recorded not in (None, root):
                raise IntegrityBroken(
                    "an hour was sealed before under another root",
                    where=f"hour {hour.isoformat()}",
                    value=root,
                    remedy="the events of that hour were changed: compare them with the objects under evidence/",
                )
            connection.execute(update(evidence_seal).where(evidence_seal.c.hour == hour).values(root=root))

    def chain(self, flow_key: str) -> Sequence[ChainEvent]:
        """The events of a flow, in order; none of those from before chains were kept."""
        ours = select(flow_event).where(flow_event.c.flow_key == flow_key, *_OF_HOUR)
        with self._read() as connection:
            rows = connection.execute(ours.order_by(flow_event.c.sequence))
            return [ChainEvent(row.sequence, row.at, row.what, row.link, row.sealed_in) for row in rows]

    def place(self, flow_key: str, sequence: int) -> int:
        """The place of a sealed event among the links of its hour, from 0."""
        of_event = (flow_event.c.flow_key == flow_key, flow_event.c.sequence == sequence)
        with self._read() as connection:
            row = connection.execute(select(flow_event).where(*of_event)).one()
            before = (flow_event.c.sealed_in == row.sealed_in, flow_event.c.id < row.id)
            return connection.execute(select(func.count()).select_from(flow_event).where(*before)).scalar_one()

    def first_answers(self, flow_key: str) -> Sequence[Answer]:
        """The answers of a flow, late ones included, each once, in the order in which they were owed."""
        ours = select(outbox).where(outbox.c.flow_key == flow_key, outbox.c.again == 0).order_by(outbox.c.ordinal)
        with self._read() as connection:
            rows = connection.execute(ours).mappings()
            return [Answer(**{name: row[name] for name in Answer.__dataclass_fields__}) for row in rows]

    def owner_of(self, key: InvoiceKey) -> Owner | None:
        """The flow and position that an accepted invoice came by."""
        kept = fitted(key)
        of_key = (
            invoice_key.c.year == kept.year, invoice_key.c.seller == kept.seller, invoice_key.c.number == kept.number,
        )  # fmt: skip
        with self._read() as connection:
            row = connection.execute(select(invoice_key).where(*of_key)).first()
            return None if row is None else Owner(row.flow_key, row.position)
