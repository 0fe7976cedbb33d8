"""CPPFacturePivot: diffusion of invoices, and the archives and codes it rests on."""

from __future__ import annotations

import base64
import gzip
import io
import tarfile
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from data_contracts.errors import ContractBroken
from data_contracts.limits import ATTACHMENT_NAME_CHARACTERS_MAX
from pipelines.delivery.amounts import amount, figure
from pipelines.delivery.chorus_codes import CHORUS_FRAMES, chorus_frame, chorus_payment_means, chorus_type
from pipelines.delivery.original import original_name
from pipelines.delivery.packing import member_name, packed
from pipelines.delivery.pivot import lacking
from tests.unit.answer_values import ODD_TEXTS, diffused, header, line, pivot, texts, vat
from tests.unit.rows import invoice

UNIT = "CPPFactures/CPPFacturePivotUnitaire"
DATA = UNIT + "/DonneesFacture"


def _pivot(**changes: Any) -> bytes:
    return pivot(header("FEN0036A"), [diffused(**changes)])


def test_an_invoice_is_told_in_the_order_of_the_schema() -> None:
    rich = invoice(
        service_code="SVC1", engagement="1501966748", contract="M1", payment_means="58", iban="FR76 3000 6000 0112",
        delivery_date=date(2026, 10, 30),
    )  # fmt: skip
    root = etree.fromstring(_pivot(invoice=rich))
    assert root.get("Version") == "V2_02"
    assert root.find("CPPFactures").get("Compteur") == "1"
    told = [(part.tag, part.text) for part in root.find(UNIT).iter() if part.text and part.text.strip()]
    assert told[:-5] == [
        ("TypeIdentifiant", "1"), ("Identifiant", "55208131766522"), ("RaisonSociale", "Electricite du Centre"),
        ("CodePays", "FR"), ("Compte", "FR76300060000112"), ("ModeEmission", "flux"),
        ("TypeIdentifiant", "1"), ("Identifiant", "21750001600019"), ("Nom", "Ville"), ("CodeService", "SVC1"),
        ("NomService", "Comptabilité"),
        ("Id", "F2026-1"), ("Type", "380"), ("Cadre", "A1"), ("DateEmissionFacture", "2026-11-02"),
        ("DateLivraison", "2026-10-30"), ("Code", "30"), ("Libelle", "58"), ("DateReception", "2026-11-20"),
        ("Devise", "EUR"), ("MontantHT", "100.00"), ("MontantTTC", "120.00"), ("MontantNetAPayer", "120.00"),
        ("Taux", "20"), ("BaseHt", "100.00"), ("MontantTVA", "20.00"),
        ("NumeroMarche", "M1"), ("NumeroEngagement", "1501966748"),
        ("ReferenceProduit", "Kilowatt"), ("PrixUnitaire", "0.123456"), ("Quantite", "2.5"), ("MontantHT", "100.00"),
        ("TauxTVA", "20"),
    ]  # fmt: skip
    assert told[-4:] == [
        ("NomPJ", "FAC55208131766522F2026-1.xml"),
        ("CategoriePJ", "Facture XML"),
        ("TypePJ", "01"),
        ("MimeTypePJ", "application/xml"),
    ]
    assert texts(_pivot(), ".//NomPJOrigine") == []


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=3_000), st.sampled_from(["application/xml", "application/pdf"]))
def test_the_original_comes_back_byte_for_byte(original: bytes, media_type: str) -> None:
    content = _pivot(original=original, original_media_type=media_type)
    assert content == _pivot(original=original, original_media_type=media_type)
    (name,) = texts(content, ".//NomPJ")
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(texts(content, ".//Contenu")[0]))) as archive:
        assert archive.namelist() == [name]
        assert archive.read(name) == original
        assert archive.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)
    assert texts(content, ".//MimeTypePJ") == [media_type]
    assert name.endswith(".pdf" if media_type == "application/pdf" else ".xml")


