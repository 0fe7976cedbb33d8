"""The digest of a diffusion, in CSV or in Parquet: what the pivot says of each invoice, one row each.

CSV      UTF-8, a header, fields apart by semicolons, lines by CR LF, quoted where needed (RFC 4180); days like
         2026-11-02, amounts with a point; a null is empty. Values are exact: nothing is added against spreadsheets.
Source   ours; columns in `data_contracts.digest`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.answers import Header, InvoiceRow, Resend
from data_contracts.digest import DIGEST
from data_contracts.interfaces import Syntax
from data_contracts.tables import conforming
from pipelines.delivery.amounts import amount
from pipelines.delivery.chorus_codes import chorus_frame, chorus_type
from pipelines.delivery.original import original_name

DELIMITER = ";"


@dataclass(frozen=True)
class Digested:
    """One diffused invoice, without its bytes."""

    invoice: InvoiceRow
    service_name: str
    received_on: date
    original_media_type: str
    resend: Resend | None


def digest_csv(_header: Header, invoices: Sequence[Digested]) -> Iterator[bytes]:
    """The digest in CSV, its bytes part by part. Cost: a few us an invoice."""
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, delimiter=DELIMITER, lineterminator="\r\n")
    writer.writerow(DIGEST.names)
    writer.writerows([_text(row[name]) for name in DIGEST.names] for row in map(_row, invoices))
    yield sink.getvalue().encode()


def digest_parquet(_header: Header, invoices: Sequence[Digested]) -> Iterator[bytes]:
    """The digest in Parquet, with the types of `DIGEST`."""
    table = conforming(pa.Table.from_pylist([_row(one) for one in invoices], schema=DIGEST), DIGEST, "digest")
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="snappy")
    yield sink.getvalue().to_pybytes()


DIGEST_WRITERS: dict[Syntax, Callable[[Header, Sequence[Digested]], Iterable[bytes]]] = {
    Syntax.CSV: digest_csv,
    Syntax.PARQUET: digest_parquet,
}


def _row(one: Digested) -> dict[str, Any]:
    invoice = one.invoice
    gross, net = invoice["gross_amount"], invoice["net_amount"]
    assert gross is not None and net is not None, "what is diffused has its totals"
    same = {name: invoice[name] for name in DIGEST.names if name in InvoiceRow.__annotations__}  # type: ignore[literal-required]
    return same | {
        "type": chorus_type(invoice["type_code"]),
        "frame": chorus_frame(invoice["frame"]),
        "resend": one.resend.value if one.resend else None,
        "iban": "".join((invoice["iban"] or "").split()) or None,
        "service_name": one.service_name or None,
        "vat_amount": gross - net,
        "received_on": one.received_on,
        "original": original_name(invoice, one.original_media_type),
        "original_sha256": invoice["sha256"],
    }


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return amount(value)
    return value.isoformat() if isinstance(value, date) else str(value)
