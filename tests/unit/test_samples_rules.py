"""The samples against the official rule files: what is right is right, and each fault breaks the rules it names."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from lxml import etree
from pypdf import PdfReader
from saxonche import PySaxonProcessor, PyXsltExecutable

from data_contracts.interfaces import Circuit, Syntax
from data_contracts.rule_sets import RuleSet, Schema, checks
from relais.samples.billers import BILLERS, BUILDER, CATERER, UTILITY, Biller
from relais.samples.cii_writer import cii_bytes
from relais.samples.facturx_writer import facturx_bytes
from relais.samples.faults import FAULTS, Fault
from relais.samples.invoices import CREDIT_NOTE, Invoice, composed
from relais.samples.ubl_writer import ubl_bytes

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
SYNTAXES = {UTILITY: Syntax.UBL, CATERER: Syntax.CII, BUILDER: Syntax.FACTURX}
OFFICIAL_PREFIXES = ("BR-", "FX-SCH-")


class Judge:
    """The official files: libxml2 for schemas, SaxonC for rules; each compiled once."""

    def __init__(self) -> None:
        self._saxon = PySaxonProcessor(license=False)
        self._compiler = self._saxon.new_xslt30_processor()
        self._rules: dict[RuleSet, PyXsltExecutable] = {}

    def fatal(self, document: bytes, circuit: Circuit, syntax: Syntax) -> set[str]:
        """The ids of the rules that the document breaks; XSD stands for its schema."""
        tree = etree.fromstring(document)
        specification = tree.xpath(
            "string(//*[local-name()='CustomizationID']"
            " | //*[local-name()='GuidelineSpecifiedDocumentContextParameter']/*[local-name()='ID'])"
        )
        plan = checks(circuit, syntax, etree.QName(tree).localname, str(specification))
        broken = set() if _schema(plan.schema).validate(tree) else {"XSD"}
        for rule_set in filter(None, (plan.profile_rules, plan.french_rules)):
            broken |= self._broken(document, rule_set)
        return broken

    def _broken(self, document: bytes, rule_set: RuleSet) -> set[str]:
        if rule_set not in self._rules:
            file = str(_file(rule_set.package, rule_set.path))
            self._rules[rule_set] = self._compiler.compile_stylesheet(stylesheet_file=file)
        node = self._saxon.parse_xml(xml_text=document.decode())
        report = etree.fromstring(self._rules[rule_set].transform_to_string(xdm_node=node).encode())
        return {
            str(row.get("id"))
            for row in report.iter(f"{SVRL}failed-assert", f"{SVRL}successful-report")
            if row.get("flag", "fatal") == "fatal"
        }


def _file(package: str, path: str) -> Path:
    specification = importlib.util.find_spec(package)
    assert specification is not None and specification.submodule_search_locations
    return Path(specification.submodule_search_locations[0]) / path


@cache
def _schema(schema: Schema) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_file(schema.package, schema.path)))


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    yield Judge()


def written(invoice: Invoice, syntax: Syntax) -> bytes:
    return ubl_bytes(invoice) if syntax is Syntax.UBL else cii_bytes(invoice)


def some(biller: Biller, circuit: Circuit) -> list[Invoice]:
    """Three invoices and, when the biller writes any, two credit notes."""
    invoices = [composed(biller, serial, circuit, 1) for serial in range(1, 400)]
    return [i for i in invoices if i.type_code != CREDIT_NOTE][:3] + [
        i for i in invoices if i.type_code == CREDIT_NOTE
    ][:2]


@pytest.mark.parametrize("biller", BILLERS, ids=lambda biller: biller.partner_code)
@pytest.mark.parametrize("circuit", Circuit)
def test_what_is_right_breaks_no_rule(judge: Judge, biller: Biller, circuit: Circuit) -> None:
    syntax = SYNTAXES[biller]
    invoices = some(biller, circuit)
    assert len(invoices) == (3 if biller is BUILDER else 5)
    for invoice in invoices:
        assert judge.fatal(written(invoice, syntax), circuit, syntax) == set(), invoice.number


@pytest.mark.parametrize("biller", BILLERS, ids=lambda biller: biller.partner_code)
@pytest.mark.parametrize("circuit", Circuit)
def test_each_fault_breaks_the_rules_that_it_names_and_no_fault_hides_another(
    judge: Judge, biller: Biller, circuit: Circuit
) -> None:
    syntax = SYNTAXES[biller]
    invoice = composed(biller, 3, circuit, 1)
    for fault in FAULTS[circuit]:
        document = fault.damage(written(fault.values(invoice), syntax))
        if not fault.readable:
            with pytest.raises(etree.XMLSyntaxError):
                etree.fromstring(document)
            continue
        broken = judge.fatal(document, circuit, syntax)
        official = {rule for rule in fault.rules[syntax] if rule == "XSD" or rule.startswith(OFFICIAL_PREFIXES)}
        assert official <= broken, fault.name
        if not official:
            assert not rejecting(broken, circuit), fault.name


def rejecting(broken: set[str], circuit: Circuit) -> set[str]:
    """Rules that reject: all of them in AFNOR flows, only the schema in the historical circuit."""
    return broken if circuit is Circuit.AFNOR else broken & {"XSD"}


def test_every_kind_of_fault_is_named_once() -> None:
    for faults in FAULTS.values():
        names = [fault.name for fault in faults]
        assert len(names) == len(set(names)) >= 17
    assert all(isinstance(fault, Fault) for faults in FAULTS.values() for fault in faults)


def test_the_xml_in_a_pdf_is_the_xml_that_was_judged() -> None:
    invoice = composed(BUILDER, 1, Circuit.AFNOR, 1)
    xml = cii_bytes(invoice)
    document = facturx_bytes(invoice, xml)
    assert document == facturx_bytes(invoice, xml)
    (embedded,) = PdfReader(io.BytesIO(document)).attachments["factur-x.xml"]
    assert embedded == xml
