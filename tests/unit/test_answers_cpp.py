"""CPPStatut: acknowledgments of flows and statuses of invoices on the Chorus Pro circuit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from data_contracts.errors import ContractBroken
from data_contracts.limits import COMMENT_CHARACTERS_MAX, STATUS_COMPLEMENT_CHARACTERS_MAX
from data_contracts.messages import Language
from data_contracts.statuses import CPP_FLOW
from pipelines.acknowledgment.cpp_flow_status import cpp_flow_status
from pipelines.acknowledgment.elements import bilingual, instant, shortened, visible
from pipelines.lifecycle.cpp_invoice_status import comment, expressible
from tests.unit.answer_values import ODD_TEXTS, cpp_invoice_statuses, error_line, flow_answer, header, status, texts
from tests.unit.rows import finding, invoice

STATUS = "CPPFluxStatuts/CPPFluxStatutUnitaire/DonneesStatut"


def test_the_envelope_says_who_answers_whom_and_under_which_flow_id() -> None:
    content = cpp_flow_status(flow_answer())
    parameters = "Enveloppe/EnveloppeUnitaire/Parametres/ParametreIndiv/"
    assert texts(content, parameters + "Code") == ["DtPrd", "IdFlx"]
    assert texts(content, parameters + "Valeurparametre") == ["2026-11-20", "RLS0011100000000000000007"]
    assert texts(content, ".//Recepteur/Id") == ["ELC001"]
    assert texts(content, ".//Emetteur/Id") == ["RLS001"]


@pytest.mark.parametrize("code", sorted(CPP_FLOW))
def test_a_flow_status_names_the_received_flow(code: str) -> None:
    content = cpp_flow_status(flow_answer(code=code))
    root = etree.fromstring(content)
    unit = root.find("CPPFluxStatuts/CPPFluxStatutUnitaire")
    assert root.find("CPPFluxStatuts").get("compteur") == "1"
    assert unit.get("NumOrdre") == "1"
    tags = [element.tag for element in unit.find("DonneesStatut")]
    assert tags == ["IdStatut", "ComplementStatut", "Commentaire", "Horodatage", "IdFlux"]
    assert texts(content, STATUS + "/IdStatut") == [code]
    assert texts(content, STATUS + "/IdFlux") == ["ELC0011100000000000000001"]
    assert texts(content, STATUS + "/Commentaire") == ["2 factures reçues. / 2 invoices received."]
    assert texts(content, STATUS + "/Horodatage") == ["2026-11-20T12:00:00+00:00"]
    assert len(texts(content, STATUS + "/ComplementStatut")[0]) <= STATUS_COMPLEMENT_CHARACTERS_MAX


def test_each_error_line_is_numbered_and_begins_with_its_subject() -> None:
    lines = (
        error_line(),
        error_line(nature="FICHIER", subject="a.xml", message_fr="illisible", message_en="unreadable"),
    )
    content = cpp_flow_status(flow_answer(code="96", lines=lines))
    details = etree.fromstring(content).find(STATUS + "/Details")
    assert details.get("NbLignesErreur") == "2"
    assert [line.get("IdLigne") for line in details] == ["1", "2"]
    assert [[part.text for part in line] for line in details] == [
        ["FACTURE", "BR-CO-10", "F2026-1 : la somme est fausse.", "F2026-1: the sum is wrong."],
        ["FICHIER", "BR-CO-10", "a.xml : illisible", "unreadable"],
    ]


def test_an_unknown_flow_code_is_a_bug_of_ours() -> None:
    with pytest.raises(ContractBroken, match="500"):
        cpp_flow_status(flow_answer(code="500"))


@settings(max_examples=60, deadline=None)
@given(ODD_TEXTS, ODD_TEXTS, ODD_TEXTS)
def test_no_text_can_break_a_flow_status(first: str, second: str, third: str) -> None:
    odd = error_line(subject=first, message_fr=second, message_en=third, code=third)
    answer = flow_answer(code="93", flow_id=first, comment_fr=second, comment_en=third, lines=(odd,))
    content = cpp_flow_status(answer)
    assert content == cpp_flow_status(answer)
    label = texts(content, STATUS + "/Details/LigneErreurDetail/LibelleErreur")[0]
    assert label.startswith(visible(first)[: COMMENT_CHARACTERS_MAX - 50])
    for tag in ("/Commentaire", "/Details/LigneErreurDetail/DescriptionErreur"):
        assert all(len(text) <= COMMENT_CHARACTERS_MAX for text in texts(content, STATUS + tag))


def test_forbidden_characters_stay_visible() -> None:
    assert visible("a\x00b\x1b\ufffe\ud800\té") == "a␀b␛\ufffd\ufffd\té"


@pytest.mark.parametrize(
    ("language", "end"),
    [(Language.FR, "… (suite coupée : 1\u202f035 caractères)"), (Language.EN, "… (cut here: 1,035 more characters)")],
)
def test_a_comment_that_is_cut_says_how_much_is_missing(language: Language, end: str) -> None:
    text = shortened("é" * 3_000, COMMENT_CHARACTERS_MAX, language)
    assert text.endswith(end)
    assert len(text) <= COMMENT_CHARACTERS_MAX
    missing = int("".join(filter(str.isdigit, end)))
    assert text.count("é") == 3_000 - missing + end.count("é")
    assert shortened("é" * COMMENT_CHARACTERS_MAX, COMMENT_CHARACTERS_MAX, language) == "é" * COMMENT_CHARACTERS_MAX


@given(st.text(), st.text(), st.integers(10, 60))
def test_both_languages_keep_room(fr: str, en: str, characters_max: int) -> None:
    text = bilingual(fr, en, characters_max)
    assert len(text) <= characters_max
    if fr and en and len(fr) + len(en) + 3 > characters_max:
        assert text.startswith(fr[: (characters_max - 3) // 2 - 1])
        assert " / " in text


def test_a_naive_time_is_a_bug_of_ours() -> None:
    from datetime import datetime

    with pytest.raises(AssertionError):
        instant(datetime(2026, 1, 1))  # noqa: DTZ001  # the naive time is the point


def test_statuses_carry_parties_and_invoice() -> None:
    content = cpp_invoice_statuses(header("FEN1200A"), [status("01"), status("03")])
    root = etree.fromstring(content).find("CPPFactureStatuts")
    assert root.get("compteur") == "2"
    assert [unit.get("NumOrdre") for unit in root] == ["1", "2"]
    first = [(part.tag, part.text) for part in root[0].iter() if part.text and part.text.strip()]
    assert first == [
        ("TypeIdentifiant", "1"),
        ("Identifiant", "55208131766522"),
        ("RaisonSociale", "Electricite du Centre"),
        ("CodePays", "FR"),
        ("TypeIdentifiant", "1"),
        ("Identifiant", "21750001600019"),
        ("Nom", "Ville"),
        ("IdStatut", "01"),
        ("ComplementStatut", "Déposée"),
        ("Horodatage", "2026-11-20T12:00:00+00:00"),
        ("IdFacture", "F2026-1"),
        ("DateFacture", "2026-11-02"),
    ]
    assert root[0].find("DonneesStatut/Producteur").get("Id") == "RLS001"


def test_a_rejection_says_why_in_both_languages() -> None:
    content = cpp_invoice_statuses(header("FEN1200A"), [status("05")])
    (why,) = texts(content, ".//Commentaire")
    for part in ("REJ_SEMAN", "BR-CO-10", "BT-106", "ligne/line 1", "« 1 »", "La somme est fausse", "The sum is wrong"):
        assert part in why


def test_findings_that_do_not_fit_are_counted() -> None:
    many = tuple(finding(rule=f"BR-{number}", message_fr="x" * 90) for number in range(60))
    why = comment(status("05", findings=many))
    assert len(why) <= COMMENT_CHARACTERS_MAX
    told = why.count("BR-")
    assert 5 < told < 60
    left = 60 - told
    assert why.endswith(f" | … (suite coupée : {left} anomalies) / … (cut here: {left} more findings)")


@settings(max_examples=60, deadline=None)
@given(ODD_TEXTS, st.integers(1, 4), ODD_TEXTS)
def test_a_comment_keeps_its_limit_and_loses_no_count(message: str, count: int, found: str) -> None:
    many = tuple(finding(message_fr=message, message_en=message, found=found) for _ in range(count))
    why = comment(status("05", findings=many))
    assert len(why) <= COMMENT_CHARACTERS_MAX
    told = why.count("BR-CO-10 (")
    more = count - told
    left = f"… (suite coupée : {more} anomalie{'s' if more > 1 else ''})"
    assert told == count or left in why[-100:]
    assert told >= 1
    cpp_invoice_statuses(header("FEN1200A"), [status("05", findings=many)])


@pytest.mark.parametrize(
    "changes",
    [
        {"number": None},
        {"number": ""},
        {"buyer_siret": "123"},
        {"buyer_siret": None},
        {"seller_id": None},
        {"seller_id_type": None},
        {"seller_id_type": "8"},
        {"seller_name": None},
    ],
)
def test_an_invoice_without_its_parties_cannot_be_carried(changes: dict[str, Any]) -> None:
    lame = invoice(**changes)
    assert not expressible(lame)
    with pytest.raises(ContractBroken):
        cpp_invoice_statuses(header("FEN1200A"), [status("01", invoice=lame)])


def test_what_the_schema_has_no_room_for_is_left_out() -> None:
    wide = invoice(service_code="s" * 101, seller_country="FRA", issue_date=None, buyer_name=None)
    assert expressible(wide)
    content = cpp_invoice_statuses(header("FEN1200A"), [status("01", invoice=wide)])
    for tag in ("CodeService", "CodePays", "DateFacture", "Nom"):
        assert texts(content, f".//{tag}") == []


def test_a_rejection_without_motive_is_a_bug_of_ours() -> None:
    with pytest.raises(ContractBroken, match="motive"):
        cpp_invoice_statuses(header("FEN1200A"), [status("05", motive="")])
    with pytest.raises(ContractBroken, match="202"):
        cpp_invoice_statuses(header("FEN1200A"), [status("202")])
    with pytest.raises(ContractBroken):
        cpp_invoice_statuses(header("FEN1200A"), [])
