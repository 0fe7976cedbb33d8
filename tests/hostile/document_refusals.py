"""Documents refused by the gate, with all that a refusal must say."""

from __future__ import annotations

import hashlib

import pytest

from data_contracts.motives import MOTIVES
from data_contracts.refusals import DocumentUnreadable
from pipelines.parsing.documents import Document
from pipelines.parsing.paths import NAMESPACES
from pipelines.parsing.xml_gate import gated
from tests.unit.refusals import explained

CII = f'<r:CrossIndustryInvoice xmlns:r="{NAMESPACES["rsm"]}"/>'.encode()
UBL = f'<Invoice xmlns="{NAMESPACES["ubl"]}" xmlns:cbc="{NAMESPACES["cbc"]}"><cbc:ID>1</cbc:ID></Invoice>'.encode()


def refusal(data: bytes) -> DocumentUnreadable:
    with pytest.raises(DocumentUnreadable) as refused:
        gated(data)
    return told(refused.value)


def told(refused: DocumentUnreadable) -> DocumentUnreadable:
    """Every refusal has a known motive, and says in each language what is wrong and what to do."""
    assert refused.motive in MOTIVES
    explained(refused)
    return refused


def document(data: bytes) -> Document:
    return Document("f" * 24, 0, "member", data, hashlib.sha256(data).hexdigest())
