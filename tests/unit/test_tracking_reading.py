"""Status messages, read and checked: bad statuses do not sink the others, and hostile XML is refused at the gate."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.history import MESSAGE, Payment, StatusMessage
from data_contracts.interfaces import CATALOGUE, Syntax
from data_contracts.refusals import DocumentUnreadable
from data_contracts.rule_sets import BR_FR_CDAR, Release, RuleRegister, RuleSet
from data_contracts.statuses import StatusFormat
from pipelines.parsing.documents import Document
from pipelines.tracking import documents as tracked
from pipelines.tracking import findings as rules
from pipelines.tracking.instants import day_of_stamp, instant_of, instant_of_stamp
from pipelines.tracking.motive_codes import quoted_motives
from pipelines.tracking.official import StatusRules, judged
from pipelines.tracking.reading import read_cdar, read_cpp_status, read_status
from pipelines.tracking.structure_checks import FAULTS_MAX
from pipelines.validation.check import Engine
from pipelines.validation.compiled.engine import CompiledJudge, Difference
from pipelines.validation.saxon import SaxonJudge
from tests.unit.rows import flow
from tests.unit.status_documents import cashed, cdar, cdar_reason, cdar_reference, cpp, cpp_unit

RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"


def told(message: StatusMessage) -> list[tuple[int, str, str]]:
    return [(ordinal, finding["rule"], finding["flag"]) for ordinal, finding in message.findings]


# ---- CPPStatut -------------------------------------------------------------------------------------------------------


def test_a_cppstatut_is_read_whole() -> None:
    more = "<DateFacture>2026-10-01</DateFacture><IdMandatDP>M42</IdMandatDP>"
    message = read_status(cpp([cpp_unit("08", comment="Mandat émis", more=more)]), Syntax.CPP_STATUS)
    (one,) = message.invoices
    assert (one.format, one.code, one.number, one.mandate_number) == (StatusFormat.CPP_INVOICE, "08", "F1", "M42")
    assert one.at == datetime(2026, 10, 5, 12, 0, tzinfo=UTC) and one.issued_on == date(2026, 10, 1)
    assert (one.seller_siren, one.seller_id_type, one.message_id) == ("000000001", "1", "ABC1231301000000000000001")
    assert message.findings == () and message.sound() == (one,)
    assert {party.part: party.id for party in message.head.parties} == {"Recepteur": "RLS001", "Emetteur": "ABC123"}


def test_one_bad_status_does_not_sink_the_others() -> None:
    units = [
        cpp_unit("07", number="F1"),
        cpp_unit("05", number="F2", comment="", order=2),
        cpp_unit("07", number="F3", at="2026-13-05T14:00:00", order=3),
        cpp_unit("07", number="", order=4),
        cpp_unit("99", number="F5", order=5),
        cpp_unit("07", number="F6", more="<Odd/>", order=6),
        cpp_unit("07", number="F7", order=7),
    ]
    message = read_cpp_status(cpp(units))
    assert told(message) == [
        (1, rules.MOTIVE_MISSING, "fatal"),
        (2, rules.TIME_UNREADABLE, "fatal"),
        (3, rules.NUMBER_MISSING, "fatal"),
        (4, rules.STRUCTURE_VALUE, "fatal"),
        (4, rules.CODE_UNKNOWN, "warning"),
        (5, rules.STRUCTURE_UNEXPECTED, "fatal"),
    ]
    assert [one.number for one in message.sound()] == ["F1", "F7"]
    assert [one.number for one in message.invoices] == ["F1", "F2", "F3", "", "F5", "F6", "F7"]


@pytest.mark.parametrize("code", [f"{number:02d}" for number in range(13, 42)])
def test_codes_13_to_41_stay_unknown_and_pass(code: str) -> None:
    message = read_cpp_status(cpp([cpp_unit(code, comment="")]))
    assert told(message) == [(0, rules.CODE_UNKNOWN, "warning")]
    assert [one.code for one in message.sound()] == [code]


@pytest.mark.parametrize("comment", ["DEST_ERR : mauvais SIRET", "Le service est faux", "Autre chose"])
@pytest.mark.parametrize("code", ["04", "05", "06"])
def test_a_comment_is_the_motive_of_cppstatut(code: str, comment: str) -> None:
    message = read_cpp_status(cpp([cpp_unit(code, comment=comment)]))
    assert message.findings == ()
    assert [reason.code for reason in message.invoices[0].reasons] == (["DEST_ERR"] if "DEST" in comment else [])


@pytest.mark.parametrize(("code", "comment"), [("05", ""), ("05", "rejetée pour autre motif"), ("06", "Suspendue")])
def test_a_comment_that_only_repeats_the_status_is_no_motive(code: str, comment: str) -> None:
    assert told(read_cpp_status(cpp([cpp_unit(code, comment=comment)]))) == [(0, rules.MOTIVE_MISSING, "fatal")]


def test_mandate_elsewhere_wrong_count_and_long_comment_are_told_and_pass() -> None:
    units = [cpp_unit("07", comment="é" * 2_001, more="<IdMandatDP>M1</IdMandatDP>")]
    message = read_cpp_status(cpp(units, count="3"))
    assert told(message) == [
        (MESSAGE, rules.COUNT_WRONG, "warning"),
        (0, rules.MANDATE_ELSEWHERE, "warning"),
        (0, rules.COMMENT_LONG, "warning"),
    ]
    (one,) = message.sound()
    assert len(one.comment) == 2_001 and one.mandate_number == "M1"


def test_a_code_is_a_number_and_a_departure_names_its_place() -> None:
    assert read_cpp_status(cpp([cpp_unit("7")])).invoices[0].code == "07"
    odd = cpp_unit("07", order=2).replace("Debiteur>", "Client>")
    message = read_cpp_status(cpp([cpp_unit("07"), odd]))
    (unexpected, missing) = [finding for _, finding in message.findings if finding["rule"].startswith("RLS-STATUS-0")]
    assert unexpected["location"] == "/CPPStatut/CPPFactureStatuts/CPPFactureStatutUnitaire[2]/Client"
    assert unexpected["expected"] == "Debiteur" and "Client" in unexpected["message_fr"]
    assert missing["rule"] == rules.STRUCTURE_MISSING and "Debiteur" in missing["message_en"]
    assert len(message.sound()) == 1


def test_flow_statuses_with_error_lines() -> None:
    unit = (
        '<CPPFluxStatutUnitaire NumOrdre="1"><DonneesStatut><IdStatut>96</IdStatut><Horodatage>2026-10-05T14:00:00'
        "</Horodatage><IdFlux>RLS0010036000000000000001</IdFlux><Details NbLignesErreur='1'><LigneErreurDetail"
        " IdLigne='7'><NatureErreur>FACTURE</NatureErreur><CodeErreur>E1</CodeErreur><LibelleErreur>Faux"
        "</LibelleErreur><DescriptionErreur>Le total</DescriptionErreur></LigneErreurDetail></Details></DonneesStatut>"
        "</CPPFluxStatutUnitaire>"
    )
    message = read_cpp_status(cpp([unit], holder="CPPFluxStatuts"))
    (one,) = message.flows
    assert (one.code, one.flow_id) == ("96", "RLS0010036000000000000001")
    (reason,) = one.reasons
    (note,) = reason.notes
    assert (reason.code, reason.text, note.text, note.code, note.subject) == ("E1", "Faux", "Le total", "FACTURE", "7")
    assert message.findings == () and message.refused() == frozenset()


# ---- CDAR ------------------------------------------------------------------------------------------------------------


def test_a_cdar_with_several_references_is_partly_integrated() -> None:
    references = [
        cdar_reference("204", number="F1"),
        cdar_reference("208", number="F2"),
        cdar_reference("208", number="F3", reasons=cdar_reason("QTE_ERR")),
        cdar_reference("212", number="F4", reasons=cashed(("500.00", "20.00"), ("-1", "5.5"))),
        cdar_reference("999", number="F5"),
    ]
    (message,) = _judged(BR_FR_CDAR, cdar(references))
    assert told(message) == [
        (1, "BR-FR-CDV-15_MDT-113", "fatal"),
        (2, "BR-FR-CDV-CL-09_MDT-113_208", "fatal"),
        (4, "BR-FR-CDV-CL-06_MDT-105", "warning"),
    ]
    assert [one.number for one in message.sound()] == ["F1", "F4", "F5"]
    _, wrong = message.findings[1]
    assert (wrong["rule_set"], wrong["position"], wrong["found"]) == (BR_FR_CDAR.coordinate, 2, "QTE_ERR")
    assert wrong["terms"] == ["MDT-113"] and "SUSPENDUE (208)" in wrong["message_fr"]
    assert wrong["message_en"] == "The motive (MDT-113) is not one that status 208 (suspended) admits."
    assert message.invoices[3].payments == (
        Payment("MEN", Decimal("500.00"), "EUR", Decimal("20.00")), Payment("MEN", Decimal(-1), "EUR", Decimal("5.5")),
    )  # fmt: skip
    assert message.invoices[0].issued_on == date(2026, 10, 1) and message.invoices[0].actor_role == "BY"


def test_a_byte_order_mark_is_taken() -> None:
    assert read_cdar(b"\xef\xbb\xbf" + cdar([cdar_reference()])).invoices[0].code == "204"


def test_a_refusal_towards_the_administration_needs_a_comment() -> None:
    to = "<ram:GlobalID schemeID='0238'>0000</ram:GlobalID><ram:RoleCode>DFH</ram:RoleCode>"
    bare = read_cdar(cdar([cdar_reference("210", reasons=cdar_reason("TX_TVA_ERR"))], to=to))
    assert told(bare) == [(0, rules.COMMENT_MISSING, "warning")]
    assert len(bare.sound()) == 1
    commented = read_cdar(cdar([cdar_reference("210", reasons=cdar_reason("TX_TVA_ERR", note="vu"))], to=to))
    assert commented.findings == () and commented.invoices[0].comment == "vu"
    assert read_cdar(cdar([cdar_reference("210", reasons=cdar_reason("TX_TVA_ERR"))])).findings == ()
    assert [one.findings for one in _judged(BR_FR_CDAR, cdar([cdar_reference()]))] == [()]


def test_references_to_flows_and_messages_are_flow_statuses() -> None:
    message = read_cdar(cdar([cdar_reference("501", type_code="303", reasons=cdar_reason("IRR_SYNTAX"))]))
    (one,) = message.flows
    assert (one.format, one.code, one.flow_id, message.invoices) == (StatusFormat.CDAR_FLOW, "501", "F1", ())


def test_an_amount_that_is_none_stays_as_it_was_written() -> None:
    message = read_cdar(cdar([cdar_reference("212", reasons=cashed(("1e3", "20.00")))]))
    (one,) = message.invoices
    assert one.payments == () and one.reasons[0].data[0].value == "1e3"
    ((ordinal, wrong),) = message.findings
    assert (ordinal, wrong["rule"], wrong["rule_set"], wrong["found"]) == (0, "XSD", "xsd:CDAR D22B", "1e3")
    assert wrong["line"] == 1 and wrong["location"].endswith("SpecifiedDocumentCharacteristic/ram:ValueAmount")
    assert wrong["message_fr"].startswith("La valeur de ram:ValueAmount") and "xs:decimal" in wrong["message_en"]


def test_schema_errors_take_out_their_status_and_those_of_the_message_all() -> None:
    references = [cdar_reference("204", number=f"F{n}") for n in range(12)]
    references[1] = references[1].replace("<ram:TypeCode>", "<ram:Odd/><ram:TypeCode>")
    references[11] = references[11].replace("380</ram:TypeCode>", "380<ram:Odd/></ram:TypeCode>")
    message = read_cdar(cdar(references))
    assert [ordinal for ordinal, _ in message.findings] == [1, 11] and len(message.sound()) == 10
    headed = cdar(references[:1]).replace(b"<ram:ID>M1</ram:ID>", b"<ram:Odd/>")
    assert [ordinal for ordinal, _ in read_cdar(headed).findings] == [MESSAGE] and read_cdar(headed).sound() == ()
    many = cdar([cdar_reference().replace("<ram:TypeCode>", "<ram:Odd/><ram:TypeCode>")] * (FAULTS_MAX + 1))
    assert told(read_cdar(many))[0] == (MESSAGE, rules.TOO_MANY, "fatal")
    assert len(read_cdar(many).findings) == FAULTS_MAX + 1


def test_an_unreadable_time_is_named_and_the_status_kept() -> None:
    message = read_cdar(cdar([cdar_reference("204", issued="20261301")], at="20261305140000"))
    assert told(message) == [(0, rules.TIME_UNREADABLE, "fatal"), (0, rules.DAY_UNREADABLE, "warning")]
    (one,) = message.invoices
    assert (one.at_text, one.issued_on_text, one.at, one.issued_on) == ("20261305140000", "20261301", None, None)


# ---- gate and kinds --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("syntax", [Syntax.CPP_STATUS, Syntax.CDAR])
@pytest.mark.parametrize(
    ("document", "motive"),
    [
        (b"", "IRR_VIDE_F"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><CPPStatut>&b;</CPPStatut>", "IRR_SYNTAX"),
        (b"<CPPStatut", "IRR_SYNTAX"),
        ("<CPPStatut/>".encode("utf-16"), "IRR_SYNTAX"),
        (b"<a>" * 100 + b"</a>" * 100, "IRR_TAILLE_F"),
        (b"<Invoice/>", "IRR_TYPE_F"),
    ],
)
def test_hostile_and_foreign_documents_are_refused(syntax: Syntax, document: bytes, motive: str) -> None:
    with pytest.raises(DocumentUnreadable) as refused:
        read_status(document, syntax)
    assert refused.value.motive == motive


def test_a_document_with_departures_without_end_is_refused_whole() -> None:
    message = read_cpp_status(cpp([cpp_unit("07"), cpp_unit("07", more="<Odd/>" * 2_000, order=2)]))
    assert len(message.findings) < 520 and (MESSAGE, rules.TOO_MANY, "fatal") in told(message)
    assert message.sound() == ()


def test_a_syntax_of_invoices_holds_no_statuses() -> None:
    with pytest.raises(ValueError, match="holds no statuses"):
        read_status(b"<Invoice/>", Syntax.UBL)


# ---- times and motive codes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-05T14:00:00+02:00", datetime(2026, 10, 5, 12, tzinfo=UTC)),
        ("2026-10-05T12:00:00Z", datetime(2026, 10, 5, 12, tzinfo=UTC)),
        ("2026-10-05T14:00:00", datetime(2026, 10, 5, 12, tzinfo=UTC)),
        ("2026-01-05T14:00:00.1234567", datetime(2026, 1, 5, 13, 0, 0, 123456, tzinfo=UTC)),
        ("2026-10-05T24:00:00Z", datetime(2026, 10, 6, tzinfo=UTC)),
        ("2018-15-18T16:51:55.000+01:00", None), ("2026-10-05", None), ("2026-02-29T00:00:00Z", None),
        ("2026-10-05T14:00:00+15:00", None), ("2026-10-05T25:00:00Z", None), ("0001-01-01T00:00:00+02:00", None),
        ("", None),
    ],
)  # fmt: skip
def test_instants(text: str, expected: datetime | None) -> None:
    assert instant_of(text) == expected


def test_stamps() -> None:
    assert instant_of_stamp("20260105140000", "204") == datetime(2026, 1, 5, 13, tzinfo=UTC)
    assert instant_of_stamp("202601051400", "203") == instant_of_stamp("202601051400", "")
    assert instant_of_stamp("20260105", "204") is None and instant_of_stamp("20261305140000", "204") is None
    assert day_of_stamp("20260105", "102") == day_of_stamp("20260105000000", "204") == date(2026, 1, 5)
    assert day_of_stamp("٢٠٢٦٠١٠٥", "102") is None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30), st.sampled_from(["", "102", "203", "204", "7"]))
def test_no_text_makes_a_time_reader_stumble(text: str, code: str) -> None:
    for at in (instant_of(text), instant_of_stamp(text, code)):
        assert at is None or at.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("DEST_ERR : mauvais SIRET", ("DEST_ERR",)), ("motif TX_TVA_ERR, puis DOUBLON.", ("TX_TVA_ERR", "DOUBLON")),
        ("AUTRE : voir", ("AUTRE",)), ("AUTRE", ("AUTRE",)), ("UN AUTRE MOTIF", ()), ("AUTRE chose", ()),
        ("dest_err", ()), ("XDEST_ERR DEST_ERR_2 DEST_ERRé", ()), ("INCONNU_ERR", ()), ("", ()),
        ("DOUBLON DOUBLON", ("DOUBLON",)),
    ],
)  # fmt: skip
def test_motive_codes_quoted_in_texts(text: str, codes: tuple[str, ...]) -> None:
    assert quoted_motives(text) == codes


# ---- the official file -----------------------------------------------------------------------------------------------


def _given(tmp_path: Path, test: str) -> RuleSet:
    file = tmp_path / "BR-FR-CDV.sch"
    file.write_text(
        f"""<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"><ns prefix="ram" uri="{RAM}"/>
