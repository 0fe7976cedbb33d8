"""Schematron source: what it says to ISO/IEC 19757-3, to the official engine and to the compiled rules alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree, isoschematron

from data_contracts.errors import ConfigurationError
from data_contracts.rule_sets import RuleSet
from pipelines.validation.compiled.plan import RuleSetPlan, coverage
from pipelines.validation.compiled.rule_files.rule_file import read_rule_file
from pipelines.validation.compiled.rule_files.schematron_source import included_files, plain_source
from pipelines.validation.saxon import SaxonJudge
from tests.judged_trees import judge_batch
from tests.unit.compiled_sheets import told

_HEAD = '<schema xmlns="http://purl.oclc.org/dsdl/schematron" {more}><ns prefix="b" uri="urn:b"/>'
MODEL = """<pattern xmlns="http://purl.oclc.org/dsdl/schematron" abstract="true" id="model">
<rule context="$Line"><assert id="M-1" flag="fatal" test="$Amount">no amount</assert>
<assert id="M-2" flag="warning" test="$Large or $Amount &lt; 100">too much</assert></rule></pattern>"""
ORDERS = (
    _HEAD
    + """<include href="parts/model.sch"/>
<phase id="full"><active pattern="lines"/><active pattern="own"/></phase>
<phase id="other"><active pattern="other"/></phase>
<pattern id="lines" is-a="model"><param name="Line" value="b:line"/><param name="Amount" value="b:amount"/>
<param name="Large" value="@large"/></pattern>
<pattern id="own"><let name="lines" value="count(//b:line)"/>
<rule abstract="true" id="coded"><assert id="O-1" flag="fatal" test="@code">no code on
<name/></assert></rule>
<rule context="b:line[@code = 'free']"><report id="O-2" flag="warning" test="b:amount">free, yet
<value-of select="b:amount"/></report></rule>
<rule context="b:line"><let name="amount" value="number(b:amount)"/><extends rule="coded"/>
<assert id="O-3" flag="fatal" test="$amount &gt; 0 or $lines = 1" diagnostics="why">not more than nothing</assert>
</rule>
<rule context="b:line/@code | b:order"><assert id="O-4" flag="fatal" test="string-length(.) &gt; 1">short</assert>
</rule>
</pattern>
<pattern id="other"><rule context="*"><assert id="X" test="false()">never asked</assert></rule></pattern>
<diagnostics><diagnostic id="why">of <value-of select="$lines"/> lines</diagnostic></diagnostics>
</schema>"""
)
DOCUMENTS = [
    '<b:order xmlns:b="urn:b"><b:line code="ab"><b:amount>5</b:amount></b:line></b:order>',
    '<b:order xmlns:b="urn:b"><b:line code="a"><b:amount>500</b:amount></b:line><b:line large="1"/></b:order>',
    '<b:order xmlns:b="urn:b"><b:line code="free"><b:amount>0</b:amount></b:line>'
    '<b:line code="x"><b:amount>0</b:amount></b:line></b:order>',
    '<b:order xmlns:b="urn:b"/>',
]
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "model.sch").write_text(MODEL, "utf-8")
    file = tmp_path / "orders.sch"
    file.write_text(ORDERS.format(more='queryBinding="xslt2" defaultPhase="full"'), "utf-8")
    return file


def _rule_set(file: Path) -> RuleSet:
    return RuleSet("org.example.orders:1", "", "", "en", str(file))


def test_both_engines_say_the_same_of_source(orders: Path) -> None:
    plan = RuleSetPlan(read_rule_file(orders), "orders")
    # Sentences with name() hold the document's own prefix, which tables do not keep: those documents are left open.
    judgments = judge_batch([etree.ElementTree(etree.fromstring(document)) for document in DOCUMENTS], plan)
    official = [SaxonJudge().judge(document.encode(), _rule_set(orders)) for document in DOCUMENTS]
    decided = [(ours, theirs) for ours, theirs in zip(judgments, official, strict=True) if ours is not None]
    assert len(decided) >= 3
    assert all(ours == theirs for ours, theirs in decided)
    assert coverage(plan).uncompiled == ()


def test_source_is_read_as_the_standard_says(orders: Path) -> None:
    """The oracle is the ISO implementation for XSLT 1.0 in lxml, asked with the same rules."""
    tree = etree.parse(str(orders))
    tree.getroot().attrib.pop("queryBinding")
    oracle = isoschematron.Schematron(tree, store_report=True, phase="full", validate_schema=False)
    for document in DOCUMENTS:
        oracle.validate(etree.fromstring(document))
        hits = oracle.validation_report.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report")
        expected = sorted((str(hit.get("id")), str(hit.get("flag"))) for hit in hits)
        judgment = SaxonJudge().judge(document.encode(), _rule_set(orders))
        assert sorted((hit.rule, hit.flag) for hit in judgment.hits) == expected


def test_sentences_hold_values_and_diagnostics(orders: Path) -> None:
    judgment = SaxonJudge().judge(DOCUMENTS[2].encode(), _rule_set(orders))
    texts = {hit.rule: hit.text for hit in judgment.hits}
    assert texts["O-2"] == "free, yet 0"
    assert texts["O-3"] == "not more than nothing of 2 lines"
    assert [rule for rule, _, _ in told(judgment) or []] == ["O-2", "O-3", "O-4"]


def test_included_files_are_known(orders: Path) -> None:
    assert included_files(orders) == [orders.parent / "parts" / "model.sch"]


def test_functions_and_code_lists_of_source_are_found(tmp_path: Path) -> None:
    (tmp_path / "codes_codedb.xml").write_text('<codedb><cl id="1"><enumeration value="A"/></cl></codedb>', "utf-8")
    file = tmp_path / "rules.sch"
    file.write_text(
        _HEAD.format(more='queryBinding="xslt2" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"')
        + """<ns prefix="own" uri="urn:own"/><ns prefix="xs" uri="http://www.w3.org/2001/XMLSchema"/>
