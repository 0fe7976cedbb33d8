"""CDAR: acknowledgments of AFNOR flows and statuses of their invoices, against the main rules of BR-FR-CDV."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from lxml import etree

from data_contracts.errors import ContractBroken
from data_contracts.motives import MOTIVES
from pipelines.acknowledgment.cdar_flow_status import LINES_MAX, cdar_flow_status
from pipelines.acknowledgment.cdar_frame import NAMESPACES
from pipelines.lifecycle.cdar_invoice_status import cdar_invoice_status
from pipelines.lifecycle.cdar_reasons import NOTES_MAX, REJECTION_MOTIVES, rejection_motive
from pipelines.lifecycle.usable import INVOICE_TYPES
from tests.unit.answer_values import ODD_TEXTS, afnor_invoice, error_line, flow_answer, header, status, texts
from tests.unit.rows import finding

REFERENCE = "rsm:AcknowledgementDocument/ram:ReferenceReferencedDocument"
DETAIL = REFERENCE + "/ram:SpecifiedDocumentStatus"
LAME: list[dict[str, Any]] = [
    {},
    {"number": None},
    {"number": "F.1"},
    {"number": "n" * 36},
    {"issue_date": None, "type_code": None, "seller_siren": None},
    {"seller_siren": "12345", "type_code": "999"},
    {"seller_address": None},
    {"seller_address": " ", "seller_name": None},
    {"seller_address_scheme": None},
]
FINDINGS = tuple(finding(rule=rule) for rule in ("BR-CO-10", "BR-CO-15", "BR-CO-10"))
STATUSES = [
    status(code, invoice=afnor_invoice(**changes), **extra)
    for changes in LAME
    for code, extra in (
        ("202", {}),
        ("203", {}),
        ("213", {"findings": FINDINGS}),
        ("213", {"motive": "DOUBLON", "findings": (), "comment_fr": "déjà reçue", "comment_en": "already received"}),
        ("213", {"motive": "IRR_SYNTAX"}),
    )
]


def _one(root: etree._Element, path: str) -> str:
    (value,) = root.xpath(f"{path}/text()", namespaces=NAMESPACES)
    return str(value)


@pytest.mark.parametrize("one", STATUSES)
def test_invoice_statuses_obey_the_french_rules(one: Any) -> None:
    """BR-FR-CDV in our words; numbers are those of the rules."""
    root = etree.fromstring(cdar_invoice_status(header("FEN1214A"), one))

    def found(path: str) -> list[Any]:
        return list(root.xpath(path, namespaces=NAMESPACES))

    context = "rsm:ExchangedDocumentContext"
    exchanged = "rsm:ExchangedDocument"
    # 01, 02: the profile is that of invoices between platforms. CL-01: the process is regulated.
    assert _one(root, f"{context}/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID") == (
        "urn.cpro.gouv.fr:1p0:CDV:invoice"
    )
    assert _one(root, f"{context}/ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID") == "REGULATED"
    # 03: an identifier, of 50 characters at most (annex 2). 04: a time of issue, 14 digits.
    assert 0 < len(_one(root, f"{exchanged}/ram:ID")) <= 50
    assert len(_one(root, f"{exchanged}/ram:IssueDateTime/udt:DateTimeString[@format='204']")) == 14
    # 05, 06, CL-02, CL-03: sender and issuer are platforms. 07: for type 305 the issuer gives no identifier.
    assert _one(root, f"{exchanged}/ram:SenderTradeParty/ram:RoleCode") == "WK"
    assert _one(root, f"{exchanged}/ram:IssuerTradeParty/ram:RoleCode") == "WK"
    assert not found(f"{exchanged}/ram:IssuerTradeParty/ram:GlobalID")
    # 08, CL-04: a recipient that is not a platform has an electronic address.
    (recipient,) = found(f"{exchanged}/ram:RecipientTradeParty")
    role = recipient.findtext("ram:RoleCode", namespaces=NAMESPACES)
    address = recipient.find("ram:URIUniversalCommunication/ram:URIID", NAMESPACES)
    assert role in {"SE", "WK"}
    assert role == "WK" or (address.text.strip() and address.get("schemeID") == "0225")
    # 09 and P1.14: transmission phase, one document.
    assert _one(root, "rsm:AcknowledgementDocument/ram:TypeCode") == "305"
    assert _one(root, "rsm:AcknowledgementDocument/ram:MultipleReferencesIndicator/udt:Indicator") == "false"
    assert len(found(REFERENCE)) == 1
    # 10, 11, 12, 13: number, date, status and the seller's SIREN are always there.
    assert _one(root, f"{REFERENCE}/ram:IssuerAssignedID")
    assert len(_one(root, f"{REFERENCE}/ram:FormattedIssueDateTime/qdt:DateTimeString[@format='102']")) == 8
    assert _one(root, f"{REFERENCE}/ram:ProcessConditionCode") == one.code
    siren = _one(root, f"{REFERENCE}/ram:IssuerTradeParty/ram:GlobalID[@schemeID='0002']")
    assert len(siren) == 9 and siren.isdigit()
    # BR-FR-04: the object is an invoice of a known type. CL-05: the status in the UNECE's words.
    assert _one(root, f"{REFERENCE}/ram:TypeCode") in INVOICE_TYPES
    assert _one(root, f"{REFERENCE}/ram:StatusCode") in {"10", "51", "43", "8", "48"}
    # 15, CL-09: a rejection has motives, of the closed list. 16: each detail is numbered.
    motives = found(f"{DETAIL}/ram:ReasonCode/text()")
    assert bool(motives) == (one.code == "213")
    assert {str(motive) for motive in motives} <= REJECTION_MOTIVES
    numbers = [str(text) for text in found(f"{DETAIL}/ram:SequenceNumeric/text()")]
    assert numbers == [str(number) for number in range(1, len(found(DETAIL)) + 1)]
    # CL-11: data are wrong values or expected ones.
    assert {str(text) for text in found(f"{DETAIL}/ram:SpecifiedDocumentCharacteristic/ram:TypeCode/text()")} <= {
        "DIV",
        "DVA",
    }


def test_a_plain_status_reads_like_the_official_samples() -> None:
    content = cdar_invoice_status(header("FEN1204A"), status("203"))
    assert texts(content, "rsm:ExchangedDocument/ram:ID") == ["F2026-1_203_20261120120000#380_20261102"]
    assert texts(content, REFERENCE + "/ram:StatusCode") == ["48"]
    assert texts(content, REFERENCE + "/ram:ProcessCondition") == ["Mise à disposition"]
    recipient = etree.fromstring(content).find("rsm:ExchangedDocument/ram:RecipientTradeParty", NAMESPACES)
    assert [(etree.QName(part).localname, part.text) for part in recipient][:3] == [
        ("GlobalID", "552081317"),
        ("Name", "Electricite du Centre"),
        ("RoleCode", "SE"),
    ]
    assert texts(content, DETAIL) == []
    assert content.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<rsm:CrossDomainAcknowledgementAndResponse ")
    assert b"<!--" not in content


def test_findings_of_one_rule_stand_together() -> None:
    content = cdar_invoice_status(header("FEN1214A"), status("213", findings=FINDINGS))
    details = etree.fromstring(content).findall(DETAIL, NAMESPACES)
    codes = [[code.text for code in detail.iterfind(".//ram:ContentCode", NAMESPACES)] for detail in details]
    assert codes == [["BR-CO-10", "BR-CO-10"], ["BR-CO-15"]]
    first = details[0].findall("ram:IncludedNote", NAMESPACES)[0]
    languages = [(part.get("languageID"), part.text) for part in first.findall("ram:Content", NAMESPACES)]
    assert [language for language, _ in languages] == ["FR", "EN"]
    assert "valeur attendue : « 2 »" in str(languages[0][1])
    assert first.findtext("ram:SubjectCode", namespaces=NAMESPACES) == "BT-106"
    values = [
        (part.findtext("ram:TypeCode", namespaces=NAMESPACES), part.findtext("ram:Value", namespaces=NAMESPACES))
        for part in details[1].findall("ram:SpecifiedDocumentCharacteristic", NAMESPACES)
    ]
    assert values == [("DIV", "1"), ("DVA", "2")]


def test_an_unusable_identity_takes_the_defaults_and_is_quoted() -> None:
    lame = afnor_invoice(number="F.1", issue_date=None, seller_siren=None, seller_id="ABC", type_code="999", position=3)
    content = cdar_invoice_status(header("FEN1214A"), status("213", invoice=lame))
    assert texts(content, REFERENCE + "/ram:IssuerAssignedID") == ["X" * 20]
    assert texts(content, REFERENCE + "/ram:FormattedIssueDateTime/qdt:DateTimeString") == ["19000101"]
    assert texts(content, REFERENCE + "/ram:IssuerTradeParty/ram:GlobalID") == ["000000000"]
    quoted = texts(content, DETAIL + "/ram:IncludedNote/ram:Content")
    for sentence in quoted[:2]:
        for value in ("F.1", "ABC", "999", "invoice-1.xml"):
            assert value in sentence


def test_messages_on_different_invoices_have_different_identifiers() -> None:
    lame = [afnor_invoice(number=None, position=position) for position in range(3)]
    twins = [afnor_invoice(position=position) for position in range(3)]
    identifiers = [
        texts(cdar_invoice_status(header("FEN1214A"), one), "rsm:ExchangedDocument/ram:ID")[0]
        for one in (
            *(status("213", invoice=invoice) for invoice in lame),
            *(status("213", invoice=invoice, motive="DOUBLON") for invoice in twins),
        )
    ]
    assert len(set(identifiers)) == 6


def test_a_flood_of_findings_is_cut_and_counted() -> None:
    many = tuple(finding(line=number) for number in range(NOTES_MAX + 20))
    content = cdar_invoice_status(header("FEN1214A"), status("213", findings=many))
    notes = texts(content, DETAIL + "/ram:IncludedNote/ram:Content")
    # Findings, how many are left out, and what the status means, each in two languages.
    assert len(notes) == 2 * NOTES_MAX + 2 + 2
    assert notes[-2] == "… (suite coupée : 20 anomalies)"


def test_every_motive_of_ours_has_one_that_213_may_carry() -> None:
    assert {rejection_motive(motive) for motive in MOTIVES} <= REJECTION_MOTIVES
    assert rejection_motive("DOUBLON") == "DOUBLON"
    assert rejection_motive("IRR_SYNTAX") == "REJ_SEMAN"


def test_only_statuses_of_a_receiving_platform_are_written() -> None:
    for code in ("200", "210", "01", "999"):
        with pytest.raises(ContractBroken, match=code):
            cdar_invoice_status(header("FEN1214A"), status(code))
    with pytest.raises(ContractBroken, match="motive"):
        cdar_invoice_status(header("FEN1214A"), status("213", motive=""))


@settings(max_examples=60, deadline=None)
@given(ODD_TEXTS, ODD_TEXTS)
def test_no_text_can_break_an_invoice_status(text: str, other: str) -> None:
    odd = afnor_invoice(number=text, seller_name=other, seller_address=text, member_name=other, type_code=text)
    broken = finding(rule=other, message_fr=text, message_en=other, found=text, expected=other, location=other)
    one = status("213", invoice=odd, findings=(broken,))
    content = cdar_invoice_status(header("FEN1214A"), one)
    assert content == cdar_invoice_status(header("FEN1214A"), one)
    assert all(len(note) <= 2_000 for note in texts(content, DETAIL + "/ram:IncludedNote/ram:Content"))
    assert all(len(name) <= 150 for name in texts(content, "rsm:ExchangedDocument/ram:RecipientTradeParty/ram:Name"))
    assert all(len(code) <= 30 for code in texts(content, DETAIL + "/ram:IncludedNote/ram:ContentCode"))
    assert all(len(place) <= 200 for place in texts(content, DETAIL + "/ram:IncludedNote/ram:SubjectCode"))


# ---- flows ---------------------------------------------------------------------------------------------------------


def test_an_admissible_flow_is_500_with_profile_and_type_of_flows() -> None:
    content = cdar_flow_status(flow_answer("CSO1150A", code="500"))
    assert texts(content, ".//ram:GuidelineSpecifiedDocumentContextParameter/ram:ID") == [
        "urn.cpro.gouv.fr:1p0:CDV:flux"
    ]
    assert texts(content, REFERENCE + "/ram:IssuerAssignedID") == ["ELC0011100000000000000001"]
    assert texts(content, REFERENCE + "/ram:TypeCode") == ["303"]
    assert texts(content, REFERENCE + "/ram:ReferenceTypeCode") == ["urn.cpro.gouv.fr:1p0:CDV:flux"]
    assert texts(content, REFERENCE + "/ram:ProcessConditionCode") == ["500"]
    assert texts(content, REFERENCE + "/ram:ProcessCondition") == ["Recevable"]
    assert texts(content, DETAIL + "/ram:ReasonCode") == []
    assert texts(content, "rsm:ExchangedDocument/ram:ID") == ["ELC0011100000000000000001_500_20261120120000"]
    assert texts(content, "rsm:ExchangedDocument/ram:RecipientTradeParty/ram:RoleCode") == ["WK"]


def test_a_flow_that_is_not_admissible_gives_motives_rules_and_files() -> None:
    lines = (
        error_line(code="IRR_NOM_F", subject="../a.xml", message_fr="nom interdit", message_en="name not allowed"),
        error_line(code="G7.33", subject="b.xml"),
        error_line(code="IRR_NOM_F", subject="../c.xml"),
    )
    content = cdar_flow_status(flow_answer("CSO1150A", code="501", motive="IRR_EXTRAC", lines=lines))
    details = etree.fromstring(content).findall(DETAIL, NAMESPACES)
    said = [
        (
            detail.findtext("ram:ReasonCode", namespaces=NAMESPACES),
            detail.findtext("ram:SequenceNumeric", namespaces=NAMESPACES),
            [code.text for code in detail.iterfind(".//ram:ContentCode", NAMESPACES)],
            [place.text for place in detail.iterfind(".//ram:SubjectCode", NAMESPACES)],
        )
        for detail in details
    ]
    assert said == [
        ("IRR_EXTRAC", "1", ["G7.33"], ["b.xml"]),
        ("IRR_NOM_F", "2", ["IRR_NOM_F", "IRR_NOM_F"], ["../a.xml", "../c.xml"]),
    ]
    assert texts(content, DETAIL + "/ram:IncludedNote/ram:Content")[:2] == [
        "2 factures reçues.",
        "2 invoices received.",
    ]


def test_an_admissible_flow_keeps_its_lines_without_motive() -> None:
    content = cdar_flow_status(flow_answer("CSO1150A", code="500", lines=(error_line(code="IRR_SYNTAX"),)))
    assert texts(content, DETAIL + "/ram:ReasonCode") == []
    assert texts(content, DETAIL + "/ram:SequenceNumeric") == ["1"]
    assert texts(content, DETAIL + "/ram:IncludedNote/ram:ContentCode") == ["IRR_SYNTAX"]


def test_a_flow_code_of_another_format_is_a_bug_of_ours() -> None:
    with pytest.raises(ContractBroken, match="90"):
        cdar_flow_status(flow_answer("CSO1150A", code="90"))
    with pytest.raises(ContractBroken, match="motive"):
        cdar_flow_status(flow_answer("CSO1150A", code="501"))


@settings(max_examples=40, deadline=None)
@given(ODD_TEXTS, ODD_TEXTS)
def test_no_text_can_break_a_flow_acknowledgment(text: str, other: str) -> None:
    lines = (error_line(code=text, subject=other, message_fr=text, message_en=other),)
    answer = flow_answer("CSO1150A", code="501", motive="IRR_FORM", flow_id=text, flow_name=other, lines=lines)
    content = cdar_flow_status(answer)
    assert content == cdar_flow_status(answer)
    assert len(texts(content, "rsm:ExchangedDocument/ram:ID")[0]) <= 50


def test_a_flow_of_more_errors_than_a_message_holds_says_how_many_are_left_out() -> None:
    lines = (error_line(),) * (LINES_MAX + 7)
    content = cdar_flow_status(flow_answer("CSO1150A", code="500", lines=lines))
    notes = texts(content, DETAIL + "/ram:IncludedNote/ram:Content")
    assert len(notes) == 2 * (LINES_MAX + 2)
    assert notes[-2:] == ["… (suite coupée : 7 anomalies)", "… (cut here: 7 more findings)"]
