"""What a rule file holds and the compiler does not know is never passed over: refused, or kept with its reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from data_contracts.errors import ConfigurationError
from pipelines.validation.compiled.plan import RuleSetPlan, coverage
from pipelines.validation.compiled.rule_files.rule_file import read_rule_file
from tests.unit.compiled_sheets import by_columns, rule, sheet

RULE = rule("l", 20, [("A", "v")])
DEFAULT = '<xsl:template match="@*|node()" mode="M1" priority="-2"><xsl:apply-templates mode="M1" select="@*|*"/>'

Change = Callable[[str], str]


def _put(old: str, new: str) -> Change:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    ("change", "value"),
    [
        (_put("<xsl:template match=", '<xsl:include href="more.xslt"/><xsl:template match='), "include"),
        (_put("<xsl:template match=", '<xsl:strip-space elements="*"/><xsl:template match='), "strip-space"),
        (_put("<xsl:template match=", '<xsl:template name="own"/><xsl:template match='), "own"),
        (_put('mode="M1" select="/"', 'mode="M1" select="//l"'), "//l"),
        (_put(DEFAULT, '<xsl:template match="l" mode="M1" priority="3"/>' + DEFAULT), "l"),
        (_put(DEFAULT, DEFAULT.replace("@*|*", "l")), "M1"),
        (_put('priority="20"', ""), "l"),
        (
            _put('select="@*|*"/></xsl:template></xsl:s', 'select="*"/></xsl:template></xsl:s'),
            "l",
        ),
        (_put("xsl:stylesheet xmlns:svrl", "xsl:other xmlns:svrl"), "other"),
    ],
)  # fmt: skip
def test_an_unknown_shape_is_refused_with_its_place(change: Change, value: str, tmp_path: Path) -> None:
    file = sheet(tmp_path, RULE)
    text = change(file.read_text("utf-8"))
    file.write_text(text.replace("</xsl:stylesheet>", "</xsl:other>") if "<xsl:other " in text else text, "utf-8")
    with pytest.raises(ConfigurationError) as refusal:
        read_rule_file(file)
    assert refusal.value.where.startswith("rules.xslt line ")
    assert value in refusal.value.value


CHOICE = '<xsl:choose><xsl:when test="v"/>'
LOCATION = '<xsl:apply-templates mode="schematron-select-full-path" select="."/>'


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_put(CHOICE, f'<xsl:if test="c">{CHOICE}'), "unknown"),
        (_put(CHOICE, f'{CHOICE}<xsl:when test="c"/>'), "other branches"),
        (_put("</svrl:text>", "</svrl:text><svrl:diagnostic-reference/>"), "more than a sentence"),
        (_put(LOCATION, LOCATION.replace('"."', '".."')), "another node"),
        (_put('<svrl:failed-assert test="v">', '<svrl:failed-assert test="v" flag="{c}">'), "worked out"),
        (_put("<svrl:text>", "<svrl:text><xsl:copy-of select='.'/>"), "copy-of"),
        (_put('test="v"', 'test="collection(v)"'), "collection"),
        (_put('test="v"', 'test="v ~ 1"'), "not read"),
    ],
)
def test_an_assert_that_is_not_read_keeps_its_reason(change: Change, reason: str, tmp_path: Path) -> None:
    file = sheet(tmp_path, RULE, rule("m", 10, [("B", "v")]))
    text = change(file.read_text("utf-8"))
    if '<xsl:if test="c">' in text:
        text = text.replace("</xsl:choose><xsl:apply", "</xsl:choose></xsl:if><xsl:apply", 1)
    file.write_text(text, "utf-8")
    told = coverage(RuleSetPlan(read_rule_file(file), "t"))
    assert [rule for rule, _ in told.uncompiled] == ["A"]
    assert reason in told.uncompiled[0][1]
    # The document that reaches it is left to the official engine; one that does not is decided.
    undecided = [judgment is None for judgment in by_columns(file, ["<r><l><v/></l></r>", "<r><m/></r>"])]
    assert undecided == [True, False]


@pytest.mark.parametrize(
    ("variable", "reason"),
    [
        ('<xsl:variable name="x">1</xsl:variable>', "no select"),
        ('<xsl:variable name="x" as="xs:integer" select="v"/>', "of type xs:integer"),
        ('<xsl:variable name="x" select="unheard-of(v)"/>', "unheard-of"),
    ],
)
def test_a_variable_that_is_not_read_is_the_reason_where_it_is_used(variable: str, reason: str, tmp_path: Path) -> None:
    file = sheet(tmp_path, rule("l", 20, [("A", "$x"), ("B", "v")], variables=variable))
    told = coverage(RuleSetPlan(read_rule_file(file), "t"))
    assert [rule for rule, _ in told.uncompiled] == ["A"]
    assert reason in told.uncompiled[0][1]


def test_a_file_that_is_not_well_formed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rules.xslt").write_text("<xsl:stylesheet", "utf-8")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_rule_file(tmp_path / "rules.xslt")


def test_a_parameter_of_the_file_with_a_default_is_a_variable(tmp_path: Path) -> None:
    file = sheet(tmp_path, rule("l", 20, [("A", "v = $wanted")]), top="<xsl:param name='wanted' select=\"'1'\"/>")
    assert coverage(RuleSetPlan(read_rule_file(file), "t")).uncompiled == ()
    good, bad = by_columns(file, ["<r><l><v>1</v></l></r>", "<r><l><v>2</v></l></r>"])
    assert good is not None and bad is not None
    assert ([hit.rule for hit in good.hits], [hit.rule for hit in bad.hits]) == ([], ["A"])
