"""`relais rules`: what judges, what a rule says, and a new release that judges from its day on, no code touched."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors.assembly import house
from connectors.rule_register import RULE_FILE, add_release, read_register, rules_dir
from connectors.settings import default
from data_contracts import rule_sets
from data_contracts.errors import ConfigurationError, IntegrityBroken
from data_contracts.interfaces import CATALOGUE, Circuit, Syntax
from data_contracts.rule_sets import EN16931_CII, EN16931_UBL, FACTURX_BASIC, RULE_SETS, Release, RuleRegister, RuleSet
from pipelines.parsing.documents import Document
from pipelines.validation.check import checked, demand_of
from pipelines.validation.control_date import control_date
from pipelines.validation.management_rules import RULE_SET
from pipelines.validation.rule_files import digest, file_of, label
from pipelines.validation.standing_engine import SLOW_ROAD
from relais.rule_names import asked
from relais.rule_texts import rule_texts
from relais.samples.billers import UTILITY
from relais.samples.invoices import composed
from relais.samples.ubl_writer import ubl_bytes
from tests.unit.conftest import Relais

UBL = ubl_bytes(composed(UTILITY, 1, Circuit.AFNOR, 1))
WRONG_TYPE = UBL.replace(b"<cbc:InvoiceTypeCode>380<", b"<cbc:InvoiceTypeCode>999<")
NEW = "eu.cen.en16931.ubl:1.3.17"
DAY = date(2026, 12, 1)


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The official UBL file with one more invoice type code."""
    text = file_of(EN16931_UBL).read_text(encoding="utf-8")
    assert "' 71 80 81 " in text
    file = tmp_path / "EN16931-UBL-validation.xslt"
    file.write_text(text.replace("' 71 80 81 ", "' 999 71 80 81 "), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("rules",), ("list", "show", "coverage", "add", "1.3.17", "2026-12-01")),
        (("rules", "list"), ("coordinate@digest", "--home", "--format")),
        (("rules", "show"), ("BR-CO-10", "XPath")),
        (("rules", "coverage"), ("official engine", "[SET]")),
        (("rules", "add"), ("--name", "--valid-from", "eu.cen.en16931.ubl:1.3.17", "copied")),
    ],
)
def test_help_teaches(relais: Relais, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    code, out, _ = relais(*arguments, "--help")
    assert code == 0
    for word in words:
        assert word in " ".join(out.split()), word


def test_the_list_names_each_file_by_coordinate_and_digest(relais: Relais) -> None:
    code, out, _ = relais("rules", "list", "--format", "json")
    ours, *rows = json.loads(out)
    assert code == 0
    assert ours["coordinate"] == RULE_SET, "Chorus Pro's management rules, which no official file holds"
    assert [row["coordinate"] for row in rows] == list(RULE_SETS)
    for row in rows:
        assert row["sha256"] == digest(RULE_SETS[row["coordinate"]])
        assert row["fatal"] + row["warning"] == row["asserts"] >= row["compiled"] > 0
        assert row["valid_from"] is None
    assert {row["coordinate"]: row["asserts"] for row in rows}[EN16931_UBL.coordinate] == 979
    table = " ".join(relais("rules", "list")[1].split())
    assert f"{EN16931_UBL.coordinate} {digest(EN16931_UBL)[:12]} installed 281 698 979 of 979" in table


def test_a_rule_is_shown_in_every_set_that_has_it(relais: Relais) -> None:
    code, out, _ = relais("rules", "show", "br-co-10", "--format", "json")
    rows = json.loads(out)
    assert code == 0
    assert [row["rule_set"] for row in rows][:2] == [EN16931_UBL.coordinate, EN16931_CII.coordinate]
    first = rows[0]
    assert (first["rule"], first["flag"], first["context"]) == ("BR-CO-10", "fatal", "cac:LegalMonetaryTotal")
    assert {term["code"] for term in first["terms"]} == {"BT-106", "BT-131"}
    assert all(term["name_fr"] and term["name_en"] for term in first["terms"])
    assert first["test"].startswith("(xs:decimal(cbc:LineExtensionAmount) =")
    assert first["official"].startswith("[BR-CO-10]-Sum of Invoice line net amount")
    assert first["message_fr"].startswith("La somme des montants nets")
    table = relais("rules", "show", "BR-CO-10")[1]
    for word in ("BR-CO-10  fatal  eu.cen.en16931.ubl", "context", "cac:LegalMonetaryTotal", "La somme des montants"):
        assert word in table, word


def test_an_unknown_rule_is_a_usage_error_that_names_those_like_it(relais: Relais) -> None:
    code, _, err = relais("rules", "show", "BR-CO-99")
    assert code == 2
    assert "BR-CO-09" in err


@pytest.mark.parametrize("rule_set", RULE_SETS.values(), ids=lambda row: row.coordinate)
def test_every_assert_of_every_file_has_a_context_a_test_and_a_sentence(rule_set: RuleSet) -> None:
    texts = rule_texts(file_of(rule_set))
    assert len(texts) > 40
    assert all(text.context and text.test and text.flag in {"fatal", "warning"} for text in texts)
    assert sum(not text.sentence for text in texts) == 0


def test_coverage_counts_and_gives_reasons(relais: Relais) -> None:
    code, out, _ = relais("rules", "coverage", "en16931", "--format", "json")
    rows = json.loads(out)
    assert code == 0
    assert [(row["coordinate"], row["asserts"]) for row in rows] == [
        (EN16931_UBL.coordinate, 979),
        (EN16931_CII.coordinate, 806),
    ]
    assert all(row["compiled"] + len(row["uncompiled"]) == row["asserts"] for row in rows)
    assert "100.00 %" in relais("rules", "coverage", "eu.cen.en16931.cii")[1]
    (_, cii) = json.loads(out)
    (shadowed,) = cii["shadowed"]
    assert shadowed["rules"] == ["CII-DT-010", "CII-DT-011", "CII-DT-012"]
    assert (shadowed["claimed_by"], cii["unmatched"]) == ("//ram:TypeCode", None)
    assert relais("rules", "coverage", "nothing")[0] == 2


def test_contexts_that_match_nothing_are_told(relais: Relais, tmp_path: Path) -> None:
    (tmp_path / "invoice.xml").write_bytes(UBL)
    code, out, _ = relais("rules", "coverage", "eu.cen.en16931.ubl", "--over", tmp_path / "invoice.xml")
    assert code == 0
    assert "matches nothing in these documents: cac:TaxRepresentativeParty (" in out
    assert "documents: cac:AccountingSupplierParty" not in out


def test_an_added_file_changes_verdicts_from_its_day_and_old_ones_keep_their_label(
    tmp_path: Path, relais: Relais, changed: Path
) -> None:
    invoice = tmp_path / "invoice.xml"
    invoice.write_bytes(WRONG_TYPE)
    before = relais("check", invoice, "--on", "2026-12-01")
    code, out, err = relais("rules", "add", changed, "--name", NEW, "--valid-from", "2026-12-01")
    assert (code, err) == (0, "")
    assert "979 asserts, 979 compiled" in out
    assert "rules changed: BR-CL-01" in out
    changed.unlink()
    after = relais("check", invoice, "--on", "2026-12-01")
    assert (before[0], after[0]) == (1, 0)
    old, new = json.loads(before[1]), json.loads(after[1])
    assert (old["verdict"], old["rule_sets"]) == ("invalid", [label(EN16931_UBL)])
    assert new["verdict"] == "valid"
    assert new["rule_sets"][0].startswith(f"{NEW}@")
    assert json.loads(relais("check", invoice, "--on", "2026-11-30")[1]) == old, "the day before, nothing changes"
    exact = relais("check", invoice, "--on", "2026-12-01", "--rules", EN16931_UBL.coordinate)
    assert json.loads(exact[1])["rule_sets"] == [label(EN16931_UBL)], "a version that is named is taken at its word"
    listed = json.loads(relais("rules", "list", "--format", "json")[1])
    assert (listed[-1]["coordinate"], listed[-1]["valid_from"]) == (NEW, "2026-12-01")
    assert new["rule_sets"] == [f"{NEW}@{listed[-1]['sha256']}"]


def test_the_stages_of_a_home_judge_by_what_was_added_to_it(tmp_path: Path, relais: Relais, changed: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    add = ("rules", "add", changed, "--name", NEW, "--valid-from", "2026-12-01", "--home", home)
    assert relais(*add)[0] == 0
    assert relais(*add)[0] == 0, "the same again changes nothing"
    settings = replace(default(home), open_partners=True, open_directory=True)
    register = house(settings).register
    assert [(row.rule_set.coordinate, row.valid_from) for row in register.releases] == [(NEW, DAY)]
    document = Document("f", 0, "1.xml", WRONG_TYPE, "0" * 64)
    interface = CATALOGUE["FSO1100A"]
    labels = []
    for day in (date(2026, 11, 30), DAY):
        (row,) = checked([(document, demand_of(interface, register, day))], SLOW_ROAD, lambda _step: None).verdicts
        labels.append((row["verdict"], row["rule_sets"][0].split("@")[0]))
    assert labels == [("invalid", EN16931_UBL.coordinate), ("valid", NEW)]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("eu.cen.nothing:1", None, "no rule set has this name"),
        ("eu.cen.en16931.ubl", None, "no rule set has this name"),
        ("eu.cen.en16931.cii:1.3.17", None, "another syntax"),
        (NEW, "not xml", "cannot be read"),
        (NEW, "<schema xmlns='http://purl.oclc.org/dsdl/schematron'/>", "not an XSLT"),
        (
            NEW,
            "<xsl:stylesheet version='2.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform' "
            "xmlns:ubl='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>",
            "no rule",
        ),
        (
            NEW,
            "<xsl:stylesheet version='2.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform' "
            "xmlns:ubl='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'>"
            "<xsl:import href='a'/></xsl:stylesheet>",
            "other stylesheets",
        ),
    ],
)
def test_a_file_that_cannot_judge_is_refused(
    relais: Relais, tmp_path: Path, changed: Path, name: str, text: str | None, said: str
) -> None:
    if text is not None:
        changed.write_text(text, encoding="utf-8")
    code, _, err = relais("rules", "add", changed, "--name", name, "--valid-from", "2026-12-01")
    assert code == 2, err
    assert said in err
    assert not (tmp_path / "data" / "relais" / "rules" / "register.toml").exists()


