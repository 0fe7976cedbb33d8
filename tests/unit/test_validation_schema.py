"""Schema errors: found by libxml2, placed and said by us."""

from __future__ import annotations

import pytest
from lxml import etree

from data_contracts import rule_sets
from pipelines.validation.places import Places
from pipelines.validation.schema import COUNTED_FIRST_BYTES, FINDINGS_MAX, FLOOD, SchemaVerdict, schema_verdict
from pipelines.validation.schema_sentences import explained

UBL = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"

MESSAGES = [
    (
        f"Element '{{{CBC}}}Note': This element is not expected. Expected is one of ( {{{CBC}}}ID, {{{CBC}}}UUID ).",
        "cbc:Note",
        "cbc:ID, cbc:UUID",
        "n'est pas attendu",
    ),
    (
        f"Element '{{{CAC}}}Party': Missing child element(s). Expected is ( {{{CBC}}}Name ).",
        None,
        "cbc:Name",
        "Il manque un élément dans cac:Party",
    ),
    (
        f"Element '{{{CAC}}}Party': Missing child element(s). Expected is ( ##other{{{CAC}}}* ).",
        None,
        "any other namespace",
        "Il manque",
    ),
    (
        f"Element '{{{CBC}}}IssueDate': 'it''s\nsoon' is not a valid value of the atomic type 'xs:date'.",
        "it''s\nsoon",
        "YYYY-MM-DD",
        "n'est pas du type",
    ),
    (
        f"Element '{{{CBC}}}IssueDate': '24/10/2026' is not a valid value of the atomic type 'xs:date'.",
        "24/10/2026",
        "2026-10-24",
        "n'est pas du type",
    ),
    (
        f"Element '{{{CBC}}}Amount': '1285,03' is not a valid value of the local atomic type.",
        "1285,03",
        "1285.03",
        "n'est pas du type",
    ),
    (
        f"Element '{{{CBC}}}Amount': '' is not a valid value of the local atomic type.",
        "",
        None,
        "n'est pas du type",
    ),
    (
        f"Element '{{{CBC}}}Amount', attribute 'currencyID': [facet 'enumeration'] "
        "The value 'EURO' is not an element of the set {'EUR', 'USD'}.",
        "EURO",
        "'EUR', 'USD'",
        "cbc:Amount/@currencyID",
    ),
    (
        f"Element '{{{CBC}}}ID': [facet 'pattern'] The value 'a b' is not accepted by the pattern '[a-z]+'.",
        "a b",
        "[a-z]+",
        "la forme",
    ),
    (
        f"Element '{{{CBC}}}ID': [facet 'maxLength'] The value has a length of '30'; "
        "this exceeds the allowed maximum length of '20'.",
        None,
        "<= 20",
        "trop longue",
    ),
    (
        f"Element '{{{CBC}}}Amount': [facet 'fractionDigits'] The value '1.234' has more fractional digits than are "
        "allowed ('2').",
        "1.234",
        "<= 2",
        "décimales",
    ),
    (
        f"Element '{{{CBC}}}Amount': The attribute 'currencyID' is required but missing.",
        None,
        "currencyID",
        "L'attribut currencyID manque à cbc:Amount",
    ),
    (
        f"Element '{{{CBC}}}Amount', attribute 'colour': The attribute 'colour' is not allowed.",
        None,
        None,
        "n'est pas permis",
    ),
    ("Element 'Facture': No matching global declaration available for the validation root.", None, None, "racine"),
    ("a message of a shape that nobody has seen", None, None, "ne respecte pas le schéma"),
]


@pytest.mark.parametrize(("message", "found", "expected", "french"), MESSAGES)
def test_each_shape_of_message_has_its_sentence(
    message: str, found: str | None, expected: str | None, french: str
) -> None:
    said = explained(message)
    assert said.found == found
    assert said.expected == expected
    assert french in said.message_fr
    assert said.message_en.endswith(")")
    assert "{urn:" not in said.message_en.replace("##other{urn:", "")


