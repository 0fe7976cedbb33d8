"""What a flow's acknowledgment says: its code, its error lines, and the answer to a flow that was refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.envelope import parsed
from data_contracts.interfaces import CATALOGUE
from data_contracts.ledger import FlowStatus
from data_contracts.messages import Sentences
from data_contracts.motives import MOTIVES, Scope
from data_contracts.refusals import FlowRefused
from pipelines.acknowledgment.flow_code import flow_code
from pipelines.acknowledgment.lines import ErrorLines
from pipelines.acknowledgment.refusal import acknowledgment_interface, refusal_code, refused_answer
from tests.unit.answer_values import ODD_TEXTS, texts
from tests.unit.rows import NOON, finding, flow, invoice

REFUSED_MOTIVES = sorted(motive.code for motive in MOTIVES.values() if motive.scope is Scope.FLOW)


def _refusal(motive: str = "IRR_EXTRAC", **changes: str) -> FlowRefused:
    placed = {"where": "envelope name", "value": "x"} | changes
    said = Sentences("l'archive est coupée", "the archive is cut")
    return FlowRefused(motive, said, Sentences("Refaire l'archive.", "Build the archive again."), **placed)


@pytest.mark.parametrize(
    ("code", "received", "accepted", "expected"),
    [
        ("FSO1100A", 3, 3, "90"),
        ("FSO1100A", 3, 1, "96"),
        ("FSO1100A", 3, 0, "93"),
        ("FSO1150A", 3, 3, "500"),
        ("FSO1150A", 3, 0, "500"),
    ],
)
def test_a_flow_code_counts_what_went_through(code: str, received: int, accepted: int, expected: str) -> None:
    assert flow_code(CATALOGUE[code], received, accepted) == expected


@pytest.mark.parametrize(("received", "accepted"), [(0, 0), (1, 2), (1, -1)])
def test_impossible_counts_are_a_bug_of_ours(received: int, accepted: int) -> None:
    with pytest.raises(AssertionError):
        flow_code(CATALOGUE["FSO1100A"], received, accepted)


def test_an_error_line_can_be_acted_upon_alone() -> None:
    (told,) = ErrorLines([(invoice(), [finding(line=12, location="/Invoice/cbc:ID")])])
    assert (told.nature, told.code, told.subject) == ("FACTURE", "BR-CO-10", "F2026-1")
    for sentence, parts in (
        (
            told.message_fr,
            ("La somme est fausse", "terme BT-106 (", "ligne 12", "valeur trouvée : « 1 »", "attendue : « 2 »"),
        ),
        (told.message_en, ("The sum is wrong", "term BT-106 (", "line 12", 'value found: "1"', 'value expected: "2"')),
    ):
        assert sentence.startswith("F2026-1 (")
        for part in ("invoice-1.xml", "BR-CO-10", "/Invoice/cbc:ID", *parts):
            assert part in sentence, part


def test_each_finding_of_each_invoice_has_its_line_in_order() -> None:
    told = ErrorLines(
        (
            (invoice(number=None, member_name="a.xml"), [finding(rule="IRR_SYNTAX", terms=[], found=None)]),
            (invoice(number="F2"), [finding(rule="BR-01"), finding(rule="BR-02")]),
        )
    )
    assert [(line.nature, line.subject, line.code) for line in told] == [
        ("FLUX", "BR-01", "BR-01"),
        ("FLUX", "BR-02", "BR-02"),
        ("FLUX", "IRR_SYNTAX", "IRR_SYNTAX"),
        ("FICHIER", "a.xml", "IRR_SYNTAX"),
        ("FACTURE", "F2", "BR-01"),
        ("FACTURE", "F2", "BR-02"),
    ]
    assert told[3].message_fr == (
        "a.xml : [IRR_SYNTAX] La somme est fausse ; ligne 1 du fichier ; élément /Invoice ; valeur attendue : « 2 »."
    )
    assert ErrorLines([]) == ()


@given(ODD_TEXTS)
def test_long_values_are_quoted_short(value: str) -> None:
    (told,) = ErrorLines([(invoice(number=value, member_name=value), [finding(found=value, expected=value)])])
    assert len(told.message_fr) < 2_000 and len(told.message_en) < 2_000
    assert "\n" not in told.message_fr


@pytest.mark.parametrize(
    ("name", "interface", "code"),
    [
        ("FSO1100A_ELC001_ELC0011100000000000000001", "CSO1100A", "93"),
        ("FSO1113A_ELC001_ELC0011113000000000000001", "CSO1113A", "93"),
        ("FSO1150A_ELC001_ELC0011150000000000000001", "CSO1150A", "501"),
        ("FSO1304A_x", "CSO1304A", "501"),
        ("FSO9999B_ELC001_ELC0019999000000000000001", "CSO9999B", "93"),
        ("FSO11", "CSO0000A", "93"),
        ("FSO١١٠٠A_x", "CSO0000A", "93"),
        ("CSO1150A_ELC001_ELC0011150000000000000001", "CSO0000A", "93"),
        ("FEN1214A_ELC001_ELC0011214000000000000001", "CSO0000A", "93"),
        ("factures.zip", "CSO0000A", "93"),
    ],
)
def test_every_refused_flow_has_an_answer_with_a_whole_name(name: str, interface: str, code: str) -> None:
    refused = flow(name=name, interface_code="", status=FlowStatus.LANDED)
    assert (acknowledgment_interface(refused), refusal_code(refused)) == (interface, code)
    answer, content = refused_answer(refused, _refusal(), 42, NOON)
    assert parsed(str(answer)) == answer
    assert (answer.partner_code, answer.emitter_code, answer.sequence) == ("ELC001", "RLS001", 42)
    identifier = name[16:] if len(name) == 41 and name.isascii() else name
    if code == "501":
        assert texts(content, ".//ram:ProcessConditionCode") == ["501"]
        assert texts(content, ".//ram:ReasonCode") == ["IRR_EXTRAC"]
        assert texts(content, ".//ram:IssuerAssignedID") == [identifier]
    else:
        assert texts(content, ".//IdStatut") == ["93"]
        assert texts(content, ".//IdFlux") == [identifier]
        assert texts(content, ".//NatureErreur") == ["FLUX"]
        assert texts(content, ".//CodeErreur") == ["IRR_EXTRAC"]


@pytest.mark.parametrize("motive", REFUSED_MOTIVES)
@pytest.mark.parametrize(
    "name", ["FSO1100A_ELC001_ELC0011100000000000000001", "FSO1150A_ELC001_ELC0011150000000000000001"]
)
def test_a_refusal_says_what_where_and_what_to_do_in_both_languages(motive: str, name: str) -> None:
    _, content = refused_answer(flow(name=name, interface_code=name[:8]), _refusal(motive), 1, NOON)
    said = content.decode()
    for part in (
        MOTIVES[motive].sentence_fr, MOTIVES[motive].sentence_en, ". À faire : Refaire l'archive.",
        ". What to do: Build the archive again.", "l'archive est coupée", "the archive is cut", "nom de l'enveloppe",
        "envelope name", "« x »", '"x"', name, motive,
    ):  # fmt: skip
        assert part in said, part


def test_a_known_interface_code_decides_over_the_name() -> None:
    assert acknowledgment_interface(flow(name="anything", interface_code="FSO1150A")) == "CSO1150A"


@settings(max_examples=60, deadline=None)
@given(ODD_TEXTS, ODD_TEXTS, st.sampled_from(["", "FSO1150A"]))
def test_no_name_and_no_value_can_keep_a_flow_unanswered(name: str, value: str, code: str) -> None:
    refused = flow(name=name, interface_code=code)
    answer, content = refused_answer(refused, _refusal(value=value, where=value), 1, NOON)
    assert parsed(str(answer)) == answer
    assert refused_answer(refused, _refusal(value=value, where=value), 1, NOON) == (answer, content)
    assert texts(content, ".//IdFlux") or texts(content, ".//ram:IssuerAssignedID")
