"""The digest of a diffusion: the invoices of one pivot as a table, one row each, for software that books tables.

The pivot and the original inside it remain what was sent; the digest repeats what the pivot says. `docs/digest.md`
tells of each column.
"""

from __future__ import annotations

import pyarrow as pa

from data_contracts.tables import AMOUNT

DIGEST = pa.schema(
    [
        pa.field("number", pa.string(), nullable=False),  # BT-1
        pa.field("issue_date", pa.date32(), nullable=False),  # BT-2
        pa.field("type", pa.string(), nullable=False),  # 380 invoice, 381 credit note
        pa.field("frame", pa.string(), nullable=False),  # Cadre, A1 to A25
        pa.field("resend", pa.string()),  # Recyclée or Complétée; null the first time
        pa.field("seller_id_type", pa.string(), nullable=False),  # TypeIdentifiant, 1 to 7
        pa.field("seller_id", pa.string(), nullable=False),
        pa.field("seller_name", pa.string(), nullable=False),  # BT-27
        pa.field("iban", pa.string()),  # BT-84 without spaces
        pa.field("buyer_siret", pa.string(), nullable=False),
        pa.field("service_code", pa.string()),
        pa.field("service_name", pa.string()),
        pa.field("engagement", pa.string()),  # BT-13
        pa.field("contract", pa.string()),  # BT-12
        pa.field("preceding_number", pa.string()),  # BT-25
        pa.field("currency", pa.string(), nullable=False),  # BT-5
        pa.field("net_amount", AMOUNT, nullable=False),  # BT-109
        pa.field("vat_amount", AMOUNT, nullable=False),  # BT-112 less BT-109
        pa.field("gross_amount", AMOUNT, nullable=False),  # BT-112
        pa.field("payable_amount", AMOUNT, nullable=False),  # BT-115
        pa.field("payment_means", pa.string()),  # BT-81
        pa.field("due_date", pa.date32()),  # BT-9
        pa.field("delivery_date", pa.date32()),  # BT-72
        pa.field("received_on", pa.date32(), nullable=False),  # the day the flow came
        pa.field("line_count", pa.int32()),
        pa.field("original", pa.string(), nullable=False),  # NomPJ of the original in the pivot
        pa.field("original_sha256", pa.string(), nullable=False),  # lower-case hex
    ]
)