def test_an_error_is_placed_whatever_prefix_the_document_chose() -> None:
    root = etree.fromstring(
        f"""<Invoice xmlns="{UBL}" xmlns:q="{CBC}">
  <q:ID>1</q:ID>
  <IssueDate xmlns="{CBC}">tomorrow</IssueDate>
</Invoice>"""
    )
    verdict = schema_verdict("flow", 2, Places(root), rule_sets.UBL_INVOICE_XSD, etree.tostring(root))
    assert not verdict.valid
    first = verdict.findings[0]
    assert (first["flow_key"], first["position"], first["rule"], first["flag"]) == ("flow", 2, "XSD", "fatal")
    assert first["rule_set"] == "xsd:UBL 2.1 Invoice"
    assert (first["location"], first["line"], first["found"]) == ("/ubl:Invoice/cbc:IssueDate", 3, "tomorrow")
    assert first["expected"] == "YYYY-MM-DD"


def test_many_errors_are_counted_rather_than_listed() -> None:
    line = (
        "<a:InvoiceLine><b:ID>1</b:ID><b:LineExtensionAmount currencyID='EUR'>x</b:LineExtensionAmount>"
        "<a:Item/></a:InvoiceLine>"
    )
    root = etree.fromstring(
        f'<Invoice xmlns="{UBL}" xmlns:b="{CBC}" xmlns:a="{CAC}"><b:ID>1</b:ID><b:IssueDate>2026-09-01</b:IssueDate>'
        "<a:AccountingSupplierParty/><a:AccountingCustomerParty/><a:LegalMonetaryTotal>"
        "<b:PayableAmount currencyID='EUR'>1</b:PayableAmount></a:LegalMonetaryTotal>"
        + line * (FINDINGS_MAX + 30)
        + "</Invoice>"
    )
    verdict = schema_verdict("flow", 0, Places(root), rule_sets.UBL_INVOICE_XSD, etree.tostring(root))
    assert not verdict.valid
    assert len(verdict.findings) == FINDINGS_MAX + 1
    assert verdict.findings[4]["location"] == "/ubl:Invoice/cac:InvoiceLine[5]/cbc:LineExtensionAmount"
    assert verdict.findings[-1]["found"] == "30"


def test_a_verdict_does_not_depend_on_the_document_judged_before() -> None:
    bad = Places(etree.fromstring(f'<Invoice xmlns="{UBL}"/>'))
    other = Places(etree.fromstring(f'<Invoice xmlns="{UBL}" xmlns:b="{CBC}"><b:ID>1</b:ID></Invoice>'))
    first, second = _said_of(bad), _said_of(other)
    assert first != second
    assert _said_of(bad) == first


def _said_of(places: Places) -> SchemaVerdict:
    return schema_verdict("flow", 0, places, rule_sets.UBL_INVOICE_XSD, etree.tostring(places.root))


EXTRA = ("", " c=''")


def test_of_a_flood_of_errors_the_first_are_placed_and_the_others_not_even_counted() -> None:
    notes = "".join(f"<b:Note{EXTRA[number % 2]}>{number}</b:Note>" for number in range(5 * FLOOD))
    data = (
        f'<Invoice xmlns="{UBL}" xmlns:b="{CBC}"><b:ID>1</b:ID><b:IssueDate>2026-09-01</b:IssueDate>{notes}</Invoice>'
    )
    assert len(data) > COUNTED_FIRST_BYTES
    few, flood = _said_of_text(data.replace(EXTRA[1], "", 5 * FLOOD // 2 - 60)), _said_of_text(data)
    assert (len(few.findings), few.findings[-1]["found"]) == (FINDINGS_MAX + 1, "11")
    assert len(flood.findings) == FINDINGS_MAX + 1
    assert [row["location"] for row in flood.findings[:2]] == [
        "/ubl:Invoice/cbc:Note[2]",
        "/ubl:Invoice/cbc:Note[4]",
    ]
    assert flood.findings[-1]["message_en"].startswith(f"There are more than {FLOOD} schema errors")


def _said_of_text(data: str) -> SchemaVerdict:
    return schema_verdict("flow", 0, Places(etree.fromstring(data)), rule_sets.UBL_INVOICE_XSD, data.encode())
