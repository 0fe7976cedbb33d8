"""Official and public samples, when they are there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from data_contracts.interfaces import Syntax
from data_contracts.refusals import DocumentUnreadable
from pipelines.parsing.documents import Document
from tests.unit.reading import Invoice, invoice_of

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the official samples are not beside the checkout")


def terms(path: Path, syntax: Syntax) -> Invoice:
    data = path.read_bytes()
    return invoice_of(Document("f" * 24, 0, path.name, data, hashlib.sha256(data).hexdigest()), syntax)


def chorus(name: str, syntax: Syntax) -> Invoice:
    return terms(SAMPLES / "chorus" / name, syntax)


@pytest.mark.parametrize(
    ("name", "syntax", "number", "frame", "seller", "buyer", "service", "engagement", "contract"),
    [
        (
            "fso1116a/FSO1116A_P02.xml",
            Syntax.CII,
            "JMRPOR1116000138",
            "A9",
            ("81034732800017", "1", "810347328"),
            "75356054900010",
            "SERV1",
            "CDE234",
            "CT12345",
        ),
        (
            "fso1116a/FSO1116A_P40.xml",
            Syntax.CII,
            "JMRPOR1116000103",
            "A1",
            ("81034732800017", "1", "810347328"),
            "11000201100044",
            "AAASCPV",
            "1501966748",
            None,
        ),
        (
            "fso1116a/FSO1116A_P57.xml",
            Syntax.CII,
            "JMRPOR1116000159",
            "A13",
            ("KRSAMSUNGMOBILEPHO", "3", None),
            "53514650090018",
            None,
            None,
            None,
        ),
        (
            "fso1116a/FSO1116A_P58.xml",
            Syntax.CII,
            "JMRPOR1116000167",
            "A14",
            ("1234567890", "4", None),
            "53514650090018",
            None,
            None,
            None,
        ),
        (
            "fso1117a/FSO1117A_EN16931_P03.pdf",
            Syntax.FACTURX,
            "FSO1117A_P03",
            "A1",
            ("886978001", "5", None),
            "53514650090018",
            None,
            None,
            None,
        ),
        (
            "fso1117a/FSO1117A_EN16931_P15.pdf",
            Syntax.FACTURX,
            "FSO1117A_P15",
            "A9",
            ("40668031401116", "1", "406680314"),
            "11000201100044",
            "AAASCPV",
            "1501966748",
            "0123456789",
        ),
        (
            "ubl_e1/facture_1223__UblInvoice_Test.xml",
            Syntax.UBL,
            "F081509",
            "FEN0105A",
            ("34786851541230", "1", "347868515"),
            "34786851500029",
            "FAC93947775",
            "R92",
            None,
        ),
    ],
)
def test_terms_that_chorus_pro_routes_by(
    name: str,
    syntax: Syntax,
    number: str,
    frame: str,
    seller: tuple[str | None, ...],
    buyer: str,
    service: str | None,
    engagement: str | None,
    contract: str | None,
) -> None:
    row = chorus(name, syntax).invoice
    assert (row["number"], row["frame"]) == (number, frame)
    assert (row["seller_id"], row["seller_id_type"], row["seller_siren"]) == seller
    assert row["buyer_siret"] == buyer
    assert (row["service_code"], row["engagement"], row["contract"]) == (service, engagement, contract)


@pytest.mark.parametrize(
    ("folder", "syntax", "least"),
    [
        ("chorus/fso1116a", Syntax.CII, 16),
        ("chorus/fso1117a", Syntax.FACTURX, 10),
        ("fr_ctc/ubl", Syntax.UBL, 114),
        ("fr_ctc/cii", Syntax.CII, 71),
        ("fr_ctc/facturx", Syntax.FACTURX, 53),
    ],
)
def test_every_sample_is_read_whole(folder: str, syntax: Syntax, least: int) -> None:
    suffix = "*.pdf" if syntax is Syntax.FACTURX else "*.xml"
    unread, read = [], []
    for path in sorted((SAMPLES / folder).glob(suffix)):
        try:
            read.append(terms(path, syntax))
        except DocumentUnreadable:
            unread.append(path.name)
    # One PDF is a specification and embeds no invoice.
    assert all("CAS_USAGE" in name for name in unread)
    assert len(read) >= least
    for each in read:
        assert each.findings == []
        assert each.invoice["line_count"] == len(each.lines)
        assert each.invoice["payable_amount"] is not None
        assert all(row["base_amount"] is not None for row in each.vat)
    assert sum(each.invoice["number"] is None for each in read) <= 1  # one public sample is broken on purpose


def test_lifecycle_messages_are_no_invoices() -> None:
    for path in sorted((SAMPLES / "fr_ctc" / "cdar").glob("*.xml")):
        with pytest.raises(DocumentUnreadable) as refused:
            terms(path, Syntax.CII)
        assert refused.value.motive == "IRR_TYPE_F"
