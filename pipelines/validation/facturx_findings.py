"""What a Factur-X PDF says of the invoice that it holds, against the invoice: XMP metadata and AFRelationship.

What contradicts the invoice rejects: two readers would see two things. What is left out is a warning: nobody is misled.
Sources: Factur-X 1.09, chapters on the PDF/A-3 envelope, XMP extension schema and AFRelationship.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from data_contracts.answers import FindingRow
from data_contracts.messages import both
from data_contracts.refusals import DocumentUnreadable
from data_contracts.rule_sets import facturx_profile
from data_contracts.tables import Flag
from pipelines.parsing.documents import Document
from pipelines.parsing.facturx_pdf import FacturxPdf
from pipelines.parsing.xml_gate import gated

FACTURX_RULES = "relais.factur-x:1"
FACTURX_SPACES = ("urn:factur-x:", "urn:ferd:", "urn:zugferd:")
"""How the namespaces of the XMP block begin: that of Factur-X, and those of ZUGFeRD before it."""
PDFA_SPACE = "http://www.aiim.org/pdfa/ns/id/"
FILE_NAME = "factur-x.xml"
LEVELS = {
    "basic-wl": ("BASIC WL", "BASICWL", "BASIC-WL"),
    "basic": ("BASIC",),
    "en16931": ("EN 16931", "EN16931", "COMFORT"),
    "extended": ("EXTENDED", "EXTENDED-CTC-FR", "EXTENDED CTC FR"),
}
"""What fx:ConformanceLevel may say of each profile. The first is Factur-X's own word."""
MINIMUM = ("MINIMUM",)
RELATIONSHIPS = ("Data", "Source", "Alternative")
DATA_ONLY = {"minimum", "basic-wl"}
"""Profiles that hold less than the invoice: to them the XML is data, and nothing else."""


class Said(NamedTuple):
    """One thing that is wrong: a rule, a message, what was met, what was due."""

    rule: str
    message: str
    flag: Flag
    found: str | None
    expected: str | None


def facturx_findings(document: Document, pdf: FacturxPdf, specification: str) -> list[FindingRow]:
    """The findings of the envelope of one Factur-X invoice. Shape   `specification` is BT-24 of its XML.

    Cost     one parse of the XMP packet.
    """
    profile = "minimum" if ":minimum" in specification.lower() else facturx_profile(specification)
    said = [*_of_metadata(pdf, profile), *_of_file(pdf, profile)]
    return [_row(document, one) for one in said]


def _of_metadata(pdf: FacturxPdf, profile: str) -> Iterator[Said]:
    try:
        values = None if pdf.xmp is None else _values(gated(pdf.xmp.strip(b"\0 \t\r\n")).getroot())
    except DocumentUnreadable:
        values = None
    if values is None:
        yield Said("RLS-FX-01", "facturx-xmp-missing", Flag.WARNING, None, None)
        return
    part = values.get("pdfaid:part", "")
    if part != "3":
        yield Said("RLS-FX-02", "facturx-pdfa", Flag.WARNING, part, "3")
    if not any(name.startswith("fx:") for name in values):
        yield Said("RLS-FX-03", "facturx-block-missing", Flag.WARNING, None, None)
        return
    levels = LEVELS.get(profile, MINIMUM)
    level = values.get("fx:ConformanceLevel", "")
    if level.upper() not in levels:
        yield Said("RLS-FX-04", "facturx-conformance", _flag(level), level, levels[0])
    named = values.get("fx:DocumentFileName", "")
    if named != pdf.file_name:
        yield Said("RLS-FX-05", "facturx-file-name", _flag(named), named, pdf.file_name)
    kind = values.get("fx:DocumentType", "")
    if kind.upper() != "INVOICE":
        yield Said("RLS-FX-06", "facturx-document-type", _flag(kind), kind, "INVOICE")
    version = values.get("fx:Version", "")
    if not version.replace(".", "").isdigit():
        yield Said("RLS-FX-07", "facturx-version", Flag.WARNING, version, "1.0")


def _of_file(pdf: FacturxPdf, profile: str) -> Iterator[Said]:
    expected = RELATIONSHIPS[:1] if profile in DATA_ONLY else RELATIONSHIPS
    if not pdf.relationship:
        yield Said("RLS-FX-08", "facturx-relationship-missing", Flag.WARNING, None, ", ".join(expected))
    elif pdf.relationship not in expected:
        yield Said("RLS-FX-09", "facturx-relationship", Flag.FATAL, pdf.relationship, ", ".join(expected))
    if not pdf.associated:
        yield Said("RLS-FX-10", "facturx-unassociated", Flag.WARNING, None, "/AF")
    if pdf.file_name != FILE_NAME:
        yield Said("RLS-FX-11", "facturx-name", Flag.WARNING, pdf.file_name, FILE_NAME)


def _flag(found: str) -> Flag:
    return Flag.FATAL if found else Flag.WARNING


def _values(root: etree._Element) -> dict[str, str]:
    """What the packet says of PDF/A and of the invoice, written as elements or as attributes."""
    values: dict[str, str] = {}
    for element in root.iter(etree.Element):
        pairs = [(str(element.tag), element.text or ""), *((str(name), str(text)) for name, text in element.items())]
        for name, text in pairs:
            space, _, local = name.rpartition("}")
            prefix = _prefix(space.removeprefix("{"))
            if prefix:
                values.setdefault(f"{prefix}:{local}", text.strip())
    return values


def _prefix(space: str) -> str:
    if space == PDFA_SPACE:
        return "pdfaid"
    return "fx" if space.lower().startswith(FACTURX_SPACES) else ""


def _row(document: Document, said: Said) -> FindingRow:
    values = {"found": (said.found or "")[:100], "expected": said.expected or ""}
    sentences = both(said.message, **values)
    return FindingRow(
        flow_key=document.flow_key,
        position=document.position,
        rule_set=FACTURX_RULES,
        rule=said.rule,
        flag=said.flag.value,
        terms=["BT-24"] if said.rule == "RLS-FX-04" else [],
        location=None,
        line=None,
        found=values["found"] or None,
        expected=said.expected,
        message_fr=sentences.fr,
        message_en=sentences.en,
    )
