"""Arrow schemas of the tables that travel between stages. Key of every table: (flow_key, position).

Units    amounts are exact decimals in the invoice's currency (BT-5); rates are percents; times are UTC.
Nulls    a null business term is absent from the document; it is never an empty string.
"""

from __future__ import annotations

from enum import StrEnum

import pyarrow as pa

from data_contracts.errors import ContractBroken

AMOUNT = pa.decimal128(28, 8)
"""Money, prices and quantities. Twenty digits before the point and eight after: G1.14 allows 19 digits in all, G1.16
six decimals. A value that does not fit is null here and a finding says so."""


class Verdict(StrEnum):
    """A fact about one document and the official rules."""

    VALID = "valid"
    INVALID = "invalid"
    UNDETERMINED = "undetermined"


class Flag(StrEnum):
    FATAL = "fatal"
    WARNING = "warning"


class Outcome(StrEnum):
    """What became of one received invoice. Every invoice has exactly one."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"


def _schema(*fields: tuple[str, pa.DataType] | tuple[str, pa.DataType, bool]) -> pa.Schema:
    return pa.schema([pa.field(f[0], f[1], nullable=f[2] if len(f) == 3 else True) for f in fields])


_KEY = (("flow_key", pa.string(), False), ("position", pa.int32(), False))

MEMBERS = _schema(
    *_KEY,  # position counts the members of a flow from 0, in the archive's order
    ("name", pa.string(), False),  # as found in the archive; the envelope name for a single file
    ("offset", pa.int64(), False),  # bytes from the start of the flow's pack of documents
    ("size_bytes", pa.int64(), False),
    ("sha256", pa.string(), False),  # lower-case hex, of the member's bytes
)

INVOICES = _schema(
    *_KEY,
    ("member_name", pa.string(), False),
    ("sha256", pa.string(), False),
    ("syntax", pa.string()),  # ubl, cii, facturx or cpp_mixed as found; null when unreadable
    ("profile", pa.string()),  # BT-24
    ("frame", pa.string()),  # BT-23 business process, Chorus Pro cadre de facturation (A1, B1, S1...)
    ("number", pa.string()),  # BT-1
    ("issue_date", pa.date32()),  # BT-2
    ("type_code", pa.string()),  # BT-3
    ("currency", pa.string()),  # BT-5
    ("due_date", pa.date32()),  # BT-9
    ("delivery_date", pa.date32()),  # BT-72
    ("service_code", pa.string()),  # BT-10 buyer reference; 0224 routing code (BT-46) where given
    ("engagement", pa.string()),  # BT-13 purchase order reference
    ("contract", pa.string()),  # BT-12
    ("preceding_number", pa.string()),  # BT-25, first one
    ("seller_name", pa.string()),  # BT-27
    ("seller_id", pa.string()),  # the identifier that Chorus Pro uses: SIRET, else SIREN, VAT number, RIDET...
    ("seller_id_type", pa.string()),  # CPPStatut TypeIdentifiant 1 to 7; null when unknown
    ("seller_siren", pa.string()),  # nine digits, from BT-30, BT-29 or the SIRET
    ("seller_country", pa.string()),  # BT-40
    ("seller_address", pa.string()),  # BT-34 electronic address
    ("seller_address_scheme", pa.string()),  # BT-34-1
    ("buyer_name", pa.string()),  # BT-44
    ("buyer_siret", pa.string()),  # BT-46 scheme 0009, or BT-47, fourteen characters as written
    ("buyer_address", pa.string()),  # BT-49
    ("buyer_address_scheme", pa.string()),  # BT-49-1
    ("payment_means", pa.string()),  # BT-81, first one
    ("iban", pa.string()),  # BT-84, first one
    ("net_amount", AMOUNT),  # BT-109
    ("gross_amount", AMOUNT),  # BT-112
    ("payable_amount", AMOUNT),  # BT-115
    ("line_count", pa.int32()),
)

LINES = _schema(
    *_KEY,
    ("line", pa.int32(), False),  # counts from 1
    ("line_id", pa.string()),  # BT-126
    ("product", pa.string()),  # BT-155, else BT-153
    ("unit_price", AMOUNT),  # BT-146
    ("quantity", AMOUNT),  # BT-129
    ("net_amount", AMOUNT),  # BT-131
    ("vat_rate", AMOUNT),  # BT-152, percent
)

VAT_BREAKDOWN = _schema(
    *_KEY,
    ("category", pa.string()),  # BT-118
    ("rate", AMOUNT),  # BT-119, percent
    ("base_amount", AMOUNT),  # BT-116
    ("vat_amount", AMOUNT),  # BT-117
)

VERDICTS = _schema(
    *_KEY,
    ("verdict", pa.string(), False),  # Verdict
    ("xsd_valid", pa.bool_()),  # null when the schema check did not run
    ("rule_sets", pa.list_(pa.string()), False),  # coordinate@sha256 of what judged, in order
    ("cause", pa.string()),  # why undetermined; null otherwise
)

FINDINGS = _schema(
    *_KEY,
    ("rule_set", pa.string(), False),  # coordinate, such as eu.cen.en16931.ubl:1.3.16
    ("rule", pa.string(), False),  # official id, such as BR-CO-10
    ("flag", pa.string(), False),  # Flag, as the rule set says
    ("terms", pa.list_(pa.string()), False),  # business terms concerned, such as BT-106
    ("location", pa.string()),  # XPath of the node
    ("line", pa.int32()),  # line of the node in the document, from 1
    ("found", pa.string()),
    ("expected", pa.string()),
    ("message_fr", pa.string(), False),
    ("message_en", pa.string(), False),
)

OUTCOMES = _schema(
    *_KEY,
    ("outcome", pa.string(), False),  # Outcome
    ("motive", pa.string()),  # code of data_contracts.motives; null when accepted
    ("detail_fr", pa.string()),
    ("detail_en", pa.string()),
    ("partner_code", pa.string()),  # who receives the invoice; null unless accepted
    ("original_flow_key", pa.string()),  # of a duplicate: the flow that brought the first one
    ("original_position", pa.int32()),
)

CHECKED: dict[str, pa.Schema] = {
    "invoices": INVOICES,
    "lines": LINES,
    "vat_breakdown": VAT_BREAKDOWN,
    "verdicts": VERDICTS,
    "findings": FINDINGS,
}
"""The tables that the check stage writes for one batch, one Parquet file each."""


def conforming(table: pa.Table, schema: pa.Schema, name: str) -> pa.Table:
    """The table, when it has exactly this schema and no null where none is allowed.

    Errors   ContractBroken naming the table, the column and the difference.
    """
    if table.schema.names != schema.names:
        raise ContractBroken("columns differ", where=name, value=f"{table.schema.names} for {schema.names}")
    for field in schema:
        column = table.column(field.name)
        if column.type != field.type:
            raise ContractBroken("type differs", where=f"{name}.{field.name}", value=f"{column.type} for {field.type}")
        if not field.nullable and column.null_count:
            raise ContractBroken("null not allowed", where=f"{name}.{field.name}", value=f"{column.null_count} nulls")
    return table.cast(schema)
