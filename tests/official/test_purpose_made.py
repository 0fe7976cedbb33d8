"""Every assert of every installed rule set is broken by a document made on purpose; both engines say the same of it.

Samples and mutants leave most asserts untouched. Here each is broken by a fragment worked out from its own tree, a few
by fragments written by hand; what cannot be broken is listed with the reason.
"""

from __future__ import annotations

import pytest
from lxml import etree

from data_contracts.rule_sets import RULE_SETS, RuleSet
from pipelines.parsing.paths import NAMESPACES
from pipelines.validation.compiled.plan import RuleSetPlan
from pipelines.validation.compiled.rule_files.rule_cache import cached_rule_file
from pipelines.validation.compiled.rule_files.rules import Assert, Rule
from pipelines.validation.rule_files import digest, file_of
from pipelines.validation.saxon import SaxonJudge
from tests.judged_trees import judge_batch
from tests.official.purpose_made import (
    ALWAYS,
    ROOTS,
    Key,
    Made,
    asserts_of,
    fewest,
    purpose_made,
)  # fmt: skip

_SHADOWED = "a rule before it in the pattern claims every node of its context"
_TAUTOLOGY = "its test holds whatever the document says"
_ITSELF = "it asks whether the node on which it stands is there"
_NOT_REACHED = "the rule of the element above does not go on to what is below"
_OWN_CONTEXT = "its context asks for the opposite of what it reports"
_RAISES = "another test of the same nodes raises on every document that breaks it"
_TYPE_CODE = ("CII-DT-010", "CII-DT-011", "CII-DT-012")
_TWICE_UBL = ("UBL-SR-09", "UBL-SR-15", "UBL-SR-22", "UBL-SR-27")
_TWICE_CII = (
    "CII-SR-477", "CII-SR-478", "CII-SR-479", "CII-SR-480", "CII-SR-481", "CII-SR-482", "CII-SR-484", "CII-SR-487",
)  # fmt: skip
_TWICE_TOTALS = ("FX-SCH-A-000190", "FX-SCH-A-000191", "FX-SCH-A-000193")
_TWICE_TYPES = ("FX-SCH-A-000558", "FX-SCH-A-000561", "FX-SCH-A-000564", "FX-SCH-A-000290")

CANNOT_BREAK = {
    "eu.cen.en16931.ubl:1.3.16": {_RAISES: _TWICE_UBL},
    "eu.cen.en16931.cii:1.3.16": {_RAISES: _TWICE_CII, _SHADOWED: _TYPE_CODE},
    "fr.fnfe.extended-ctc-fr.ubl:1.4.0": {_RAISES: _TWICE_UBL},
    "fr.fnfe.extended-ctc-fr.cii:1.4.0": {
        _RAISES: _TWICE_CII, _SHADOWED: _TYPE_CODE, _TAUTOLOGY: ("BR-EXT-CL-07",),
    },
    "fr.fnfe.br-fr-flux2.ubl:1.4.0": {_SHADOWED: ("BR-FR-16_BT-103", "BR-FR-DEC-01_BT-111")},
    "fr.fnfe.br-fr-flux2.cii:1.4.0": {_SHADOWED: ("BR-FR-DEC-01_BT-111",)},
    "org.fnfe.factur-x.basic-wl:1.09": {_RAISES: _TWICE_TOTALS, _TAUTOLOGY: ("CII-SR-464",)},
    "org.fnfe.factur-x.basic:1.09": {_RAISES: _TWICE_TOTALS, _TAUTOLOGY: ("FX-SCH-A-000349",)},
    "org.fnfe.factur-x.en16931:1.09": {
        _RAISES: (*_TWICE_TOTALS, *_TWICE_TYPES, "FX-SCH-A-000559", "FX-SCH-A-000562", "FX-SCH-A-000565"),
        _TAUTOLOGY: ("CII-SR-464",),
    },
    "org.fnfe.factur-x.extended:1.09.2": {
        _RAISES: (
            *_TWICE_TOTALS, *_TWICE_TYPES, "FX-SCH-A-000640", "FX-SCH-A-000643", "FX-SCH-A-000647", "FX-SCH-A-000382",
        ),
        _TAUTOLOGY: ("CII-SR-464",),
        _NOT_REACHED: (
            "FX-SCH-A-000037", "FX-SCH-A-000413", "FX-SCH-A-001053", "FX-SCH-A-001055", "FX-SCH-A-001167",
            "FX-SCH-A-001169",
        ),
        _OWN_CONTEXT: ("NO-ID", "NO-ID", "NO-ID"),
    },
    "fr.fnfe.br-fr-cdv.cdar:1.4.0": {
        _ITSELF: (
            "BR-FR-CDV-01_MDG-3", "BR-FR-CDV-04_MDG-4", "BR-FR-CDV-05_MDG-9", "BR-FR-CDV-06_MDT-21",
            "BR-FR-CDV-10_MDT-87",
        ),
        _SHADOWED: ("BR-FR-CDV-07_MDT-38_no",),
    },
}  # fmt: skip
"""Asserts that no document breaks, with the reason; asserts of `true()` are not repeated here. That the official rules
raise is proved on the documents that would break the assert."""

