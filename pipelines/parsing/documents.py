"""One document of a flow: its bytes as received, and the roots that hold an invoice."""

from __future__ import annotations

from dataclasses import dataclass

from data_contracts.interfaces import Syntax
from pipelines.parsing.paths import NAMESPACES

ROOTS = {
    f"{{{NAMESPACES['ubl']}}}Invoice": Syntax.UBL,
    f"{{{NAMESPACES['ubln']}}}CreditNote": Syntax.UBL,
    f"{{{NAMESPACES['rsm']}}}CrossIndustryInvoice": Syntax.CII,
    "CPPFactureMixte": Syntax.CPP_MIXED,
}
"""Expanded names of the roots that hold an invoice. The right local name in another namespace is another document."""


@dataclass(frozen=True)
class Document:
    """One member of a flow, as received. `sha256` is lower-case hex of `data`."""

    flow_key: str
    position: int
    member_name: str
    data: bytes
    sha256: str