<pattern><rule context="ram:ReferenceReferencedDocument/ram:ProcessConditionCode"><assert id="GIVEN" flag="fatal"
 test="{test}">Status <value-of select="."/></assert></rule></pattern></schema>""",
        "utf-8",
    )
    return RuleSet("fr.fnfe.br-fr-cdv.cdar:1.4.1", "", "", "fr", str(file))


def _documents(*contents: bytes) -> list[Document]:
    return [Document("f", place, f"{place}.xml", content, "") for place, content in enumerate(contents)]


def _judged(rule_set: RuleSet, *contents: bytes) -> list[StatusMessage]:
    return judged([(one, read_cdar(one.data)) for one in _documents(*contents)], rule_set, Engine(None, SaxonJudge()))


def test_a_given_file_judges_each_status_of_each_message(tmp_path: Path) -> None:
    three = cdar([cdar_reference("205"), cdar_reference("204"), cdar_reference("208")])
    one, other = _judged(_given(tmp_path, ". != '204'"), three, cdar([cdar_reference("205")]))
    assert told(one) == [(1, "GIVEN", "fatal")] and other.findings == ()
    assert one.findings[0][1]["position"] == 1 and one.findings[0][1]["flow_key"] == ""
    assert [status.code for status in one.sound()] == ["205", "208"]


def test_compiled_rules_and_the_official_engine_place_findings_alike(tmp_path: Path) -> None:
    def differs(difference: Difference) -> None:
        raise AssertionError(difference)

    codes = ["204", "999", "208", "204", "999"] * 3
    message = cdar([cdar_reference(code) for code in codes], to="<ram:RoleCode>XX</ram:RoleCode>")
    read = [(one, read_cdar(one.data)) for one in _documents(message)]
    (fast,) = judged(read, BR_FR_CDAR, Engine(None, CompiledJudge(tmp_path, differs)))
    (slow,) = _judged(BR_FR_CDAR, message)
    assert told(fast) == told(slow)
    assert {ordinal for ordinal, rule, _ in told(fast) if "CL-06" in rule} == {1, 4, 6, 9, 11, 14}
    assert {ordinal for ordinal, rule, _ in told(fast) if "CL-04" in rule} == {MESSAGE}


def test_where_the_official_file_throws_the_statuses_stand_and_it_is_said(tmp_path: Path) -> None:
    (one,) = _judged(_given(tmp_path, "xs:date(.) lt xs:date('2026-01-01')"), cdar([cdar_reference("208")]))
    assert told(one) == [(MESSAGE, rules.RULES_THREW, "warning")] and len(one.sound()) == 1


def test_the_file_in_force_judges_the_documents_of_a_status_flow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = _given(tmp_path, ". != '204'")
    status_rules = StatusRules(RuleRegister((Release(given, date(2026, 9, 1)),)), lambda: Engine(None, SaxonJudge()))
    contents = [cdar([cdar_reference("204")]), b"<odd", cdar([cdar_reference("208")])]
    monkeypatch.setattr(tracked, "members", lambda store, part: [{"size_bytes": len(one)} for one in contents])
    monkeypatch.setattr(tracked, "documents", lambda store, part: iter(_documents(*contents)))
    one_flow = flow(name="FSO1304A_ABC123_ABC1231304000000000000001", interface_code="FSO1304A", member_count=3)

    def said(on: date) -> list[list[tuple[int, str, str]] | None]:
        judgement = status_rules.judgement_on(on)
        read = list(tracked.read_documents(one_flow, CATALOGUE["FSO1304A"], object(), judgement))  # type: ignore[arg-type]
        assert [one.position for one in read] == [0, 1, 2] and read[1].unreadable is not None
        return [None if one.message is None else told(one.message) for one in read]

    assert said(date(2026, 10, 1)) == [[(0, "GIVEN", "fatal")], None, []]
    assert said(date(2026, 8, 1)) == [[], None, [(0, "BR-FR-CDV-15_MDT-113", "fatal")]]


def test_an_engine_is_made_for_cdars_alone() -> None:
    def none() -> Engine:
        raise AssertionError("no engine is needed")

    assert StatusRules(RuleRegister(), none).judgement_on(date(2026, 10, 1))([]) == []