_MEMBER = (
    '<cac:AccountingSupplierParty><cac:Party><cac:PartyIdentification><cbc:ID schemeID="0231">1</cbc:ID>'
    "</cac:PartyIdentification></cac:Party></cac:AccountingSupplierParty>"
)
_REPRESENTED = (
    "<cac:TaxRepresentativeParty><cac:PartyTaxScheme><cbc:CompanyID>1</cbc:CompanyID></cac:PartyTaxScheme>"
    "</cac:TaxRepresentativeParty>"
)
_GROUP_LINE = (
    "<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument><ram:LineStatusReasonCode>GROUP"
    "</ram:LineStatusReasonCode></ram:AssociatedDocumentLineDocument><ram:SpecifiedLineTradeSettlement>"
    "<ram:AdditionalReferencedDocument><ram:IssuerAssignedID>A</ram:IssuerAssignedID><ram:TypeCode>130</ram:TypeCode>"
    "<ram:ReferenceTypeCode>AFL</ram:ReferenceTypeCode></ram:AdditionalReferencedDocument>"
    "</ram:SpecifiedLineTradeSettlement></ram:IncludedSupplyChainTradeLineItem>"
)
BY_HAND = {
    "fr.fnfe.br-fr-flux2.ubl:1.4.0": (
        "<ubl:Invoice><cbc:Note>#BAR#B2B</cbc:Note><cbc:Note>#BAR#B2C</cbc:Note></ubl:Invoice>",
        f"<ubl:Invoice>{_MEMBER}{_REPRESENTED}</ubl:Invoice>",
        "<ubln:CreditNote><cbc:ID>1</cbc:ID><cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode><cac:CreditNoteLine/>"
        "</ubln:CreditNote>",
    ),
    "fr.fnfe.br-fr-flux2.cii:1.4.0": (
        "<rsm:CrossIndustryInvoice><rsm:ExchangedDocumentContext><ram:BusinessProcessSpecifiedDocumentContextParameter>"
        "<ram:ID>S8</ram:ID></ram:BusinessProcessSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>"
        f"<rsm:SupplyChainTradeTransaction>{_GROUP_LINE}{_GROUP_LINE}</rsm:SupplyChainTradeTransaction>"
        "</rsm:CrossIndustryInvoice>",
    ),
}
"""Fragments for asserts whose way to be broken is not found: notes that count one another, numbers told twice."""


def _by_hand(name: str) -> list[bytes]:
    declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    return [text.replace(">", f"{declared}>", 1).encode() for text in BY_HAND.get(name, ())]


def _asked_of_both(documents: list[bytes], rule_set: RuleSet, plan: RuleSetPlan) -> None:
    """Compiled rules and official engine say the same: rules, flags, order, locations, sentences."""
    official = SaxonJudge()
    judgments = judge_batch([etree.ElementTree(etree.fromstring(document)) for document in documents], plan)
    for document, judgment in zip(documents, judgments, strict=True):
        assert judgment == official.judge(document, rule_set), document


@pytest.mark.parametrize("name", sorted(RULE_SETS))
def test_every_assert_is_broken_on_purpose_and_both_engines_agree(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rule_set = RULE_SETS[name]
    rules = cached_rule_file(file_of(rule_set), digest(rule_set), tmp_path_factory.getbasetemp() / "rules")
    made = purpose_made(rules, ROOTS[rule_set.syntax], _by_hand(name))
    _asked_of_both(fewest(made), rule_set, RuleSetPlan(rules, name))

    asserts = asserts_of(rules)
    told, raises = _by_the_engine(made, asserts, rule_set)
    always = {key for key, (_rule, one) in asserts.items() if one.test == ALWAYS and not one.report}
    left = asserts.keys() - made.breaking.keys() - told - raises - always
    reasons = dict(CANNOT_BREAK.get(name, {}))
    assert _ids(raises, asserts) == sorted(reasons.pop(_RAISES, ()))
    assert _ids(left, asserts) == sorted(rule for ids in reasons.values() for rule in ids)
    assert len(made.breaking) > 0.97 * (len(asserts) - len(left))


def _by_the_engine(made: Made, asserts: dict[Key, tuple[Rule, Assert]], rule_set: RuleSet) -> tuple[set[Key], set[Key]]:
    """Of the asserts that compiled rules leave open on every document made: those that the official engine tells, and
    those on whose documents the official rules raise."""
    official, told, raises = SaxonJudge(), set(), set()
    for key, documents in made.undecided.items():
        said = [official.judge(document, rule_set) for document in documents]
        if any(hit.rule == asserts[key][1].rule for judgment in said for hit in judgment.hits):
            told.add(key)
        elif any(judgment.crashed for judgment in said):
            raises.add(key)
    return told, raises


def _ids(keys: set[Key], asserts: dict[Key, tuple[Rule, Assert]]) -> list[str]:
    return sorted(asserts[key][1].rule for key in keys)
