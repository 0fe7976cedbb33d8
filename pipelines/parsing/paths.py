"""The names of elements and attributes in paths: prefixes as tables write them, expanded as documents mean them."""

from __future__ import annotations

NAMESPACES = {
    "ubl": "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "ubln": "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "ext": "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
"""Prefixes of paths. A document may use others: names are matched expanded."""


def expanded(path: str) -> tuple[str, ...]:
    """The expanded names of a path's steps: `cac:TaxTotal/@schemeID` as `{urn:...}TaxTotal`, `@schemeID`.

    Shape    a step without prefix is a name without namespace.
    """
    return tuple(_expanded_name(step) for step in path.split("/"))


def _expanded_name(step: str) -> str:
    if step.startswith("@") or ":" not in step:
        return step
    prefix, _, local = step.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"
