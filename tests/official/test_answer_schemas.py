"""Answers against the official schemas and, for CDAR, the official rules.

Those of CDAR are installed. The schemas of Chorus Pro are looked for beside the checkout; without them their tests are
skipped, and the structure tests of `tests/unit/test_answers_*` stand alone.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from lxml import etree

from data_contracts.answers import Resend
from data_contracts.attachments import Attachment, AttachmentKind
from data_contracts.rule_sets import BR_FR_CDAR, CDAR_XSD
from data_contracts.statuses import CPP_FLOW
from pipelines.acknowledgment.cdar_flow_status import cdar_flow_status
from pipelines.acknowledgment.cpp_flow_status import cpp_flow_status
from pipelines.acknowledgment.refusal import refused_answer
from pipelines.lifecycle.cdar_invoice_status import cdar_invoice_status
from pipelines.validation.rule_files import file_of
from pipelines.validation.saxon import SaxonJudge
from tests.unit.answer_values import (
    ODD_TEXTS,
    cpp_invoice_statuses,
    diffused,
    error_line,
    flow_answer,
    header,
    line,
    pivot,
    status,
    vat,
)
from tests.unit.rows import NOON, finding, flow, invoice
from tests.unit.test_answers_cdar import STATUSES
from tests.unit.test_answers_flows import _refusal

REFERENCE = Path(__file__).parents[3] / "shared" / "reference"
CPP_STATUS = REFERENCE / "xsd" / "cpp" / "CPPStatutPivot_V1_19.xsd"
CPP_PIVOT = REFERENCE / "xsd" / "cpp" / "CPPFacturePivot_V2_02.xsd"
CDAR = file_of(CDAR_XSD)
CDAR_SAMPLES = REFERENCE.parent / "samples" / "fr_ctc" / "cdar"


@cache
def _schema(path: Path) -> etree.XMLSchema:
    if not path.is_file():
        pytest.skip(f"official schema {path.name} is not here")
    return etree.XMLSchema(etree.parse(path))


def _valid(path: Path, content: bytes) -> None:
    _schema(path).assertValid(etree.fromstring(content))


@pytest.mark.parametrize("resend", [None, *Resend])
def test_a_pivot_with_pieces_fits_the_schema(resend: Resend | None) -> None:
    def piece(name: str, sent: str, kind: AttachmentKind, media_type: str) -> Attachment:
        return Attachment(name, sent, kind, "", media_type, media_type, 5, lambda: b"bytes")

    pieces = (
        piece("lisible.pdf", "lisible.pdf", AttachmentKind.INVOICE, "application/pdf"),
        piece("a" * 46 + ".csv", "a" * 200 + ".csv", AttachmentKind.COMPLEMENT, ""),
        piece("plan.png", "plan é.png", AttachmentKind.COMPLEMENT, "image/png"),
    )
    _valid(CPP_PIVOT, pivot(header("FEN0036A"), [diffused(pieces=pieces, resend=resend), diffused()]))


@pytest.mark.parametrize("code", sorted(CPP_FLOW))
@pytest.mark.parametrize("count", [0, 1, 30])
def test_flow_statuses_fit_the_schema(code: str, count: int) -> None:
    _valid(CPP_STATUS, cpp_flow_status(flow_answer(code=code, lines=(error_line(),) * count)))


@settings(max_examples=40, deadline=None)
@given(ODD_TEXTS, ODD_TEXTS)
def test_flow_statuses_with_odd_texts_fit_the_schema(text: str, other: str) -> None:
    lines = (error_line(subject=text, message_fr=other, message_en=text, code=other),)
    _valid(CPP_STATUS, cpp_flow_status(flow_answer(code="93", flow_id=text, comment_fr=other, lines=lines)))
    flow_lines = flow_answer("CSO1150A", code="501", motive="IRR_FORM", flow_id=other, flow_name=text, lines=lines)
    _valid(CDAR, cdar_flow_status(flow_lines))


def test_refusals_fit_their_schema() -> None:
    for name, path in (("factures.zip", CPP_STATUS), ("FSO1150A_ELC001_ELC0011150000000000000001", CDAR)):
        _valid(path, refused_answer(flow(name=name, interface_code=""), _refusal(), 1, NOON)[1])


@settings(max_examples=40, deadline=None)
@given(ODD_TEXTS, ODD_TEXTS)
def test_invoice_statuses_fit_the_schema(text: str, other: str) -> None:
    odd = invoice(
        number=text or "1", seller_name=other or "x", buyer_name=text, service_code=text, seller_country=other
    )
    broken = status("05", invoice=odd, findings=(finding(found=text, message_fr=other),))
    available = status("03", invoice=odd)
    _valid(CPP_STATUS, cpp_invoice_statuses(header("FEN1200A"), [status("01"), broken, available]))


@settings(max_examples=40, deadline=None)
@given(ODD_TEXTS, ODD_TEXTS)
def test_pivots_fit_the_schema(text: str, other: str) -> None:
    odd = invoice(
        number=text[:20] or "1", seller_name=other or "x", buyer_name=other, service_code=text, engagement=other,
        payment_means=other, frame=text, type_code=other, iban=text, contract=text, preceding_number=text,
    )  # fmt: skip
    one = diffused(
        invoice=odd, lines=(line(product=other), line(line=2)), vat=(vat(), vat(rate=None)), service_name=text
    )
    bare = diffused(lines=(), vat=(), service_name="", original_media_type="application/pdf", original=b"%PDF-1.7")
    _valid(CPP_PIVOT, pivot(header("FEN0036A"), [one, bare]))


@pytest.mark.parametrize("one", STATUSES)
def test_cdar_statuses_fit_the_schema(one: Any) -> None:
    _valid(CDAR, cdar_invoice_status(header("FEN1214A"), one))


@settings(max_examples=40, deadline=None)
@given(ODD_TEXTS, ODD_TEXTS)
def test_cdar_statuses_with_odd_texts_fit_the_schema(text: str, other: str) -> None:
    odd = invoice(number=text, seller_name=other, seller_address=text, member_name=other, type_code=text)
    broken = finding(rule=other, message_fr=text, message_en=other, found=text, expected=other, location=other)
    _valid(CDAR, cdar_invoice_status(header("FEN1214A"), status("213", invoice=odd, findings=(broken,))))


# ---- the official rules BR-FR-CDV ------------------------------------------------------------------------------------


def _broken(content: bytes) -> list[str]:
    judgment = SaxonJudge().judge(content, BR_FR_CDAR)
    assert judgment.crashed is None
    return [hit.rule for hit in judgment.hits]


@pytest.mark.parametrize("one", STATUSES)
def test_our_statuses_break_no_official_rule(one: Any) -> None:
    assert _broken(cdar_invoice_status(header("FEN1214A"), one)) == []


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        ("BR-FR-CDV-02_MDT-3", b"CDV:invoice", b"CDV:flux"),
        ("BR-FR-CDV-CL-09_MDT-113_213", b"REJ_SEMAN", b"IRR_SYNTAX"),
        ("BR-FR-CDV-CL-02_MDT-21_305", b"WK</ram:RoleCode>", b"BY</ram:RoleCode>"),
        ("BR-FR-CDV-16_MDT-124-2", b"ram:SequenceNumeric", b"ram:Sequence"),
    ],
)
def test_the_official_rules_would_see_a_fault(rule: str, right: bytes, wrong: bytes) -> None:
    assert rule in _broken(cdar_invoice_status(header("FEN1214A"), status("213")).replace(right, wrong))


def test_our_elements_are_among_those_of_the_official_samples() -> None:
    samples = sorted(CDAR_SAMPLES.glob("*.xml")) if CDAR_SAMPLES.is_dir() else []
    if not samples:
        pytest.skip("official CDAR samples are not here")
    known = set()
    for sample in samples:
        try:
            root = etree.parse(sample).getroot()
        except etree.XMLSyntaxError:
            continue  # One sample is malformed on purpose.
        known |= {_path(element) for element in root.iter(etree.Element)}
    ours = etree.fromstring(cdar_invoice_status(header("FEN1214A"), status("203")))
    assert {_path(element) for element in ours.iter(etree.Element)} <= known


def _path(element: etree._Element) -> str:
    return re.sub(r"\[\d+\]", "", str(element.getroottree().getelementpath(element)))