def test_a_file_of_which_nothing_compiles_is_refused(relais: Relais, changed: Path) -> None:
    text = changed.read_text(encoding="utf-8")
    changed.write_text(re.sub(r'<xsl:when test="[^"]*"', '<xsl:when test="nobody-knows(.)"', text), encoding="utf-8")
    code, _, err = relais("rules", "add", changed, "--name", NEW, "--valid-from", "2026-12-01")
    assert code == 2, err
    assert "nothing of the rule file compiles" in err
    assert "nobody-knows" in err


def test_code_lists_travel_with_their_file(tmp_path: Path, relais: Relais) -> None:
    official = file_of(FACTURX_BASIC)
    alone = tmp_path / "alone.xslt"
    alone.write_bytes(official.read_bytes())
    name = "org.fnfe.factur-x.basic:1.10"
    code, _, err = relais("rules", "add", alone, "--name", name, "--valid-from", "2026-12-01")
    assert (code, "not beside it" in err) == (2, True)
    assert relais("rules", "add", official, "--name", name, "--valid-from", "2026-12-01")[0] == 0
    (release,) = read_register(tmp_path / "data" / "relais" / "rules").releases
    kept = Path(release.rule_set.file)
    assert {path.name for path in kept.parent.iterdir()} == {RULE_FILE, "FACTUR-X_BASIC_codedb.xml"}
    assert digest(release.rule_set) == digest(FACTURX_BASIC)


