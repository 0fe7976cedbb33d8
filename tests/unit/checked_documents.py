"""Documents for `relais check`, right and wrong ones, and what it tells of them."""

from __future__ import annotations

import json
from typing import Any

from data_contracts.interfaces import Circuit
from relais.samples.billers import BUILDER, CATERER, UTILITY
from relais.samples.cii_writer import cii_bytes
from relais.samples.facturx_writer import facturx_bytes
from relais.samples.invoices import composed
from relais.samples.ubl_writer import ubl_bytes
from tests.unit.conftest import Told

UBL = ubl_bytes(composed(UTILITY, 1, Circuit.AFNOR, 1))
CII = cii_bytes(composed(CATERER, 1, Circuit.AFNOR, 1))
PDF = facturx_bytes(composed(BUILDER, 1, Circuit.AFNOR, 1), cii_bytes(composed(BUILDER, 1, Circuit.AFNOR, 1)))
WRONG_TYPE = UBL.replace(b"<cbc:InvoiceTypeCode>380<", b"<cbc:InvoiceTypeCode>999<")
FRAGMENT = (
    b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cbc="urn:oasis:names:specification:'
    b'ubl:schema:xsd:CommonBasicComponents-2"><cbc:ID>&lt;script&gt;alert(1)&lt;/script&gt;</cbc:ID></Invoice>'
)


def lines(told: Told) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told[1].splitlines()]


def rules(line: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in line["findings"]}
