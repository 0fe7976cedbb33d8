"""Who may set which status, and what a status is told as on the other circuit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from data_contracts.history import Actor, Datum, Note, Payment, Reason, ReceivedStatus
from data_contracts.messages import Language, has, told
from data_contracts.motives import MOTIVES, REASONS_B2G, REASONS_BY_STATUS
from data_contracts.statuses import CDAR_INVOICE, CPP_INVOICE, RECYCLED, TABLES, StatusFormat, meaning, what_next
from pipelines.tracking.findings import NOT_YOURS, NOT_YOURS_TO_SET, OTHER_DEBTOR
from pipelines.tracking.reading import read_cdar, read_cpp_status
from pipelines.tracking.rights import SETTERS, Sides, actor, rights
from pipelines.tracking.translation import (
    CLOSEST,
    TO_PLATFORM,
    TO_RECIPIENT,
    TO_SUPPLIER,
    Withheld,
    relayed,
)
from tests.unit.status_documents import RECIPIENT, cdar, cdar_reference, cpp, cpp_unit, event

CPP, CDAR = StatusFormat.CPP_INVOICE, StatusFormat.CDAR_INVOICE
SIDES = Sides("SUP001", "REC001", RECIPIENT)


def received(code: str, format: StatusFormat = CPP) -> ReceivedStatus:
    if format is CPP:
        return read_cpp_status(cpp([cpp_unit(code)])).invoices[0]
    return read_cdar(cdar([cdar_reference(code)])).invoices[0]


def rule(one: ReceivedStatus, sides: Sides | None, sender: str) -> str:
    found = rights(one, sides, sender)
    return "" if found is None else found[1]["rule"]


@pytest.mark.parametrize("code", ["03", "04", "05", "06", "07", "08", "09", "10", "11", "17"])
def test_recipients_set_their_statuses_and_back_to_made_available(code: str) -> None:
    assert rule(received(code), SIDES, "REC001") == ""
    assert actor(received(code), SIDES, "REC001") is Actor.RECIPIENT


@pytest.mark.parametrize(
    ("code", "format", "sender"),
    [
        ("01", CPP, "REC001"), ("02", CPP, "SUP001"), ("12", CPP, "REC001"), ("07", CPP, "SUP001"),
        ("209", CDAR, "REC001"), ("212", CDAR, "REC001"), ("204", CDAR, "SUP001"), ("200", CDAR, "SUP001"),
        ("213", CDAR, "SUP001"),
    ],
)  # fmt: skip
def test_what_is_not_yours_to_set_is_refused(code: str, format: StatusFormat, sender: str) -> None:
    assert rule(received(code, format), SIDES, sender) == NOT_YOURS_TO_SET


@pytest.mark.parametrize("code", ["209", "212", "214", "220", "210"])
def test_suppliers_set_theirs(code: str) -> None:
    assert rule(received(code, CDAR), SIDES, "SUP001") == ""
    assert actor(received(code, CDAR), SIDES, "SUP001") is Actor.SUPPLIER
    assert rule(received("12"), SIDES, "SUP001") == ""


def test_a_stranger_learns_nothing() -> None:
    stranger, nothing = rights(received("07"), SIDES, "XXX001"), rights(received("07"), None, "XXX001")
    assert stranger == nothing and stranger is not None
    assert stranger[1]["rule"] == NOT_YOURS and stranger[1]["flag"] == "fatal"
    assert rule(received("07"), Sides("", "", ""), "") == NOT_YOURS


def test_one_partner_may_serve_both_sides() -> None:
    both = Sides("ONE001", "ONE001")
    assert actor(received("12"), both, "ONE001") is Actor.SUPPLIER
    assert actor(received("07"), both, "ONE001") is Actor.RECIPIENT
    assert actor(received("17"), both, "ONE001") is Actor.RECIPIENT


def test_another_debtor_is_told_and_taken() -> None:
    found = rights(received("07"), replace(SIDES, recipient_siret="00000000000000"), "REC001")
    assert found is not None and (found[1]["rule"], found[1]["flag"]) == (OTHER_DEBTOR, "warning")


def test_every_known_status_has_its_setters() -> None:
    assert SETTERS[CPP].keys() == CPP_INVOICE.keys() and SETTERS[CDAR].keys() == CDAR_INVOICE.keys()


# ---- from one circuit to the other ----------------------------------------------------------------------------------


def test_tables_lead_to_known_codes_and_their_motives_are_admitted() -> None:
    assert TO_PLATFORM.keys() == CPP_INVOICE.keys()
    for code, row in TO_PLATFORM.items():
        known = CDAR_INVOICE[row.code]
        assert bool(row.default) == known.motive_required, code
        allowed = REASONS_B2G if row.code == "210" else REASONS_BY_STATUS.get(row.code, frozenset({""}))
        assert not row.default or row.default in allowed
        assert not row.told or has(f"status-told-CPP-{code}")
    for table in (TO_SUPPLIER, TO_RECIPIENT):
        assert table.keys() <= CDAR_INVOICE.keys() and {row.code for row in table.values()} <= CPP_INVOICE.keys()
    assert {*CLOSEST, *(code for codes in CLOSEST.values() for code in codes)} <= MOTIVES.keys()


@pytest.mark.parametrize("code", ["07", "08", "09", "10"])
def test_four_statuses_share_204_and_the_comment_tells_which(code: str) -> None:
    (one,) = relayed(event(code, format=CPP, comment="vu", mandate="M42"), CDAR).statuses
    assert (one.format, one.code, one.motive) == (CDAR, "204", "")
    assert one.comment_fr.startswith(CPP_INVOICE[code].label_fr) and "vu" in one.comment_fr and "M42" in one.comment_fr
    assert one.comment_en.startswith(CPP_INVOICE[code].label_en)
    (back,) = relayed(event("204", comment=one.comment_fr), CPP).statuses
    assert back.code == code


def test_204_without_a_word_is_withheld_by_name() -> None:
    told_none = relayed(event("204", comment="bien reçu"), CPP)
    assert (told_none.statuses, told_none.withheld) == ((), Withheld.NO_EQUIVALENT)
    sentences = told_none.why()
    assert sentences is not None and "historique" in sentences.fr and "history" in sentences.en


@pytest.mark.parametrize("code", ["212", "220", "224", "225", "226"])
def test_public_recipients_hear_of_completed_alone(code: str) -> None:
    assert relayed(event(code), CPP, Actor.RECIPIENT).withheld is Withheld.NOT_FOR_RECIPIENTS
    for passed in ("209", "227"):
        (one,) = relayed(event(passed), CPP, Actor.RECIPIENT).statuses
        assert one.code == "12"


def test_unknown_codes_and_own_events_are_kept_and_said() -> None:
    assert relayed(event("17", format=CPP), CDAR).withheld is Withheld.UNKNOWN_CODE
    assert relayed(event(RECYCLED, format=StatusFormat.RELAIS), CPP).withheld is Withheld.OUR_OWN
    (same,) = relayed(event("17", format=CPP, comment="x"), CPP).statuses
    assert (same.code, same.comment_fr) == ("17", "x")
    for reason in Withheld:
        assert has(f"status-withheld-{reason.value}")


@pytest.mark.parametrize(
    ("code", "motive", "expected"),
    [
        ("05", "MARCHE_TERM", "CONTRAT_TERM"), ("05", "MONTANT_ERR", "MONTANTTOTAL_ERR"),
        ("05", "CONTACT_ACHTR", "AUTRE"), ("05", "TX_TVA_ERR", "TX_TVA_ERR"),
        ("06", "JUSTIF_ABS", "JUSTIF_ABS"), ("06", "", "JUSTIF_ABS"),
        ("04", "CMD_EJ_ERR", "CMD_ERR"), ("04", "SE_ERR", "CODE_ROUTAGE_ERR"), ("04", "DEST_ERR", "SIRET_ERR"),
    ],
)  # fmt: skip
def test_motives_of_chorus_pro_become_those_that_the_reform_admits(code: str, motive: str, expected: str) -> None:
    reasons = (Reason(motive),) if motive else ()
    (one,) = relayed(event(code, format=CPP, comment=f"{motive} : voir", reasons=reasons), CDAR).statuses
    assert one.motive == expected and f"{motive} : voir" in one.comment_fr


def test_what_cppstatut_has_no_field_for_goes_into_the_comment() -> None:
    reason = Reason(
        "TX_TVA_ERR", "Taux faux", "NIN", "Facture rectificative", (Note("voir ligne 2"),),
        (Datum("DIV", "BT-152", "Taux", "", "10.00", "ValuePercent"),),
    )  # fmt: skip
    payment = Payment("MPA", Decimal("12.50"), "EUR", Decimal("20.00"))
    one = relayed(event("210", reasons=(reason, Reason("QTE_ERR")), payments=(payment,)), CPP).statuses[0]
    assert (one.code, one.motive) == ("05", "TX_TVA_ERR")
    kept = ("Taux faux", "NIN Facture rectificative", "voir ligne 2", "DIV BT-152 Taux 10.00", "QTE_ERR")
    for text in (*kept, "MPA 12.50 EUR (20.00 %)"):
        assert text in one.comment_fr


# ---- words -----------------------------------------------------------------------------------------------------------


def test_every_status_says_what_it_means_and_what_follows() -> None:
    for format, table in TABLES.items():
        for code in table:
            for said in (meaning(format, code), what_next(format, code)):
                assert len(said.fr) > 15 and len(said.en) > 15 and said.fr != said.en
    assert "17" in meaning(CPP, "17").fr and what_next(CPP, "17").en


def test_rejected_and_suspended_are_told_in_the_same_words_on_both_circuits() -> None:
    assert meaning(CPP, "06") == meaning(CDAR, "208")
    assert "nouveau numéro" in what_next(CPP, "05").fr and what_next(CPP, "05").fr == what_next(CDAR, "210").fr
    assert "même numéro" in what_next(CPP, "04").fr


def test_every_motive_has_meaning_and_remedy() -> None:
    for code, motive in MOTIVES.items():
        assert motive.code == code
        assert told(f"motive-{code}", Language.FR) == motive.sentence_fr
        assert motive.remedy_fr.endswith(".") and motive.remedy_en.endswith(".")
        assert motive.sentence_en.endswith(".") and motive.sentence_fr != motive.sentence_en
    assert MOTIVES["DOUBLON"].statuses == ("207", "210", "213")
