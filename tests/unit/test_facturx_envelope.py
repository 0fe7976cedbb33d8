"""The PDF around a Factur-X invoice: its XMP metadata and its relationship to the XML, each defect by name."""

from __future__ import annotations

import zlib

import pytest

from data_contracts.interfaces import Circuit
from pipelines.parsing.documents import Document
from pipelines.parsing.facturx_pdf import facturx, other_files
from pipelines.validation.facturx_findings import facturx_findings
from relais.samples.billers import BUILDER
from relais.samples.cii_writer import cii_bytes
from relais.samples.facturx_writer import facturx_bytes
from relais.samples.invoices import composed
from tests.hostile.pdfs import catalog, pdf_of, stream

EN16931 = "urn:cen.eu:en16931:2017"
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" pdfaid:part="3"/>'
    '<rdf:Description xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">'
    "<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>"
    "<fx:Version>1.0</fx:Version><fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>"
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def pdf(
    xmp: str | None = XMP, *, relationship: str = "/Data", name: str = "factur-x.xml", associated: bool = True
) -> bytes:
    entries = b"/Names<</EmbeddedFiles<</Names[(%b)2 0 R]>>>>" % name.encode()
    entries += b"/AF[2 0 R]" if associated else b""
    entries += b"/Metadata 4 0 R" if xmp is not None else b""
    kind = b"/AFRelationship%b" % relationship.encode() if relationship else b""
    return pdf_of(
        [
            catalog(entries),
            (2, b"<</Type/Filespec/UF(%b)/F(%b)%b/EF<</F 3 0 R>>>>" % (name.encode(), name.encode(), kind)),
            (3, stream(b"/Type/EmbeddedFile", b"<a/>")),
            (4, stream(b"/Type/Metadata/Subtype/XML", (xmp or "").encode())),
        ]
    )


def told(data: bytes, specification: str = EN16931) -> list[str]:
    rows = facturx_findings(Document("f", 0, "n", data, ""), facturx(data), specification)
    assert all(row["message_fr"] != row["message_en"] for row in rows)
    return [row["rule"] for row in rows]


def test_a_right_envelope_has_no_finding() -> None:
    assert told(pdf()) == []
    assert told(pdf(f'<?xpacket begin="\ufeff" id="x"?>{XMP}<?xpacket end="w"?>' + " " * 2_000)) == []


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (pdf(None), "RLS-FX-01"),
        (pdf("<x:xmpmeta"), "RLS-FX-01"),
        (pdf('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'), "RLS-FX-01"),
        (pdf(XMP.replace('part="3"', 'part="1"')), "RLS-FX-02"),
        (pdf(XMP.replace("urn:factur-x:", "urn:other:")), "RLS-FX-03"),
        (pdf(XMP.replace("EN 16931", "BASIC")), "RLS-FX-04"),
        (pdf(XMP.replace("factur-x.xml", "facture.xml")), "RLS-FX-05"),
        (pdf(XMP.replace("INVOICE", "ORDER")), "RLS-FX-06"),
        (pdf(XMP.replace(">1.0<", ">final<")), "RLS-FX-07"),
        (pdf(relationship=""), "RLS-FX-08"),
        (pdf(relationship="/Supplement"), "RLS-FX-09"),
        (pdf(associated=False), "RLS-FX-10"),
    ],
)
def test_each_defect_has_its_name(data: bytes, rule: str) -> None:
    assert told(data) == [rule]


def test_another_known_name_is_told() -> None:
    assert told(pdf(XMP.replace("factur-x.xml", "xrechnung.xml"), name="xrechnung.xml")) == ["RLS-FX-11"]


def test_the_least_profiles_hold_data_and_nothing_else() -> None:
    minimum = "urn:factur-x.eu:1p0:minimum"
    assert told(pdf(XMP.replace("EN 16931", "MINIMUM")), minimum) == []
    assert told(pdf(XMP.replace("EN 16931", "MINIMUM"), relationship="/Source"), minimum) == ["RLS-FX-09"]
    other = pdf(XMP.replace("EN 16931", "BASIC WL"), relationship="/Alternative")
    assert told(other, "urn:factur-x.eu:1p0:basicwl") == ["RLS-FX-09"]


def test_contradictions_reject_and_omissions_warn() -> None:
    def flags(data: bytes) -> list[str]:
        return [row["flag"] for row in facturx_findings(Document("f", 0, "n", data, ""), facturx(data), EN16931)]

    wrong = [pdf(XMP.replace("EN 16931", "BASIC")), pdf(XMP.replace("INVOICE", "ORDER")), pdf(relationship="/Draft")]
    assert [flags(data) for data in wrong] == [["fatal"]] * 3
    left_out = [pdf(XMP.replace("EN 16931", "")), pdf(None), pdf(relationship=""), pdf(associated=False)]
    assert [flags(data) for data in left_out] == [["warning"]] * 4


def test_metadata_written_as_attributes_are_read() -> None:
    compact = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" pdfaid:part="3" '
        'xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#" fx:DocumentType="INVOICE" '
        'fx:DocumentFileName="factur-x.xml" fx:Version="1.0" fx:ConformanceLevel="EN 16931"/></rdf:RDF></x:xmpmeta>'
    )
    assert told(pdf(compact)) == []


def test_a_metadata_stream_that_inflates_without_measure_is_none() -> None:
    data = pdf_of(
        [
            catalog(b"/Names<</EmbeddedFiles<</Names[(factur-x.xml)2 0 R]>>>>/AF[2 0 R]/Metadata 4 0 R"),
            (2, b"<</Type/Filespec/UF(factur-x.xml)/AFRelationship/Data/EF<</F 3 0 R>>>>"),
            (3, stream(b"/Type/EmbeddedFile", b"<a/>")),
            (4, stream(b"/Type/Metadata/Filter/FlateDecode", zlib.compress(b" " * 50_000_000))),
        ]
    )
    assert facturx(data).xmp is None
    assert told(data) == ["RLS-FX-01"]


def test_the_samples_of_the_generator_are_right_but_for_pdf_a() -> None:
    invoice = composed(BUILDER, 1, Circuit.AFNOR, 1)
    data = facturx_bytes(invoice, cii_bytes(invoice))
    assert told(data) == ["RLS-FX-02"]
    assert facturx(data).others == () and other_files(data) == []
