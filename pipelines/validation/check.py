"""One document through every layer that is due on it: schema, profile rules, French rules, all of them, always."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from data_contracts import rule_sets
from data_contracts.answers import FindingRow, InvoiceRow, LineRow, VatRow
from data_contracts.errors import DocumentUnreadable
from data_contracts.interfaces import Interface
from pipelines.parsing import terms
from pipelines.parsing.documents import Document, Parsed, parsed
from pipelines.validation import explain
from pipelines.validation.judge import Judge
from pipelines.validation.places import Places
from pipelines.validation.rule_files import label
from pipelines.validation.schema import schema_verdict
from pipelines.validation.verdict import Layer, VerdictRow, unreadable, verdict


@dataclass(frozen=True)
class Checked:
    """What is known of one document. `findings` are in the order of the layers, then those of reading its terms."""

    invoice: InvoiceRow
    lines: list[LineRow]
    vat: list[VatRow]
    verdict: VerdictRow
    findings: list[FindingRow]


def checked(document: Document, interface: Interface, judge: Judge, before_layer: Callable[[], None]) -> Checked:
    """One document, read and judged as its interface asks.

    Shape    a document that cannot be read is a row too: invalid, with one finding that says why. The rules run also
             when the schema says no, so that a sender learns all at once.
    Errors   ConfigurationError when an official file is missing. `before_layer` may raise what it wants: it is called
             before each layer, which can take seconds.
    """
    try:
        reading = parsed(document, interface.syntax)
    except DocumentUnreadable as refusal:
        invoice, finding = terms.unreadable(document, refusal)
        row = unreadable(document.flow_key, document.position, refusal.motive)
        return Checked(invoice, [], [], row, [finding])
    row, findings = _judged(reading, interface, judge, before_layer)
    read = terms.business_terms(reading)
    return Checked(read.invoice, list(read.lines), list(read.vat), row, [*findings, *read.findings])


def _judged(
    reading: Parsed, interface: Interface, judge: Judge, before_layer: Callable[[], None]
) -> tuple[VerdictRow, list[FindingRow]]:
    flow_key, position = reading.document.flow_key, reading.document.position
    due = rule_sets.checks(interface.circuit, interface.syntax, reading.root, reading.specification)
    places = Places(reading.tree.getroot())
    schema = schema_verdict(flow_key, position, places, due.schema)
    findings = list(schema.findings)
    layers = []
    xml = etree.tostring(places.root, encoding="unicode").encode("utf-8")
    for rule_set in filter(None, (due.profile_rules, due.french_rules)):
        before_layer()
        judgment = judge.judge(xml, rule_set)
        layers.append(Layer(rule_set.coordinate, label(rule_set), judgment))
        findings += explain.findings(flow_key, position, rule_set, judgment.hits, places)
    row = verdict(flow_key, position, xsd_valid=schema.valid, layers=layers, schema_name=due.schema.name)
    return row, findings
