"""Rules for life-cycle statuses (CDAR): the installed file judges, from its day one that an operator gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data_contracts.interfaces import Circuit
from data_contracts.rule_sets import BR_FR_CDAR
from pipelines.validation.rule_files import digest
from relais.samples.billers import UTILITY
from relais.samples.invoices import composed
from relais.samples.ubl_writer import ubl_bytes
from tests.unit.conftest import Relais

RSM = "urn:un:unece:uncefact:data:standard:CrossDomainAcknowledgementAndResponse:100"
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
RULES = f"""<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">
<ns prefix="rsm" uri="{RSM}"/><ns prefix="ram" uri="{RAM}"/><include href="parts/codes.sch"/>
<pattern><rule context="/rsm:CrossDomainAcknowledgementAndResponse">
<assert id="CDV-ID" flag="fatal" test="rsm:ExchangedDocument/ram:ID">The status has no number.</assert></rule></pattern>
</schema>"""
CODES = """<pattern xmlns="http://purl.oclc.org/dsdl/schematron">
<rule context="rsm:AcknowledgementDocument/ram:TypeCode"><assert id="CDV-TYPE" flag="warning"
 test=". = ('23', '305')">The type <value-of select="."/> is neither 23 nor 305.</assert></rule></pattern>"""
NAME = "fr.fnfe.br-fr-cdv.cdar:1.4.0"


def _status(number: str, type_code: str) -> str:
    return (
        f'<rsm:CrossDomainAcknowledgementAndResponse xmlns:rsm="{RSM}" xmlns:ram="{RAM}"><rsm:ExchangedDocument>'
        f"{number}</rsm:ExchangedDocument><rsm:AcknowledgementDocument><ram:TypeCode>{type_code}</ram:TypeCode>"
        "</rsm:AcknowledgementDocument></rsm:CrossDomainAcknowledgementAndResponse>"
    )


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "official"
    (folder / "parts").mkdir(parents=True)
    (folder / "parts" / "codes.sch").write_text(CODES, "utf-8")
    file = folder / "BR-FR-CDV.sch"
    file.write_text(RULES, "utf-8")
    return file


@pytest.fixture
def statuses(tmp_path: Path) -> Path:
    folder = tmp_path / "statuses"
    folder.mkdir()
    number = "<ram:ID>S1</ram:ID>"
    for place in range(12):
        (folder / f"good{place:02}.xml").write_text(_status(number, "305"), "utf-8")
    (folder / "type.xml").write_text(_status(number, "7"), "utf-8")
    (folder / "unnumbered.xml").write_text(_status("", "23"), "utf-8")
    return folder


def _lines(text: str) -> dict[str, dict[str, object]]:
    rows = [json.loads(line) for line in text.splitlines()]
    return {str(row["document"]): row for row in rows}


def test_a_file_given_for_statuses_judges_from_its_day(relais: Relais, rules: Path, statuses: Path) -> None:
    code, told, _ = relais("check", statuses / "type.xml", "--no-xsd", "--on", "2026-09-01")
    (label,) = _lines(told)["type.xml"]["rule_sets"]  # type: ignore[misc]
    assert code == 1 and label == f"{NAME}@{digest(BR_FR_CDAR)}"
    code, told, _ = relais("rules", "add", rules, "--name", NAME, "--valid-from", "2026-09-01")
    assert code == 0 and "2 asserts, 2 compiled" in told and "rules added: CDV-ID, CDV-TYPE" in told

    code, told, _ = relais("check", statuses, "--rules", "br-fr-cdar", "--no-xsd", "--on", "2026-09-01")
    lines = _lines(told)
    assert code == 1 and len(lines) == 14
    assert {line["verdict"] for name, line in lines.items() if name != "unnumbered.xml"} == {"valid"}
    (missing,) = lines["unnumbered.xml"]["findings"]  # type: ignore[misc]
    assert (missing["rule"], missing["flag"], missing["line"]) == ("CDV-ID", "fatal", 1)
    (odd,) = lines["type.xml"]["findings"]  # type: ignore[misc]
    assert (odd["rule"], odd["flag"], odd["found"]) == ("CDV-TYPE", "warning", "7")
    assert "The type 7 is neither 23 nor 305." in odd["message_fr"]
    (label,) = lines["type.xml"]["rule_sets"]  # type: ignore[misc]
    assert label.startswith(f"{NAME}@") and not label.endswith(digest(BR_FR_CDAR))

    _, told, _ = relais("check", statuses, "--rules", NAME.rpartition(":")[0], "--no-xsd", "--on", "2026-08-31")
    assert _lines(told)["type.xml"]["rule_sets"] == [f"{NAME}@{digest(BR_FR_CDAR)}"]


def test_what_was_not_asked_of_statuses_is_not_said(relais: Relais, rules: Path, statuses: Path) -> None:
    relais("rules", "add", rules, "--name", NAME, "--valid-from", "2026-09-01")
    _, told, _ = relais("check", statuses, "--rules", NAME)
    assert {str(line["verdict"]) for line in _lines(told).values()} == {"invalid"}
    (wrong, *_) = [one for one in _lines(told)["type.xml"]["findings"] if one["rule"] == "XSD"]  # type: ignore[attr-defined]
    assert wrong["rule_set"] == "xsd:CDAR D22B" and wrong["line"] == 1
    invoice = statuses / "invoice.xml"
    invoice.write_bytes(ubl_bytes(composed(UTILITY, 1, Circuit.AFNOR, 1)))
    _, told, _ = relais("check", invoice, "--rules", f"en16931,{NAME}", "--no-xsd")
    assert _lines(told)["invoice.xml"]["cause"] == f"{NAME}: did not run"
    # Where rules are named and none is for them, statuses are no documents that are checked.
    _, told, _ = relais("check", statuses / "type.xml", "--rules", "en16931", "--no-xsd")
    assert _lines(told)["type.xml"]["verdict"] == "invalid"


def test_given_rules_are_listed_shown_and_counted(relais: Relais, rules: Path) -> None:
    relais("rules", "add", rules, "--name", NAME, "--valid-from", "2026-09-01")
    _, told, _ = relais("rules", "show", "CDV-TYPE", "--format", "json")
    (shown,) = json.loads(told)
    assert shown["test"] == ". = ('23', '305')" and "neither 23 nor 305" in shown["official"]
    _, told, _ = relais("rules", "coverage", NAME, "--format", "json")
    (counted,) = json.loads(told)
    assert (counted["asserts"], counted["compiled"]) == (2, 2)


def test_a_file_for_another_syntax_is_refused(relais: Relais, rules: Path) -> None:
    code, _, told = relais("rules", "add", rules, "--name", "eu.cen.en16931.ubl:1.3.17", "--valid-from", "2026-09-01")
    assert code == 2 and "another syntax" in told


def test_a_changed_included_file_is_found_out(relais: Relais, rules: Path, tmp_path: Path) -> None:
    relais("rules", "add", rules, "--name", NAME, "--valid-from", "2026-09-01")
    (kept,) = (tmp_path / "data").rglob("codes.sch")
    kept.chmod(0o600)
    kept.write_text(CODES.replace("'23', ", ""), "utf-8")
    code, _, told = relais("rules", "list")
    assert code != 0 and "is not the one that was added" in told
