"""The twelve evolutions that users of Chorus Pro asked for, each shown by what partners and people actually receive."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from data_contracts.limits import COMMENT_CHARACTERS_MAX
from data_contracts.motives import MOTIVES
from relais.samples.billers import CATERER, UTILITY
from tests.end_to_end.evolutions import (
    COMMITMENT,
    COMMUNE,
    DEPARTMENT,
    PRECISE,
    PUBLIC_SUPPLIER,
    REJECTION,
    TOO_LONG,
    Days,
    lived,
)

OURS, THEIRS, PUBLIC = UTILITY.partner_code, CATERER.partner_code, PUBLIC_SUPPLIER.partner_code
BODY = DEPARTMENT.structure.partner_code
ACCOUNTANT, CATERERS_ACCOUNTANT = "compta@eqv-energie.example", "accounts@latableduval.example"
BODY_MANAGER, BODY_USER, OPTED_OUT = (
    "factures@isere-amont.example", "buildings@isere-amont.example", "mairie@montorge.example",
)  # fmt: skip


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Days:
    return lived(Path(tmp_path_factory.mktemp("evolutions")))


def traced(days: Days, role: str, supplier: Any = UTILITY) -> list[dict[str, Any]]:
    """What `relais trace --json` tells of each deposit under the number of a role."""
    invoices: list[dict[str, Any]] = days.trace(days.numbers[role], supplier)["invoices"]
    return invoices


def event(invoice: dict[str, Any], code: str) -> dict[str, Any]:
    (found,) = [one for one in invoice["events"] if one["code"] == code]
    return found  # type: ignore[no-any-return]


def in_mail(days: Days, address: str, number: str, label: str) -> str:
    """What the mails to an address tell of one status of an invoice."""
    parts = [part for mail in days.mails(address) for part in mail.split("* ")]
    (found,) = [part for part in parts if re.search(rf"\b{number} ", part) and label in part]
    return found


def test_normalised_rejection_motives(days: Days) -> None:
    """Every rejection and suspension bears a code of the official lists with its sentence and its remedy."""
    for role, code, motive in (
        ("rejected", "05", "MONTANT_ERR"), ("recycled", "04", "SE_ERR"), ("unknown", "05", "DEST_INC"),
        ("no service", "05", "REJ_CONT_B2G"),
    ):  # fmt: skip
        known = MOTIVES[motive]
        comment = days.told_cpp(OURS, days.numbers[role], code)["Commentaire"]
        assert motive in comment, role
        assert known.sentence_fr in comment, role
        assert known.sentence_en in comment, role
    rejected = days.told_cpp(OURS, days.numbers["rejected"], "05")["Commentaire"]
    assert rejected.startswith(REJECTION)
    assert "À faire : Refaire la facture avec le bon montant, sous un nouveau numéro" in rejected
    assert "What to do: Make the invoice again with the right amount, under a new number" in rejected
    refused = days.told_cdar(THEIRS, days.numbers["platform refused"], "210")
    assert refused["ReasonCode"] == ["DEST_ERR"]
    assert refused["Reason"] == [MOTIVES["DEST_ERR"].sentence_fr]
    assert refused["RequestedAction"][0].startswith("Vérifier le SIRET du destinataire")
    (history,) = traced(days, "rejected")
    (motive_told,) = event(history, "05")["motives"]
    assert motive_told["code"] == "MONTANT_ERR"
    assert set(motive_told["meaning"]) == set(motive_told["remedy"]) == {"fr", "en"}
    # A body that gives no motive is asked for one, and told where to write it; nobody hears of its status meanwhile.
    (asked,) = [line for line in days.error_lines(BODY, "CSO1301A") if days.numbers["waiting"] in line]
    assert "exige un motif" in asked
    assert "« JUSTIF_ABS : … »" in asked
    assert "send the status again with a motive code" in asked
    assert [one["code"] for one in traced(days, "waiting")[0]["events"]] == ["01", "03"]


def test_the_meaning_of_each_status_shown_at_rejection(days: Days) -> None:
    """Whoever rejects or suspends, the status says what it means and what follows, in both languages."""
    for role, code, fr, en in (
        ("rejected", "05", "elle ne sera pas payée sous ce numéro. Suite : L'annuler en comptabilité",
         "it will not be paid under this number. Next: Cancel it in the accounts"),
        ("recycled", "04", "Elle est « à recycler », et non perdue. Suite : Corriger le destinataire",
         'It is "to recycle", not lost. Next: Correct the recipient'),
        ("unknown", "05", "le destinataire ne l'a pas reçue. Suite : Corriger ce que nomment le motif",
         "the recipient has not received it. Next: Correct what the motive"),
    ):  # fmt: skip
        comment = days.told_cpp(OURS, days.numbers[role], code)["Commentaire"]
        assert fr in comment, comment
        assert en in comment, comment
    notes = " ".join(days.told_cdar(THEIRS, days.numbers["platform refused"], "210")["Content"])
    assert "Refusée (210) : Le destinataire refuse la facture" in notes
    assert "Refused (210): " in notes
    # A rejection at the door and one by the recipient are not the same: only the first may keep its number.
    assert "elle peut garder son numéro" in event(traced(days, "unknown")[0], "05")["next"]["fr"]
    assert "sous un nouveau numéro" in event(traced(days, "rejected")[0], "05")["next"]["fr"]


def test_comments_of_two_thousand_characters(days: Days) -> None:
    """What a recipient writes arrives whole in the flow, in the mail and in the history."""
    assert len(PRECISE) == COMMENT_CHARACTERS_MAX == 2_000
    number = days.numbers["suspended"]
    assert days.told_cpp(OURS, number, "06")["Commentaire"] == PRECISE
    assert event(traced(days, "suspended")[0], "06")["comment"] == PRECISE
    assert PRECISE in in_mail(days, ACCOUNTANT, number, "Suspendue (06)")
    # More than that is kept whole, and what is not passed on is said.
    cut = days.told_cpp(OURS, days.numbers["paid"], "11")["Commentaire"]
    assert cut.startswith(TOO_LONG[:1_900])
    assert re.search(r"… \(suite coupée : 1\d\d caractères\)$", cut), cut[-60:]
    assert event(traced(days, "paid")[0], "11")["comment"] == TOO_LONG
    comments = [
        (data.text or "")
        for partner in (OURS, BODY)
        for prefix in ("FEN1200A", "CSO")
        for _, document in days.files(partner, prefix)
        for data in etree.fromstring(document).iter("Commentaire", "LibelleErreur", "DescriptionErreur")
    ]
    assert max(map(len, comments)) <= COMMENT_CHARACTERS_MAX
    assert any(300 < len(comment) < COMMENT_CHARACTERS_MAX for comment in comments)


def test_a_duplicate_message_that_helps(days: Days) -> None:
    """It names the first invoice's flow, file, day and status, and what to do, which depends on that status."""
    lines = {
        role: next(
            line for line in days.error_lines(OURS, "CSO1100A") if line.startswith(f"{number} ") and "G1.45" in line
        )
        for role, number in days.numbers.items()
        if role in ("paid", "suspended", "waiting")
    }
    first = f"fichier 1.xml du flux FSO1100A_{OURS}_{OURS}1100000000000000001 reçu le 2026-11-19"
    assert f"{first}, au statut « Mandatée » depuis le 2026-11-20" in lines["paid"]
    assert "Si la première est bonne, ne rien faire ; sinon, l'annuler par un avoir" in lines["paid"]
    assert 'whose status is "Payment ordered" since 2026-11-20' in lines["paid"]
    assert "If the first one is right, do nothing; otherwise cancel it by a credit note" in lines["paid"]
    assert "au statut « Suspendue » depuis le 2026-11-20" in lines["suspended"]
    assert "La première attend d'être complétée : la redéposer" in lines["suspended"]
    # Nobody takes the invoice being paid for rejected: the flow has no such status, the mail says which deposit is.
    codes = [
        data.findtext("IdStatut")
        for _, document in days.files(OURS, "FEN1200A")
        for data in etree.fromstring(document).iter("DonneesStatut")
        if data.findtext("IdFacture") == days.numbers["paid"]
    ]
    assert codes == ["01", "03", "08", "11"]
    mail = in_mail(days, ACCOUNTANT, days.numbers["paid"], "DOUBLON")
    assert "Ce second dépôt est rejeté, et lui seul : la facture déjà reçue sous ce numéro garde son statut." in mail
    first_deposit, second = traced(days, "paid")
    assert (first_deposit["outcome"], second["outcome"]) == ("accepted", "rejected")
    assert event(second, "05")["flows_out"] == []


