"""Small rule files in the shape of the official ones, and the official engine's word on them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from lxml import etree
from saxonche import PySaxonApiError, PySaxonProcessor

from pipelines.validation.compiled.plan import RuleSetPlan
from pipelines.validation.compiled.rule_files.rule_file import read_rule_file
from pipelines.validation.judge import Judgment
from tests.judged_trees import judge_batch

_HEAD = """<xsl:stylesheet xmlns:svrl="http://purl.oclc.org/dsdl/svrl" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:own="urn:own" xmlns:b="urn:b" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="2.0">
<xsl:template match="*" mode="schematron-select-full-path">
 <xsl:apply-templates mode="schematron-get-full-path" select="."/></xsl:template>
<xsl:template match="*" mode="schematron-get-full-path">
 <xsl:apply-templates mode="schematron-get-full-path" select="parent::*"/><xsl:text>/</xsl:text>
 <xsl:choose><xsl:when test="namespace-uri()=''"><xsl:value-of select="name()"/></xsl:when>
 <xsl:otherwise><xsl:text>*:</xsl:text><xsl:value-of select="local-name()"/>
 <xsl:text>[namespace-uri()='</xsl:text><xsl:value-of select="namespace-uri()"/><xsl:text>']</xsl:text>
 </xsl:otherwise></xsl:choose>
 <xsl:variable name="preceding" select="count(preceding-sibling::*[local-name()=local-name(current())
 and namespace-uri() = namespace-uri(current())])"/>
 <xsl:text>[</xsl:text><xsl:value-of select="1+ $preceding"/><xsl:text>]</xsl:text></xsl:template>
<xsl:template match="@*" mode="schematron-get-full-path">
 <xsl:apply-templates mode="schematron-get-full-path" select="parent::*"/><xsl:text>/</xsl:text>
 <xsl:choose><xsl:when test="namespace-uri()=''">@<xsl:value-of select="name()"/></xsl:when><xsl:otherwise>
 <xsl:text>@*[local-name()='</xsl:text><xsl:value-of select="local-name()"/>
 <xsl:text>' and namespace-uri()='</xsl:text><xsl:value-of select="namespace-uri()"/><xsl:text>']</xsl:text>
 </xsl:otherwise></xsl:choose></xsl:template>
<xsl:template match="/"><svrl:schematron-output><xsl:apply-templates mode="M1" select="/"/></svrl:schematron-output>
</xsl:template>
<xsl:template match="text()" mode="M1" priority="-1"/>
<xsl:template match="@*|node()" mode="M1" priority="-2"><xsl:apply-templates mode="M1" select="@*|*"/></xsl:template>
"""
_LOCATION = """<xsl:attribute name="location"><xsl:apply-templates mode="schematron-select-full-path" select="."/>
</xsl:attribute>"""


def rule(
    match: str, priority: int, tests: Sequence[tuple[str, str]], *, variables: str = "", goes_on: bool = True
) -> str:
    """One template: (id, test) per assert. The sentence tells the id and the string value of the context's `v`."""
    body = "".join(
        f"<xsl:choose><xsl:when test={quoteattr(test)}/><xsl:otherwise><svrl:failed-assert test={quoteattr(test)}>"
        f'<xsl:attribute name="id">{name}</xsl:attribute><xsl:attribute name="flag">fatal</xsl:attribute>{_LOCATION}'
        f'<svrl:text>{name} with <xsl:value-of select="v"/> told</svrl:text></svrl:failed-assert></xsl:otherwise>'
        "</xsl:choose>"
        for name, test in tests
    )
    rest = '<xsl:apply-templates mode="M1" select="@*|*"/>' if goes_on else ""
    return (
        f'<xsl:template match={quoteattr(match)} mode="M1" priority="{priority}">'
        f"<svrl:fired-rule context={quoteattr(match)}/>{variables}{body}{rest}</xsl:template>"
    )


def sheet(folder: Path, *templates: str, top: str = "") -> Path:
    """A rule file of these templates; `top` holds functions and global variables."""
    file = folder / "rules.xslt"
    file.write_text(f"{_HEAD}{top}{''.join(templates)}</xsl:stylesheet>", encoding="utf-8")
    return file


def by_columns(file: Path, documents: Sequence[str]) -> list[Judgment | None]:
    """What the compiled rules say of the documents, judged as one batch."""
    plan = RuleSetPlan(read_rule_file(file), "test")
    return judge_batch([etree.ElementTree(etree.fromstring(document)) for document in documents], plan)


def by_engine(file: Path, documents: Sequence[str]) -> list[list[tuple[str, str, str]] | None]:
    """(rule, location, sentence) of the official engine; None where it raises."""
    found: list[list[tuple[str, str, str]] | None] = []
    with PySaxonProcessor(license=False) as processor:
        stylesheet = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(file))
        for document in documents:
            try:
                report = stylesheet.transform_to_string(xdm_node=processor.parse_xml(xml_text=document))
            except PySaxonApiError:
                found.append(None)
                continue
            found.append([
                (str(hit.get("id")), str(hit.get("location")), " ".join("".join(hit.itertext()).split()))
                for hit in etree.fromstring(report.encode()).iter("{http://purl.oclc.org/dsdl/svrl}failed-assert")
            ])  # fmt: skip
    return found


def told(judgment: Judgment | None) -> list[tuple[str, str, str]] | None:
    """A judgment in the form of `by_engine`."""
    return None if judgment is None else [(hit.rule, hit.location, hit.text) for hit in judgment.hits]