def test_an_original_larger_than_a_chunk_is_whole() -> None:
    original = bytes(range(256)) * 20_000
    noisy = gzip.compress(original, mtime=0) + original[::-1]
    content = _pivot(original=b"".join(noisy[i::7] for i in range(7)) * 2)
    parser = etree.XMLParser(huge_tree=True)
    (text,) = [element.text for element in etree.fromstring(content, parser).findall(".//Contenu")]
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(str(text)))) as archive:
        assert archive.testzip() is None
        assert archive.infolist()[0].file_size == 2 * len(noisy)


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_name_of_the_original_is_short_and_safe(number: str, seller: str) -> None:
    name = original_name(invoice(number=number, seller_id=seller), "application/pdf")
    assert len(name) <= ATTACHMENT_NAME_CHARACTERS_MAX
    assert name.isascii() and name.startswith("FAC") and name.endswith(".pdf")
    assert not set(name) & set('/\\:*?"<>| ')


def test_an_original_of_another_kind_is_a_bug_of_ours() -> None:
    with pytest.raises(ContractBroken, match="text/plain"):
        _pivot(original_media_type="text/plain")


@pytest.mark.parametrize(
    ("changes", "term"),
    [
        ({"number": "n" * 21}, "BT-1"),
        ({"number": None}, "BT-1"),
        ({"issue_date": None}, "BT-2"),
        ({"currency": "eur"}, "BT-5"),
        ({"seller_name": None}, "BT-27"),
        ({"seller_id": None}, "BT-30"),
        ({"seller_id_type": None}, "BT-30"),
        ({"seller_country": None, "seller_id_type": "7"}, "BT-40"),
        ({"buyer_siret": "1"}, "BT-47"),
        ({"net_amount": None}, "BT-109"),
        ({"gross_amount": None}, "BT-112"),
        ({"payable_amount": None}, "BT-115"),
    ],
)
def test_an_invoice_that_lacks_a_term_is_named_and_refused(changes: dict[str, Any], term: str) -> None:
    lame = invoice(**changes)
    assert lacking(lame) == (term,)
    with pytest.raises(ContractBroken, match=term):
        _pivot(invoice=lame)


def test_nothing_lacks_in_a_sound_invoice_and_no_flow_is_empty() -> None:
    assert lacking(invoice()) == ()
    with pytest.raises(ContractBroken):
        pivot(header("FEN0036A"), [])


@pytest.mark.parametrize(
    ("kind", "seller", "country"),
    [
        ("1", "55208131766522", "FR"),
        ("2", "DE123456789", "DE"),
        ("3", "KRSAMSUNGMOBILEPHO", "KR"),
        ("4", "1", "NC"),
        ("5", "1", "PF"),
    ],
)
def test_an_identifier_may_imply_the_country(kind: str, seller: str, country: str) -> None:
    content = _pivot(invoice=invoice(seller_country=None, seller_id_type=kind, seller_id=seller))
    assert texts(content, ".//CodePays") == [country]


def test_incomplete_blocks_are_left_to_the_original() -> None:
    content = _pivot(lines=(line(), line(unit_price=None)), vat=(vat(), vat(vat_amount=None)))
    assert texts(content, ".//TVAs") == [] and texts(content, ".//Lignes") == []
    content = _pivot(vat=(vat(rate=None),), lines=(line(vat_rate=None, product=None),))
    assert texts(content, ".//Taux") == ["0"]
    assert texts(content, ".//TauxTVA") == [] and texts(content, ".//ReferenceProduit") == []


def test_values_too_long_for_the_schema_are_left_out_never_cut() -> None:
    wide = invoice(service_code="s" * 101, engagement="e" * 51, contract="c" * 50)
    content = _pivot(invoice=wide)
    assert texts(content, ".//CodeService") == [] and texts(content, ".//NumeroEngagement") == []
    assert texts(content, ".//NumeroMarche") == ["c" * 50]


