"""Documents through every layer that is due on them: schema, profile rules, French rules, all of them, always."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from data_contracts import rule_sets
from data_contracts.answers import FindingRow, InvoiceRow, LineRow, VatRow
from data_contracts.errors import DocumentUnreadable
from data_contracts.interfaces import Interface, Syntax
from data_contracts.rule_sets import RuleRegister, RuleSet, Schema
from pipelines.parsing import terms
from pipelines.parsing.documents import Document, Parsed
from pipelines.parsing.heads import heads
from pipelines.parsing.opening import Kind, Opened, in_its_document, kind_of, opened
from pipelines.parsing.path_tables import INT
from pipelines.parsing.reader import Refused, Tabled, tabled
from pipelines.parsing.scanner.reading import Scanner, Status
from pipelines.parsing.xml_gate import gated
from pipelines.validation import explain
from pipelines.validation.judge import BatchJudge, Judgment, Subjects
from pipelines.validation.places import Places
from pipelines.validation.proved_schemas import PROVED_SCHEMAS
from pipelines.validation.rule_files import label
from pipelines.validation.schema import SchemaVerdict, schema_verdict
from pipelines.validation.verdict import Layer, VerdictRow, unreadable, verdict


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
    due: Callable[[Kind], Due]


@dataclass(frozen=True)
class Engine:
    """What checks documents: a scanner, without which libxml2 reads them all, and a judge."""

    scanner: Scanner | None
    judge: BatchJudge


def demand_of(interface: Interface, register: RuleRegister, on: date) -> Demand:
    """What an interface asks of its documents, by the rule files in force on a day."""

    def due(kind: Kind) -> Due:
        installed = rule_sets.checks(interface.circuit, interface.syntax, kind.root, kind.specification)
        row = register.checks_in_force(installed, on)
        return Due(row.schema, tuple(filter(None, (row.profile_rules, row.french_rules))))

    return Demand(interface.syntax, due)


@dataclass(frozen=True)
class Checked:
    """What is known of one document. `findings` are in the order of the layers, then those of reading its terms."""

    invoice: InvoiceRow
    lines: list[LineRow]
    vat: list[VatRow]
    verdict: VerdictRow
    findings: list[FindingRow]


def checked(
    documents: Sequence[tuple[Document, Demand]], engine: Engine, before_step: Callable[[], None]
) -> list[Checked]:
    """Documents, read and judged as is asked of each, in the order given.

    Shape    a document that cannot be read is a row too: invalid, with one finding that says why. The rules run also
             when the schema says no, so that a sender learns all at once.
    Errors   ConfigurationError when an official file is missing. `before_step` may raise what it wants: it is called
             before each document is opened, its schema asked, and before each layer judges, which can take seconds.
    Cost     `relais bench check` measures it; memory holds the tables of all the documents given.
    """
    told: dict[int, Checked] = {}
    numbers: list[int] = []
    openings: list[Opened] = []
    for number, (document, demand) in enumerate(documents):
        before_step()
        try:
            openings.append(opened(document, demand.syntax))
            numbers.append(number)
        except DocumentUnreadable as refusal:
            told[number] = _refused(document, refusal)
    before_step()
    for part in tabled([one.xml for one in openings], engine.scanner):
        before_step()
        if isinstance(part, Refused):
            one = openings[part.position]
            told[numbers[part.position]] = _refused(one.document, in_its_document(one, part.refusal))
            continue
        chosen = [(openings[position], documents[numbers[position]][1]) for position in part.positions]
        results = _Part(part, chosen, engine.judge, before_step).checked()
        told.update(zip((numbers[position] for position in part.positions), results, strict=True))
    return [told[number] for number in range(len(documents))]


def _refused(document: Document, refusal: DocumentUnreadable) -> Checked:
    invoice, finding = terms.unreadable(document, refusal)
    row = unreadable(document.flow_key, document.position, refusal.motive)
    return Checked(invoice, [], [], row, [finding])


class _Part:
    """Documents that are in one set of tables, on their way through the layers."""

    def __init__(
        self,
        part: Tabled,
        chosen: Sequence[tuple[Opened, Demand]],
        judge: BatchJudge,
        before_step: Callable[[], None],
    ) -> None:
        self._batch = part.batch
        self._statuses = part.statuses
        self._openings = [one for one, _ in chosen]
        self._demands = [demand for _, demand in chosen]
        self._judge = judge
        self._before_step = before_step
        self._heads = heads(part.batch)

    def checked(self) -> list[Checked]:
        told: dict[int, Checked] = {}
        kinds: dict[int, Kind] = {}
        for at, one in enumerate(self._openings):
            try:
                kinds[at] = kind_of(one, at, self._heads, self._batch)
            except DocumentUnreadable as refusal:
                told[at] = _refused(one.document, in_its_document(one, refusal))
        dues = {at: self._demands[at].due(kind) for at, kind in kinds.items()}
        schemas = {at: self._schema(at, due.schema) for at, due in dues.items()}
        layers, findings = self._layers(dues)
        for at, kind in kinds.items():
            told[at] = self._told(at, kind, dues[at], schemas[at], layers[at], findings[at])
        return [told[at] for at in range(len(self._openings))]

    def _schema(self, at: int, schema: Schema | None) -> SchemaVerdict | None:
        """The schema's verdict: proved by the scanner, or libxml2's own."""
        if schema is None:
            return None
        if self._statuses[at] is Status.PROVED and PROVED_SCHEMAS[self._heads.tags[at]] == schema:
            return SchemaVerdict(True, ())
        self._before_step()
        document = self._openings[at].document
        places = Places(gated(self._openings[at].xml).getroot())
        return schema_verdict(document.flow_key, document.position, places, schema)

    def _layers(self, dues: dict[int, Due]) -> tuple[dict[int, list[Layer]], dict[int, list[FindingRow]]]:
        """The rules' verdicts and findings: documents on which the same rule sets are due are judged at once."""
        layers = {at: [Layer(name, name, None) for name in due.inapplicable] for at, due in dues.items()}
        findings: dict[int, list[FindingRow]] = {at: [] for at in dues}
        groups: dict[tuple[RuleSet, ...], list[int]] = {}
        for at, due in dues.items():
            groups.setdefault(due.rule_sets, []).append(at)
        for due_sets, group in groups.items():
            subjects = self._subjects(group)
            for rule_set in due_sets:
                self._before_step()
                judgments = self._judge.judge_batch(subjects, rule_set)
                for at, judgment in zip(group, judgments, strict=True):
                    layers[at].append(Layer(rule_set.coordinate, label(rule_set), judgment))
                    findings[at] += self._explained(at, rule_set, judgment)
        return layers, findings

    def _subjects(self, group: Sequence[int]) -> Subjects:
        whole = len(group) == self._batch.documents
        tables = self._batch if whole else self._batch.of_documents(np.array(group, INT))
        return Subjects(tables, [self._openings[at].xml for at in group])

    def _explained(self, at: int, rule_set: RuleSet, judgment: Judgment) -> list[FindingRow]:
        if not judgment.hits:
            return []
        document = self._openings[at].document
        places = Places(gated(self._openings[at].xml).getroot())
        return explain.findings(document.flow_key, document.position, rule_set, judgment.hits, places)

    def _told(
        self,
        at: int,
        kind: Kind,
        due: Due,
        schema: SchemaVerdict | None,
        layers: list[Layer],
        findings: list[FindingRow],
    ) -> Checked:
        document = self._openings[at].document
        row = verdict(
            document.flow_key,
            document.position,
            xsd_valid=None if schema is None else schema.valid,
            layers=layers,
            schema_name=None if due.schema is None else due.schema.name,
        )
        tree = gated(self._openings[at].xml)
        parsed = Parsed(document, self._openings[at].xml, tree, kind.syntax, kind.root, kind.specification)
        read = terms.business_terms(parsed)
        of_schema = [] if schema is None else list(schema.findings)
        return Checked(read.invoice, list(read.lines), list(read.vat), row, [*of_schema, *findings, *read.findings])


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