def test_consistent_words_when_acknowledging_rejected_and_suspended_invoices(days: Days) -> None:
    """The body that rejects or suspends, the supplier, its mails and the history all read the same words."""
    acknowledged = " ".join(
        data.text or ""
        for _, document in days.files(BODY, "CSO1301A")
        for data in etree.fromstring(document).iter("Commentaire")
    )
    for role, code in (("rejected", "05"), ("suspended", "06"), ("recycled", "04")):
        label = event(traced(days, role)[0], code)["label"]
        assert f"{label['fr']} ({code}) : 1" in acknowledged
        assert f"{label['en']} ({code}): 1" in acknowledged
        number = days.numbers[role]
        assert days.told_cpp(OURS, number, code)["ComplementStatut"] == label["fr"]
        told_fr = in_mail(days, ACCOUNTANT, number, f"{label['fr']} ({code})")
        told_en = in_mail(days, BODY_USER, number, f"{label['en']} ({code})")
        meaning = event(traced(days, role)[0], code)["meaning"]
        assert meaning["fr"] in told_fr
        assert meaning["en"] in told_en
    suspended = days.told_cdar(THEIRS, days.numbers["platform suspended"], "208")
    assert suspended["ProcessCondition"] == ["Suspendue"]
    notes = " ".join(suspended["Content"])
    # A platform's supplier reads its platform's word beside the recipient's.
    refused = in_mail(days, CATERERS_ACCOUNTANT, days.numbers["platform refused"], "Rejected for another motive (05)")
    assert "Your platform shows it as: Refused (210)" in refused
    # A suspended invoice is never called rejected, nor a rejected one suspended; both say what to do with the number.
    assert "Elle n'est pas rejetée" in notes
    assert "ne pas en envoyer une nouvelle" in notes
    rejected = days.told_cpp(OURS, days.numbers["rejected"], "05")["Commentaire"]
    assert "suspendue" not in rejected
    assert "envoyer une nouvelle facture sous un nouveau numéro" in rejected