<xsl:function name="own:short" as="xs:boolean" xmlns:own="urn:own" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xsl:param name="text" as="xs:string"/><xsl:sequence select="string-length($text) le 3"/></xsl:function>
<pattern><rule context="b:v"><let name="code" value="normalize-space(.)"/>
<assert id="F" flag="fatal" test="own:short(.)">long</assert>
<assert id="C" flag="fatal"
 test="document('codes_codedb.xml')/codedb/cl[@id=1]/enumeration[@value=$code]">unknown code</assert>
</rule><rule context="b:w"><assert id="E" flag="fatal" test="own:short(b:x)">long</assert></rule></pattern></schema>""",
        "utf-8",
    )
    documents = ['<b:v xmlns:b="urn:b">A</b:v>', '<b:v xmlns:b="urn:b">LONG</b:v>', '<b:w xmlns:b="urn:b"/>']
    plan = RuleSetPlan(read_rule_file(file), "functions")
    judgments = judge_batch([etree.ElementTree(etree.fromstring(document)) for document in documents], plan)
    official = [SaxonJudge().judge(document.encode(), _rule_set(file)) for document in documents]
    assert [hit.rule for hit in official[1].hits] == ["F", "C"]
    assert official[2].crashed is not None, "a function that wants one string is given none"
    assert judgments == [official[0], official[1], None]


_SOURCE = _HEAD.format(more='queryBinding="xslt2"')
_RULE = '<pattern><rule context="b:v"><assert test="true()">x</assert></rule></pattern></schema>'


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (_HEAD.format(more="") + _RULE, "xslt"),
        (_HEAD.format(more='queryBinding="xslt"') + _RULE, "xslt"),
        (_SOURCE + '<include href="../x.sch"/>' + _RULE, "../x.sch"),
        (_SOURCE + '<group xmlns="urn:x"/>' + _RULE, "{urn:x}group"),
        (_SOURCE + '<pattern is-a="none"/>' + _RULE, "none"),
        (_HEAD.format(more='queryBinding="xslt2" defaultPhase="p"') + _RULE, "p"),
        (_SOURCE + '<let name="n"/>' + _RULE, "n"),
        (_SOURCE + '<pattern documents="x()"/>' + _RULE, "x()"),
        (_SOURCE + '<pattern><rule><assert test="1">x</assert></rule></pattern>' + _RULE, ""),
        (_SOURCE + '<pattern><rule context="x"><extends rule="r"/></rule></pattern>' + _RULE, "r"),
        ("<schema/>", "schema"),
        ("<schema", ""),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused_with_its_place(source: str, value: str, tmp_path: Path) -> None:
    file = tmp_path / "rules.sch"
    file.write_text(source, "utf-8")
    with pytest.raises(ConfigurationError) as refusal:
        read_rule_file(file)
    assert "rules.sch" in refusal.value.where
    assert value in refusal.value.value


def test_a_parameter_is_not_taken_for_one_whose_name_it_begins(tmp_path: Path) -> None:
    file = tmp_path / "rules.sch"
    file.write_text(
        _SOURCE
        + """<pattern abstract="true" id="m"><rule context="b:v"><assert test="$A and $A_b and $A.c and $A">x</assert>
</rule></pattern><pattern is-a="m"><param name="A" value="1"/><param name="A_b" value="2"/></pattern></schema>""",
        "utf-8",
    )
    (pattern,) = plain_source(file).patterns
    assert pattern[0][0].get("test") == "1 and 2 and $A.c and 1"
