"""The official engine, its files, and what a hit becomes."""

from __future__ import annotations

import os

import pytest

from data_contracts import rule_sets
from data_contracts.errors import ConfigurationError
from data_contracts.rule_sets import RULE_SETS, RuleSet
from pipelines.validation import explain, saxon
from pipelines.validation.judge import NO_ID, Hit
from pipelines.validation.rule_files import digest, file_of, label, located
from pipelines.validation.saxon import SaxonJudge

UBL = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"

BARE_INVOICE = f'<Invoice xmlns="{UBL}" xmlns:b="{CBC}"><b:ID>café €</b:ID></Invoice>'.encode()


@pytest.mark.parametrize("rule_set", RULE_SETS.values(), ids=lambda row: row.coordinate)
def test_every_rule_file_is_installed_and_has_a_label(rule_set: RuleSet) -> None:
    assert file_of(rule_set).is_file()
    assert label(rule_set) == f"{rule_set.coordinate}@{digest(rule_set)}"
    assert len(digest(rule_set)) == 64


def test_a_missing_package_or_file_says_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match="remedy: install the locked requirements"):
        located("no_such_package_of_rules", "a.xslt")
    with pytest.raises(ConfigurationError, match=r"no-such-file\.xslt"):
        located("facturx", "no-such-file.xslt")


def test_hits_carry_the_official_id_flag_place_and_sentence() -> None:
    judgment = SaxonJudge().judge(BARE_INVOICE, rule_sets.EN16931_UBL)
    assert judgment.crashed is None
    hits = {hit.rule: hit for hit in judgment.hits}
    assert hits["BR-03"].flag == "fatal"
    assert hits["BR-03"].location == f"/*:Invoice[namespace-uri()='{UBL}'][1]"
    assert hits["BR-03"].text == "[BR-03]-An Invoice shall have an Invoice issue date (BT-2)."
    assert "BR-02" not in hits


def test_french_ids_are_kept_to_the_letter() -> None:
    rules = {hit.rule for hit in SaxonJudge().judge(BARE_INVOICE, rule_sets.BR_FR_UBL).hits}
    assert {"BR-FR-05_BT-22-1", "BR-FR-01_BT-1-2"} <= rules


def test_the_text_reaches_the_rules_in_its_own_letters() -> None:
    hits = SaxonJudge().judge(BARE_INVOICE, rule_sets.BR_FR_UBL).hits
    assert any('"café €"' in hit.text for hit in hits)


def test_a_document_on_which_the_rules_throw_is_a_crash_and_leaks_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    xml = f"""<Invoice xmlns="{UBL}" xmlns:b="{CBC}" xmlns:a="{CAC}">
      <a:LegalMonetaryTotal><b:LineExtensionAmount>secret-amount</b:LineExtensionAmount></a:LegalMonetaryTotal>
    </Invoice>"""
    judgment = SaxonJudge().judge(xml.encode(), rule_sets.EN16931_UBL)
    assert judgment.hits == ()
    assert judgment.crashed is not None
    assert "/" not in judgment.crashed.replace("http://", "")
    assert "\n" not in judgment.crashed
    assert "secret-amount" not in capfd.readouterr().err


def test_a_judge_is_the_same_after_a_crash() -> None:
    judge = SaxonJudge()
    before = judge.judge(BARE_INVOICE, rule_sets.EN16931_UBL)
    charge = "<a:AllowanceCharge><b:ChargeIndicator>12</b:ChargeIndicator></a:AllowanceCharge>"
    crash = f'<Invoice xmlns="{UBL}" xmlns:a="{CAC}" xmlns:b="{CBC}">{charge}</Invoice>'
    assert judge.judge(crash.encode(), rule_sets.EN16931_UBL).crashed is not None
    assert judge.judge(BARE_INVOICE, rule_sets.EN16931_UBL) == before


def test_a_child_process_judges_like_its_parent() -> None:
    expected = SaxonJudge().judge(BARE_INVOICE, rule_sets.BR_FR_UBL)
    child = os.fork()
    if child == 0:
        same = SaxonJudge().judge(BARE_INVOICE, rule_sets.BR_FR_UBL) == expected
        os._exit(0 if same else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_reports_without_id_or_flag_are_fatal_and_named_so() -> None:
    xml = b"""<rsm:CrossIndustryInvoice
      xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
      xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100">
      <rsm:ExchangedDocument><ram:ID schemeID="x">1</ram:ID></rsm:ExchangedDocument></rsm:CrossIndustryInvoice>"""
    judgment = SaxonJudge().judge(xml, rule_sets.FACTURX_EN16931)
    unnamed = [hit for hit in judgment.hits if hit.rule == NO_ID]
    assert [hit.flag for hit in unnamed] == ["fatal"]
    assert "schemeID" in unnamed[0].text


def test_terms_are_those_of_the_rule_and_its_sentence_once_and_sorted() -> None:
    hit = Hit("BR-FR-01_BT-EXT-FR-FE-136-2", "fatal", "", "the sum (BT-106) of BT-131 in BG-25, see BT-106")
    assert explain.terms(hit) == ["BG-25", "BT-106", "BT-131", "EXT-FR-FE-136"]


def _dated(date: str, lines: int = 0) -> bytes:
    period = "<a:InvoiceLine><a:InvoicePeriod><b:StartDate>2026-03-01</b:StartDate></a:InvoicePeriod></a:InvoiceLine>"
    return (
        f'<Invoice xmlns="{UBL}" xmlns:b="{CBC}" xmlns:a="{CAC}"><b:IssueDate>{date}</b:IssueDate>{period * lines}'
        "</Invoice>"
    ).encode()


def test_what_is_said_of_a_document_does_not_depend_on_those_before_it() -> None:
    def fresh() -> SaxonJudge:
        saxon._engine.cache_clear()
        return SaxonJudge()

    for odd in ("2025-9-1", "2025-09-0x"):
        first = fresh().judge(_dated(odd), rule_sets.BR_FR_UBL)
        judge = fresh()
        for _ in range(3):
            judge.judge(_dated("2026-03-01", lines=30), rule_sets.BR_FR_UBL)
        assert judge.judge(_dated(odd), rule_sets.BR_FR_UBL) == first, odd