def test_the_number_of_the_original_invoice_after_a_rejection(days: Days) -> None:
    """The new invoice names the rejected one wherever it is told of, and the rejected one names the new."""
    original, successor = days.numbers["rejected"], days.numbers["successor"]
    comment = days.told_cpp(OURS, successor, "01")["Commentaire"]
    assert f"Remplace la facture d'origine {original}, rejetée (" in comment
    assert f"Replaces the original invoice {original}, rejected (" in comment
    (anew,) = traced(days, "successor")
    assert (anew["predecessor"]["number"], anew["predecessor"]["kind"]) == (original, "replaces")
    (rejected,) = traced(days, "rejected")
    assert [one["number"] for one in rejected["successors"]] == [successor]
    assert f"Facture qui la remplace : {successor}" in in_mail(days, ACCOUNTANT, original, "Remplacée par une facture")
    assert f"Invoice that replaces it: {successor}" in in_mail(days, BODY_USER, original, "Replaced by an invoice")
    shown = days.command("trace", successor, "--supplier", UTILITY.siret)
    assert f"remplacement, numéro {original}" in shown


def test_the_mandate_number_in_the_history(days: Days) -> None:
    """The recipient's number of the payment order is in the history, in the supplier's flow and in its mail."""
    number = days.numbers["paid"]
    ordered = event(traced(days, "paid")[0], "08")
    assert ordered["mandate_number"] == "2026-B17-4471"
    assert "garder le numéro de mandat" in ordered["next"]["fr"]
    assert "keep the mandate number" in ordered["next"]["en"]
    assert days.told_cpp(OURS, number, "08")["IdMandatDP"] == "2026-B17-4471"
    assert "Mandat 2026-B17-4471" in in_mail(days, ACCOUNTANT, number, "Mandatée (08)")
    assert "Mandat 2026-B17-4471" in days.command("trace", number, "--supplier", UTILITY.siret)
    # CDAR has no field for it: the note says so in words.
    notes = " ".join(days.told_cdar(THEIRS, days.numbers["platform paid"], "204")["Content"])
    assert "Numéro de mandat : 88-12" in notes