def test_two_files_of_a_group_cannot_begin_on_one_day(tmp_path: Path, changed: Path) -> None:
    add_release(tmp_path / "rules", changed, [], NEW, DAY)
    with pytest.raises(ConfigurationError, match="begins on that day already"):
        add_release(tmp_path / "rules", changed, [], "eu.cen.en16931.ubl:1.3.18", DAY)
    add_release(tmp_path / "rules", changed, [], "eu.cen.en16931.ubl:1.3.18", date(2027, 1, 1))
    assert len(read_register(tmp_path / "rules").releases) == 2


def test_a_registered_file_that_was_changed_is_not_used(tmp_path: Path, changed: Path) -> None:
    release = add_release(tmp_path, changed, [], NEW, DAY)
    kept = Path(release.rule_set.file)
    kept.chmod(0o600)
    kept.write_bytes(kept.read_bytes() + b" ")
    with pytest.raises(IntegrityBroken, match="not the one that was added"):
        read_register(tmp_path)


@pytest.mark.parametrize("text", ["[[release", "[[release]]\ncoordinate = 'a:1'\n"])
def test_a_damaged_register_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "register.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"register\.toml"):
        read_register(tmp_path)


def test_the_directory_is_that_of_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("RELAIS_HOME", raising=False)
    assert rules_dir(None) == tmp_path / "data" / "relais" / "rules"
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "relais.toml").write_text('rules_dir = "/srv/rules"\n', encoding="utf-8")
    assert rules_dir(tmp_path / "a") == Path("/srv/rules")
    monkeypatch.setenv("RELAIS_HOME", str(tmp_path))
    assert rules_dir(None) == tmp_path / "rules"


def _release(version: str, day: date) -> Release:
    return Release(RuleSet(f"eu.cen.en16931.ubl:{version}", "", "", "en", f"/{version}"), day)


def test_the_latest_file_whose_day_has_come_judges() -> None:
    first, second = _release("1.4", date(2026, 12, 1)), _release("1.5", date(2027, 6, 1))
    register = RuleRegister((second, first))
    assert register.in_force(EN16931_UBL, date(2026, 11, 30)) == EN16931_UBL
    assert register.in_force(EN16931_UBL, date(2026, 12, 1)) == first.rule_set
    assert register.in_force(EN16931_UBL, date(2027, 5, 31)) == first.rule_set
    assert register.in_force(EN16931_UBL, date(2027, 6, 1)) == second.rule_set
    assert register.in_force(EN16931_CII, date(2027, 6, 1)) == EN16931_CII
    due = register.checks_in_force(rule_sets.checks(Circuit.AFNOR, Syntax.UBL, "Invoice", ""), date(2027, 1, 1))
    assert (due.profile_rules, due.french_rules) == (first.rule_set, rule_sets.BR_FR_UBL)
    assert due.schema == rule_sets.UBL_INVOICE_XSD
    assert asked(["eu.cen.en16931.ubl:1.5"], register, date(2026, 1, 1))[0].rule_sets == (second.rule_set,)


def test_a_flow_is_judged_by_the_day_of_paris() -> None:
    assert control_date(datetime(2026, 11, 30, 22, 59, tzinfo=UTC)) == date(2026, 11, 30)
    assert control_date(datetime(2026, 11, 30, 23, 0, tzinfo=UTC)) == DAY
