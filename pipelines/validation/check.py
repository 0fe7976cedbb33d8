"""Documents through every layer that is due on them: schema, profile rules, French rules, all of them, always."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from data_contracts import rule_sets
from data_contracts.answers import FindingRow, InvoiceRow, LineRow, VatRow
from data_contracts.errors import DocumentUnreadable
from data_contracts.interfaces import Interface, Syntax
from data_contracts.rule_sets import RuleRegister, RuleSet, Schema
from pipelines.parsing import terms
from pipelines.parsing.documents import Document, Parsed, parsed
from pipelines.parsing.path_tables import shared_paths
from pipelines.parsing.tree_tables import shredded
from pipelines.validation import explain
from pipelines.validation.judge import BatchJudge, Judgment, Subjects
from pipelines.validation.places import Places
from pipelines.validation.rule_files import label
from pipelines.validation.schema import SchemaVerdict, schema_verdict
from pipelines.validation.verdict import Layer, VerdictRow, unreadable, verdict


@dataclass(frozen=True)
class Checked:
    """What is known of one document. `findings` are in the order of the layers, then those of reading its terms."""

    invoice: InvoiceRow
    lines: list[LineRow]
    vat: list[VatRow]
    verdict: VerdictRow
    findings: list[FindingRow]


@dataclass(frozen=True)
class Due:
    """The layers that are due on one document, in order.

    `schema` is None when none is asked for; `inapplicable` names what was asked for and has no rule file for such a
    document: it did not run, so the document is not known to be valid.
    """

    schema: Schema | None
    rule_sets: tuple[RuleSet, ...]
    inapplicable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Demand:
    """What is asked of a document: how it must be written (None: as any invoice may be), and what judges it."""

    syntax: Syntax | None
    due: Callable[[Parsed], Due]


def demand_of(interface: Interface, register: RuleRegister, on: date) -> Demand:
    """What an interface asks of its documents, by the rule files in force on a day."""

    def due(reading: Parsed) -> Due:
        installed = rule_sets.checks(interface.circuit, interface.syntax, reading.root, reading.specification)
        row = register.checks_in_force(installed, on)
        return Due(row.schema, tuple(filter(None, (row.profile_rules, row.french_rules))))

    return Demand(interface.syntax, due)


@dataclass(frozen=True)
class _Read:
    """A document that could be read, with the layers that are due and its schema verdict, None when none is due."""

    reading: Parsed
    places: Places
    due: Due
    schema: SchemaVerdict | None


def checked(
    documents: Sequence[tuple[Document, Demand]], judge: BatchJudge, before_step: Callable[[], None]
) -> list[Checked]:
    """Documents, read and judged as is asked of each, in the order given.

    Shape    a document that cannot be read is a row too: invalid, with one finding that says why. The rules run also
             when the schema says no, so that a sender learns all at once.
    Errors   ConfigurationError when an official file is missing. `before_step` may raise what it wants: it is called
             before each document is read and before each layer judges, which can take seconds.
    Cost     memory holds the trees of all the documents given.
    """
    read: list[_Read | Checked] = []
    for document, demand in documents:
        before_step()
        read.append(_read(document, demand))
    readable = [one for one in read if isinstance(one, _Read)]
    judgments = _judgments(readable, judge, before_step)
    return [_told(one, judgments) if isinstance(one, _Read) else one for one in read]


def _read(document: Document, demand: Demand) -> _Read | Checked:
    try:
        reading = parsed(document, demand.syntax)
    except DocumentUnreadable as refusal:
        invoice, finding = terms.unreadable(document, refusal)
        row = unreadable(document.flow_key, document.position, refusal.motive)
        return Checked(invoice, [], [], row, [finding])
    due, places = demand.due(reading), Places(reading.tree.getroot())
    if due.schema is None:
        return _Read(reading, places, due, None)
    return _Read(reading, places, due, schema_verdict(document.flow_key, document.position, places, due.schema))


_Judgments = dict[tuple[int, RuleSet], Judgment]
"""By the identity of the read document and the rule set."""


def _judgments(read: Sequence[_Read], judge: BatchJudge, before_step: Callable[[], None]) -> _Judgments:
    """Documents on which the same rule sets are due are judged at once, and read into tables once for all of them."""
    groups: dict[tuple[RuleSet, ...], list[_Read]] = {}
    for one in read:
        groups.setdefault(one.due.rule_sets, []).append(one)
    told: _Judgments = {}
    for due, group in groups.items():
        trees = [one.reading.tree for one in group]
        subjects = Subjects(shredded(trees, shared_paths()), [one.reading.xml for one in group])
        for rule_set in due:
            before_step()
            found = judge.judge_batch(subjects, rule_set)
            told.update({(id(one), rule_set): judgment for one, judgment in zip(group, found, strict=True)})
    return told


def _told(one: _Read, judgments: _Judgments) -> Checked:
    flow_key, position = one.reading.document.flow_key, one.reading.document.position
    findings = [] if one.schema is None else list(one.schema.findings)
    layers = [Layer(name, name, None) for name in one.due.inapplicable]
    for rule_set in one.due.rule_sets:
        judgment = judgments[id(one), rule_set]
        layers.append(Layer(rule_set.coordinate, label(rule_set), judgment))
        findings += explain.findings(flow_key, position, rule_set, judgment.hits, one.places)
    row = verdict(
        flow_key,
        position,
        xsd_valid=None if one.schema is None else one.schema.valid,
        layers=layers,
        schema_name=None if one.due.schema is None else one.due.schema.name,
    )
    read = terms.business_terms(one.reading)
    return Checked(read.invoice, list(read.lines), list(read.vat), row, [*findings, *read.findings])


def in_parts(documents: Iterator[tuple[Document, Demand]], bytes_max: int) -> Iterator[list[tuple[Document, Demand]]]:
    """Consecutive documents of at most so many bytes together, or one that is larger: what is judged at once."""
    part: list[tuple[Document, Demand]] = []
    weight = 0
    for document, demand in documents:
        if part and weight + len(document.data) > bytes_max:
            yield part
            part, weight = [], 0
        part.append((document, demand))
        weight += len(document.data)
    if part:
        yield part