def test_the_mandate_amount_in_the_history(days: Days) -> None:
    """The amount that the recipient wrote in its comment is an amount in the history, exact, and reaches a platform."""
    number = days.numbers["paid"]
    (paid,) = event(traced(days, "paid")[0], "08")["payments"]
    assert (paid["amount"], paid["currency"]) == ("1234.56", "EUR")
    assert (paid["label"]["fr"], paid["label"]["en"]) == ("Mandaté ou approuvé, TTC", "Ordered or approved, with VAT")
    assert "Montant mandaté : 1 234,56 EUR" in in_mail(days, ACCOUNTANT, number, "Mandatée (08)")
    assert "Amount ordered: 1,234.56 EUR" in in_mail(days, BODY_USER, number, "Payment ordered (08)")
    assert days.told_cpp(OURS, number, "08")["Commentaire"] == "Montant mandaté : 1 234,56 EUR"
    told = days.told_cdar(THEIRS, days.numbers["platform paid"], "204")
    assert ("MAPTTC" in told["TypeCode"], told["ValueAmount"]) == (True, ["480.00"])


def test_the_supplier_in_notifications(days: Days) -> None:
    """Every invoice in a mail stands with its supplier and its amount; a reader of many suppliers sees whose it is."""
    for address, preposition in ((BODY_MANAGER, "de"), (BODY_USER, "of")):
        mails = " ".join(days.mails(address))
        assert f"{days.numbers['paid']} {preposition} {UTILITY.name} – " in mails
    assert f"Facture {days.numbers['public']} de {PUBLIC_SUPPLIER.name} – " in " ".join(days.mails(BODY_MANAGER))
    # Each reads what concerns it and no more: a service its own invoices, a supplier its own, nobody who opted out.
    assert days.numbers["public"] not in " ".join(days.mails(BODY_USER))
    assert CATERER.name not in " ".join(days.mails(ACCOUNTANT))
    assert UTILITY.name not in " ".join(days.mails(CATERERS_ACCOUNTANT))
    assert days.mails(OPTED_OUT) == []
    subjects = [days.mails(address)[1].splitlines()[0] for address in (ACCOUNTANT, CATERERS_ACCOUNTANT)]
    assert "4 factures, dont 3 à traiter" in subjects[0]
    assert "3 invoices, 2 to act on" in subjects[1]


def test_invoices_in_progress_told_apart(days: Days) -> None:
    """Each mail counts what is still in progress by where it stands; an invoice that was recycled counts once."""
    standing = [mail.partition("Factures en cours à présent : ")[2] for mail in days.mails(ACCOUNTANT)]
    assert [one.split(" ", 1)[0] for one in standing] == ["5", "4", "5", "4"]
    assert "Mise à disposition : 1, À recycler : 1, Suspendue : 1, En cours de traitement : 1" in standing[1]
    assert "Mise à disposition : 3, Suspendue : 1, En cours de traitement : 1)" in standing[2]
    assert "Mise à disposition : 3, Suspendue : 1)" in standing[3]
    decided = days.mails(ACCOUNTANT)[1]
    assert decided.index("À traiter (3)") < decided.index(days.numbers["suspended"]) < decided.index("En cours (1)")
    assert "Terminées (1)" in days.mails(ACCOUNTANT)[3]
    ended = days.mails(BODY_USER)[-1]
    assert "At their end (1)" in ended
    assert "Invoices in progress now: 3" in ended
    assert [traced(days, role)[0]["situation"]["phase"] for role in ("suspended", "rejected", "paid")] == [
        "suspended", "rejected", "payment sent",
    ]  # fmt: skip


