"""Facts become outcomes by policy, with every cause listed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from data_contracts.answers import FindingRow, InvoiceRow
from data_contracts.directory import Directory
from data_contracts.interfaces import Circuit
from data_contracts.ledger import InvoiceKey, Owner
from data_contracts.messages import Sentences
from data_contracts.tables import Outcome
from pipelines.settlement import outcome_tables
from pipelines.settlement.acceptance import Decision, Judged, decided, invoice_key, keys, proposed
from pipelines.settlement.resubmission import First, resubmitted
from pipelines.validation.verdict import VerdictRow
from tests.unit.rows import FLOW_KEY, finding, invoice

ON = date(2026, 11, 20)
EVERYONE, NOBODY = Directory({}, open_to_all=True), Directory({})
PROFILE, FRENCH = finding(), finding("fr.fnfe.br-fr-flux2.ubl:1.4.0", "BR-FR-05_BT-22")
SCHEMA, OWN = finding("xsd:UBL 2.1 Invoice", "XSD"), finding("relais.chorus-pro:1", "RLS-CPRO-01")


def judged(row: InvoiceRow, *findings: FindingRow, verdict: str = "valid", cause: str | None = None) -> Judged:
    facts = VerdictRow(
        flow_key=row["flow_key"], position=row["position"], verdict=verdict, xsd_valid=True, rule_sets=[], cause=cause
    )
    return Judged(row, facts, tuple(findings), (), ())


def outcome(circuit: Circuit, *findings: FindingRow, directory: Directory = EVERYONE, **facts: Any) -> Decision:
    return proposed(judged(invoice(), *findings, **facts), circuit, directory, ON)


@pytest.mark.parametrize(
    ("circuit", "found", "expected"),
    [
        (Circuit.CHORUS_PRO, PROFILE, Outcome.ACCEPTED),
        (Circuit.CHORUS_PRO, FRENCH, Outcome.ACCEPTED),
        (Circuit.CHORUS_PRO, SCHEMA, Outcome.REJECTED),
        (Circuit.CHORUS_PRO, OWN, Outcome.REJECTED),
        (Circuit.AFNOR, PROFILE, Outcome.REJECTED),
        (Circuit.AFNOR, FRENCH, Outcome.REJECTED),
        (Circuit.AFNOR, SCHEMA, Outcome.REJECTED),
        (Circuit.AFNOR, {**PROFILE, "flag": "warning"}, Outcome.ACCEPTED),
    ],
)
def test_policy_says_what_rejects(circuit: Circuit, found: FindingRow, expected: Outcome) -> None:
    assert outcome(circuit, found).outcome is expected


def test_a_rejection_lists_rules_and_routing_together() -> None:
    decision = outcome(Circuit.AFNOR, PROFILE, FRENCH, directory=NOBODY)
    assert decision.motive == "REJ_SEMAN"
    assert [row["rule"] for row in decision.fatal] == ["BR-CO-10", "BR-FR-05_BT-22", "RLS-ROUTE-02"]
    assert "2 more" in decision.detail_en
    assert "2 autres" in decision.detail_fr


def test_an_unreadable_document_is_rejected_under_its_own_motive_without_routing() -> None:
    unreadable = judged(invoice(syntax=None), finding("relais.reading:1", "IRR_SYNTAX"), verdict="invalid")
    decision = proposed(unreadable, Circuit.AFNOR, NOBODY, ON)
    assert (decision.outcome, decision.motive, len(decision.fatal)) == (Outcome.REJECTED, "IRR_SYNTAX", 1)


def test_an_invoice_that_cannot_be_diffused_is_rejected_not_stuck() -> None:
    nameless = proposed(judged(invoice(seller_name=None, currency=None)), Circuit.CHORUS_PRO, EVERYONE, ON)
    assert (nameless.outcome, nameless.motive) == (Outcome.REJECTED, "REJ_SEMAN")
    assert [row["terms"] for row in nameless.fatal] == [["BT-5"], ["BT-27"]]
    told = finding("relais.chorus-pro:1", "RLS-CPRO-06", terms=["BT-5"])
    once = proposed(judged(invoice(currency=None), told), Circuit.CHORUS_PRO, EVERYONE, ON)
    assert [row["rule"] for row in once.fatal] == ["RLS-CPRO-06"], "what another finding says is not said twice"


def test_what_could_not_be_determined_waits_in_quarantine_only_where_it_matters() -> None:
    facts = {"verdict": "undetermined", "cause": "eu.cen.en16931.ubl:1.3.16: cannot convert"}
    aside = outcome(Circuit.AFNOR, **facts)
    assert aside.outcome is Outcome.QUARANTINED
    assert "cannot convert" in aside.detail_en
    assert outcome(Circuit.CHORUS_PRO, **facts).outcome is Outcome.ACCEPTED
    poison = judged(invoice(syntax=None), verdict="undetermined", cause="batch stopped its worker 3 times")
    assert proposed(poison, Circuit.CHORUS_PRO, EVERYONE, ON).outcome is Outcome.QUARANTINED
    known_bad = outcome(Circuit.AFNOR, PROFILE, **facts)
    assert known_bad.outcome is Outcome.REJECTED


def test_what_is_known_to_be_wrong_rejects_even_where_a_layer_gave_no_answer() -> None:
    facts = {"verdict": "undetermined", "cause": "eu.cen.en16931.ubl:1.3.16: cannot convert"}
    for circuit in Circuit:
        assert outcome(circuit, SCHEMA, **facts).outcome is Outcome.REJECTED


def test_keys_are_year_siren_number_and_payment_requests_have_none() -> None:
    assert invoice_key(invoice()) == InvoiceKey(2026, "552081317", "F2026-1")
    assert invoice_key(invoice(seller_siren=None, seller_id="ETR1")) == InvoiceKey(2026, "ETR1", "F2026-1")
    assert invoice_key(invoice(frame="S3")) is None


def test_a_duplicate_names_the_first_one() -> None:
    first = proposed(judged(invoice()), Circuit.CHORUS_PRO, EVERYONE, ON)
    second = proposed(judged(invoice(position=1)), Circuit.CHORUS_PRO, EVERYONE, ON)
    other = proposed(judged(invoice(position=2, number="F2")), Circuit.CHORUS_PRO, EVERYONE, ON)
    assert [position for _, position in keys([first, second, other])] == [0, 1, 2]
    owners = {
        InvoiceKey(2026, "552081317", "F2026-1"): Owner(FLOW_KEY, 0),
        InvoiceKey(2026, "552081317", "F2"): Owner("earlier", 7),
    }
    here = First(Owner(FLOW_KEY, 0), None, (), Sentences("le 0", "the 0"))
    elsewhere = First(Owner("earlier", 7), None, (), Sentences("le 7", "the 7"))
    repeated = {1: resubmitted(second.judged, here).finding, 2: resubmitted(other.judged, elsewhere).finding}
    final = decided([first, second, other], owners, repeated)
    assert [row.outcome for row in final] == [Outcome.ACCEPTED, Outcome.REJECTED, Outcome.REJECTED]
    assert [row.motive for row in final] == ["", "DOUBLON", "DOUBLON"]
    assert final[2].original == Owner("earlier", 7)
    (inside,), (outside,) = final[1].fatal, final[2].fatal
    assert (inside["rule"], inside["found"], outside["rule"], outside["found"]) == ("G1.45", "F2026-1", "G1.45", "F2")
    assert "repeats the 0: same number" in inside["message_en"], "what becomes of it is not known yet"
    assert "répète le 0 : même numéro" in inside["message_fr"]
    assert 'repeats the 7, whose status is "Made available to the recipient": same' in outside["message_en"]
    assert "répète le 7, au statut « Mise à disposition du destinataire » : même" in outside["message_fr"]


class Incomparable(dict[str, Any]):
    """A finding that must not be compared by value: an invoice may have 50,000, each compared with all others."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise AssertionError("findings were compared by value")


def test_findings_that_settlement_adds_are_told_apart_without_comparing_all_with_all() -> None:
    from_check: Any = [Incomparable(finding(rule=f"RLS-{number}", rule_set="relais.x:1")) for number in range(3)]
    decision = outcome(Circuit.CHORUS_PRO, *from_check, directory=NOBODY)
    assert [row["rule"] for row in outcome_tables._added(decision)] == ["RLS-ROUTE-02"]