def test_only_a_credit_note_names_its_origin() -> None:
    credit = invoice(type_code="381", preceding_number="F2026-0")
    assert texts(_pivot(invoice=credit), DATA + "/IdFactureOrigine") == ["F2026-0"]
    assert texts(_pivot(invoice=invoice(preceding_number="F2026-0")), DATA + "/IdFactureOrigine") == []


def test_an_account_that_is_no_iban_has_no_type() -> None:
    content = _pivot(invoice=invoice(iban="30006 00001"))
    assert etree.fromstring(content).find(".//ReferenceBancaire").get("Type") is None
    assert texts(content, ".//Compte") == ["3000600001"]


@settings(max_examples=40, deadline=None)
@given(ODD_TEXTS, ODD_TEXTS)
def test_no_text_can_break_a_pivot(text: str, other: str) -> None:
    odd = invoice(
        number=text[:20] or "1", seller_name=text or "x", buyer_name=other, service_code=text, engagement=other,
        payment_means=other, frame=text, type_code=other, iban=text, contract=text,
    )  # fmt: skip
    content = _pivot(invoice=odd, lines=(line(product=other),), service_name=text)
    assert etree.fromstring(content).find(DATA + "/Cadre").text == "A1"


def test_codes_of_the_reform_become_codes_of_chorus_pro() -> None:
    frames = {
        "S1": "A1",
        "B2": "A2",
        "S5": "A9",
        "S6": "A12",
        "M4": "A1",
        "S3": "A1",
        "A9": "A9",
        "A11": "A1",
        None: "A1",
    }
    assert {frame: chorus_frame(frame) for frame in frames} == frames
    assert len(CHORUS_FRAMES) == 24
    types = {
        "380": "380",
        "381": "381",
        "261": "381",
        "396": "381",
        "502": "381",
        "503": "381",
        "384": "380",
        None: "380",
    }
    assert {code: chorus_type(code) for code in types} == types
    means = {"58": "30", "59": "49", "57": "42", "54": "48", "55": "48", "97": "97", "1": "30", "ZZZ": "30", None: "30"}
    assert {code: chorus_payment_means(code) for code in means} == means


@pytest.mark.parametrize(
    ("value", "as_amount", "as_figure"),
    [
        ("100.00000000", "100.00", "100"),
        ("-0.10000000", "-0.10", "-0.1"),
        ("0E-8", "0.00", "0"),
        ("-0E-8", "0.00", "0"),
        ("1E+3", "1000.00", "1000"),
        ("0.00000050", "0.000001", "0.000001"),
        ("12345678901234567890.12345678", "12345678901234567890.123457", "12345678901234567890.123457"),
    ],
)
def test_decimals_are_plain(value: str, as_amount: str, as_figure: str) -> None:
    assert (amount(Decimal(value)), figure(Decimal(value))) == (as_amount, as_figure)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**18), max_value=10**18))
def test_six_decimals_are_exact(value: Decimal) -> None:
    assert Decimal(amount(value)) == value == Decimal(figure(value))


# ---- archives ------------------------------------------------------------------------------------------------------


def test_an_archive_depends_on_its_files_alone() -> None:
    name = header("FEN1214A").name
    files = [(member_name(name, number), b"x" * number) for number in (1, 2, 50_000)]
    content = packed(files)
    assert content == packed(list(files))
    assert content[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        members = archive.getmembers()
        assert [member.name for member in members] == [file for file, _ in files]
        assert {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) for m in members} == {(0, 0, 0, "", "", 0o644)}
        assert [archive.extractfile(member).read() for member in members] == [data for _, data in files]  # type: ignore[union-attr]
    assert member_name(name, 2) == "FEN1214A_ELC001_RLS0011214000000000000007_000002.xml"


@pytest.mark.parametrize("names", [[], ["a", "a"], [""], ["a/b"], ["é"], ["a" * 101], ["a\n"]])
def test_an_archive_with_a_bad_name_is_a_bug_of_ours(names: list[str]) -> None:
    with pytest.raises(ContractBroken):
        packed([(name, b"") for name in names])