def test_easy_routing_inside_the_public_sphere(days: Days) -> None:
    """A public body that names no service reaches the one between public bodies; others are told which they may use."""
    number = days.numbers["public"]
    (accepted,) = traced(days, "public", PUBLIC_SUPPLIER)
    assert (accepted["outcome"], accepted["recipient"]) == ("accepted", BODY)
    pivots = [etree.fromstring(document) for _, document in days.files(BODY, "FEN0036A")]
    debtors = {
        one.findtext(".//DonneesFacture/Id"): (
            one.findtext(".//Debiteur/CodeService"),
            one.findtext(".//Debiteur/NomService"),
        )
        for pivot in pivots
        for one in pivot.iter("CPPFacturePivotUnitaire")
    }
    assert debtors[number] == ("FACTURES_PUBLIQUES", "Factures entre entités publiques")
    assert days.told_cpp(PUBLIC, number, "03")["ComplementStatut"] == "Mise à disposition du destinataire"
    lines = days.error_lines(OURS, "CSO1100A")
    (reserved,) = [line for line in lines if line.startswith(days.numbers["not public"]) and "RLS-ROUTE-09" in line]
    assert "réservé aux factures entre entités publiques" in reserved
    assert "is for invoices between public bodies alone" in reserved
    for role in ("not public", "no service"):
        (line,) = [line for line in lines if line.startswith(days.numbers[role])]
        assert "valeur attendue : « BATIMENTS, COLLEGES »" in line
        comment = days.told_cpp(OURS, days.numbers[role], "05")["Commentaire"]
        assert "attendu/expected « BATIMENTS, COLLEGES »" in comment


def test_order_commitments_sent_to_suppliers(days: Days) -> None:
    """A commitment reaches the supplier it is given to; an invoice that overdraws it is told how much is left."""
    ((name, document),) = days.files(OURS, "FEN9010A")
    (sent,) = json.loads(document)["commitments"]
    assert name.startswith(f"FEN9010A_{OURS}_")
    assert (sent["number"], sent["structure"], sent["amount"], sent["currency"], sent["valid_to"]) == (
        COMMITMENT.number, DEPARTMENT.structure.siret, "1500.00", "EUR", "2027-01-31",
    )  # fmt: skip
    assert [(line["label"], line["amount"]) for line in sent["lines"]] == [("Électricité des collèges", "1250.00")]
    ((_, acknowledged),) = days.files(BODY, "CSO9010A")
    assert etree.fromstring(acknowledged).findtext(".//IdStatut") == "90"
    assert not list(days.files(THEIRS, "FEN9010A"))
    assert not list(days.files(COMMUNE.structure.partner_code, "FEN9010A"))
    first = etree.fromstring(next(document for _, document in days.files(OURS, "CSO1100A")))
    comment = first.findtext(".//Commentaire") or ""
    assert f"{days.numbers['waiting']} : Il reste 357.05 EUR sur l'engagement {COMMITMENT.number}" in comment
    assert f"{days.numbers['waiting']}: Of commitment {COMMITMENT.number} there is 357.05 EUR left" in comment
    assert days.numbers["paid"] not in comment
    (held,) = json.loads(days.command("commitments", "list", "--json"))
    assert (held["number"], held["amount"], held["drawn"]) == (COMMITMENT.number, "1500.00", "2285.90")


def test_the_examples_of_the_page_are_what_came(days: Days) -> None:
    page = (Path(__file__).parents[2] / "docs" / "evolutions.md").read_text(encoding="utf-8")
    came = [text for partner in (OURS, THEIRS, BODY) for text in days.texts(partner)]
    came += [mail for address in (ACCOUNTANT, CATERERS_ACCOUNTANT) for mail in days.mails(address)]
    examples = [line for block in re.findall(r"```text\n(.+?)```", page, re.DOTALL) for line in block.splitlines()]
    assert len(examples) > 10
    for example in examples:
        assert any(example in text for text in came), example
    named = set(re.findall(r"`(test_\w+)`", page))
    tests = {name for name in globals() if name.startswith("test_")}
    assert len(named) == 12
    assert tests - named == {"test_the_examples_of_the_page_are_what_came"}
