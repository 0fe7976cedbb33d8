"""Documents through every layer that is due on them: schema, profile rules, French rules, all of them, always."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from data_contracts import rule_sets
from data_contracts.answers import FindingRow, InvoiceRow
from data_contracts.interfaces import Circuit, Interface, Syntax
from data_contracts.limits import TREE_NODES_MAX
from data_contracts.refusals import DocumentUnreadable
from data_contracts.rule_sets import RuleRegister, RuleSet, Schema
from pipelines.parsing import terms
from pipelines.parsing.attachments import sent_in
from pipelines.parsing.documents import Document
from pipelines.parsing.heads import heads
from pipelines.parsing.large_documents import is_large
from pipelines.parsing.long_texts import refuse_long_text
from pipelines.parsing.opening import Kind, Opened, in_its_document, kind_of, opened
from pipelines.parsing.path_tables import INT, Array
from pipelines.parsing.reader import Refused, Tabled, Untaken, tabled
from pipelines.parsing.rows import blank_invoice
from pipelines.parsing.scanner.reading import Scanner, Status
from pipelines.parsing.term_rows import Terms, with_currencies
from pipelines.parsing.term_tables import business_terms
from pipelines.parsing.xml_gate import gated
from pipelines.validation.checked import Checked, in_order
from pipelines.validation.compiled.engine import CompiledJudge
from pipelines.validation.compiled.expected.expectations import Expectations
from pipelines.validation.enclosed import enclosed_findings
from pipelines.validation.explain import explained
from pipelines.validation.judge import BatchJudge, Subjects
from pipelines.validation.large_documents import hold_to_schema
from pipelines.validation.mixed_structure import structure_verdict
from pipelines.validation.places import Places
from pipelines.validation.proved_schemas import PROVED_SCHEMAS
from pipelines.validation.rule_files import label
from pipelines.validation.schema import PROVED_VALID, SchemaVerdict, schema_verdict
from pipelines.validation.uncollected import uncollected
from pipelines.validation.verdict import Layer, VerdictRow, set_aside, unreadable, verdict


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
    """What is asked of a document: how it must be written (None: as any invoice may be, and where `statuses` says so
    as a life-cycle status), and what judges it. `named` and `mixed` as of
    `attachment_findings`, `currency` as of `Interface`."""

    syntax: Syntax | None
    due: Callable[[Kind], Due]
    statuses: bool = False
    named: bool = False
    mixed: bool = False
    currency: str = ""


Step = Callable[[str], None]
"""Told the name of each step before it begins: to keep a lease, to show progress, to measure. It may raise."""

OPENING, READING, SCHEMA, JUDGING, EXPLAINING, ENCLOSED, TERMS = (
    "opening", "reading", "schema", "judging", "explaining", "enclosed", "terms",
)  # fmt: skip
"""Names of steps; `JUDGING` is followed by the coordinate of the rule set. A step may come more than once."""

UNSCANNED = f"more than {TREE_NODES_MAX} elements and attributes, while no scanner may read"
"""Why nothing is known of a large document."""


@dataclass(frozen=True)
class Engine:
    """What checks documents: a scanner, without which libxml2 reads them all, and a judge."""

    scanner: Scanner | None
    judge: BatchJudge


def demand_of(interface: Interface, register: RuleRegister, on: date) -> Demand:
    """What an interface asks of its documents, by the rule files in force on a day."""

    def due(kind: Kind) -> Due:
        circuit, syntax = interface.circuit, interface.syntax
        installed = rule_sets.checks(circuit, syntax, kind.root, kind.specification, mixed=interface.mixed)
        row = register.checks_in_force(installed, on)
        return Due(row.schema, row.rules)

    return Demand(
        interface.syntax,
        due,
        named=interface.circuit is Circuit.CHORUS_PRO,
        mixed=interface.mixed,
        currency=interface.currency,
    )


def checked(documents: Sequence[tuple[Document, Demand]], engine: Engine, step: Step) -> Checked:
    """Documents, read and judged as is asked of each, in the order given.

    Shape    a document that cannot be read has its rows too: invalid, with one finding that says why. The rules run
             also when the schema says no, so that a sender learns all at once.
    Errors   ConfigurationError when an official file is missing. `step` may raise what it wants: it is called before
             each document is opened, its schema asked, and before each layer judges, which can take seconds.
    Cost     `relais bench check` measures it; memory holds the tables of all the documents given.
    """
    with uncollected():
        return _checked(documents, engine, step)


def _checked(documents: Sequence[tuple[Document, Demand]], engine: Engine, step: Step) -> Checked:
    run = _Run([document for document, _ in documents], engine.judge, step)
    numbers: list[int] = []
    openings: list[Opened] = []
    for number, (document, demand) in enumerate(documents):
        step(OPENING)
        try:
            one = opened(document, demand.syntax, statuses=demand.statuses)
        except DocumentUnreadable as refusal:
            run.refuse(number, refusal)
            continue
        try:
            refuse_long_text(one.xml)
            if is_large(one.xml):
                step(SCHEMA)
                hold_to_schema(one.xml)
        except DocumentUnreadable as refusal:
            run.refuse(number, in_its_document(one, refusal))
            continue
        openings.append(one)
        numbers.append(number)
    step(READING)
    for part in tabled([one.xml for one in openings], engine.scanner):
        if isinstance(part, Refused):
            run.refuse(numbers[part.position], in_its_document(openings[part.position], part.refusal))
            continue
        if isinstance(part, Untaken):
            run.set_aside(numbers[part.position])
            continue
        chosen = [numbers[position] for position in part.positions]
        demands = [documents[number][1] for number in chosen]
        run.judge(chosen, _Part(part, [openings[position] for position in part.positions], demands))
        step(READING)
    return run.checked()


@dataclass(frozen=True)
class _Part:
    """Documents that are in one set of tables: document n of them is `openings[n]`."""

    tabled: Tabled
    openings: Sequence[Opened]
    demands: Sequence[Demand]


class _Run:
    """Documents on their way through the layers, by number."""

    def __init__(self, documents: Sequence[Document], judge: BatchJudge, step: Step) -> None:
        self._documents = documents
        self._judge = judge
        self._step = step
        self._unread: dict[int, InvoiceRow] = {}
        self._verdicts: dict[int, VerdictRow] = {}
        self._findings: dict[int, list[FindingRow]] = {number: [] for number in range(len(documents))}
        self._terms: list[tuple[Array, Terms]] = []

    def refuse(self, number: int, refusal: DocumentUnreadable) -> None:
        document = self._documents[number]
        self._unread[number], finding = terms.unreadable(document, refusal)
        self._findings[number].append(finding)
        self._verdicts[number] = unreadable(document.flow_key, document.position, refusal.motive)

    def set_aside(self, number: int) -> None:
        """Of a large document nothing is known while scanners are shut."""
        document = self._documents[number]
        self._unread[number] = blank_invoice(document)
        self._verdicts[number] = set_aside(document.flow_key, document.position, UNSCANNED)

    def checked(self) -> Checked:
        return Checked(
            *in_order(self._terms, self._unread),
            verdicts=[self._verdicts[number] for number in range(len(self._documents))],
            findings=[self._findings[number] for number in range(len(self._documents))],
        )

    def judge(self, numbers: Sequence[int], part: _Part) -> None:
        """Takes the documents `numbers`, which are in one set of tables, through every layer due on each."""
        batch, known = part.tabled.batch, heads(part.tabled.batch)
        kinds: dict[int, Kind] = {}
        dues: dict[int, Due] = {}
        schemas: dict[int, SchemaVerdict | None] = {}
        for at, one in enumerate(part.openings):
            try:
                kind = kind_of(one, at, known, batch)
                due = part.demands[at].due(kind)
                schemas[at] = self._schema(part, at, known.tags[at], due.schema)
            except DocumentUnreadable as refusal:
                self.refuse(numbers[at], in_its_document(one, refusal))
                continue
            kinds[at], dues[at] = kind, due
        for at, said in schemas.items():
            if said is not None:
                self._findings[numbers[at]] += said.findings
        layers = self._layers(numbers, part, dues)
        for at, due in dues.items():
            document, said = self._documents[numbers[at]], schemas[at]
            self._verdicts[numbers[at]] = verdict(
                document.flow_key,
                document.position,
                xsd_valid=None if said is None else said.valid,
                layers=layers[at],
                schema_name=None if due.schema is None else due.schema.name,
            )
        self._enclosed(numbers, part, kinds)
        self._step(TERMS)
        invoices = {at: kind for at, kind in kinds.items() if kind.syntax is not Syntax.CDAR}
        for at in kinds.keys() - invoices.keys():
            self._unread[numbers[at]] = blank_invoice(self._documents[numbers[at]])
        read = business_terms(batch, [self._documents[number] for number in numbers], invoices)
        for at, odd in read.findings.items():
            self._findings[numbers[at]] += odd
        currencies = {at: demand.currency for at, demand in enumerate(part.demands) if demand.currency}
        self._terms.append((np.array(numbers), with_currencies(read, currencies)))

    def _enclosed(self, numbers: Sequence[int], part: _Part, kinds: Mapping[int, Kind]) -> None:
        """What is wrong with the files that travel with the invoices, and with the PDF around them."""
        sent = sent_in(part.tabled.batch)
        for at, kind in kinds.items():
            one, demand = part.openings[at], part.demands[at]
            if at in sent or one.pdf is not None or demand.mixed:
                self._step(ENCLOSED)
                try:
                    told = enclosed_findings(
                        one, kind, sent.get(at, ()), part.tabled.batch, named=demand.named, mixed=demand.mixed
                    )
                except DocumentUnreadable as refusal:
                    _, finding = terms.unreadable(one.document, refusal)
                    told = [finding]
                self._findings[numbers[at]] += told

    def _schema(self, part: _Part, at: int, tag: str, schema: Schema | None) -> SchemaVerdict | None:
        """The schema's verdict: proved by the scanner, or libxml2's own."""
        if schema is None:
            return None
        if part.tabled.statuses[at] is Status.PROVED and PROVED_SCHEMAS[tag] == schema:
            return PROVED_VALID
        self._step(SCHEMA)
        one = part.openings[at]
        if is_large(one.xml):
            # That of its root accepted it. A profile has one of its own, in which its errors have no place in a tree.
            if PROVED_SCHEMAS[tag] != schema:
                hold_to_schema(one.xml, schema)
            return PROVED_VALID
        tree = part.tabled.trees[at] if part.tabled.trees else gated(one.xml)
        places = Places(tree.getroot())
        if schema == rule_sets.CPP_MIXED_STRUCTURE:
            return structure_verdict(one.document.flow_key, one.document.position, places)
        return schema_verdict(one.document.flow_key, one.document.position, places, schema, one.xml)

    def _layers(self, numbers: Sequence[int], part: _Part, dues: Mapping[int, Due]) -> dict[int, list[Layer]]:
        """What the rules say: documents on which the same rule sets are due are judged at once."""
        layers = {at: [Layer(name, name, None) for name in due.inapplicable] for at, due in dues.items()}
        groups: dict[tuple[RuleSet, ...], list[int]] = {}
        for at, due in dues.items():
            groups.setdefault(due.rule_sets, []).append(at)
        for rule_sets_due, group in groups.items():
            whole = len(group) == part.tabled.batch.documents
            batch = part.tabled.batch if whole else part.tabled.batch.of_documents(np.array(group, INT))
            subjects = Subjects(batch, [part.openings[at].xml for at in group])
            keys = [(part.openings[at].document.flow_key, part.openings[at].document.position) for at in group]
            for rule_set in rule_sets_due:
                self._step(f"{JUDGING} {rule_set.coordinate}")
                judgments = self._judge.judge_batch(subjects, rule_set)
                self._step(EXPLAINING)
                found = explained(batch, keys, rule_set, judgments, self._expectations(rule_set))
                name = label(rule_set)
                for at, judgment, rows in zip(group, judgments, found, strict=True):
                    layers[at].append(Layer(rule_set.coordinate, name, judgment))
                    self._findings[numbers[at]] += rows
        return layers

    def _expectations(self, rule_set: RuleSet) -> Expectations | None:
        """What the rules expect, where their plan is trusted."""
        return self._judge.expectations(rule_set) if isinstance(self._judge, CompiledJudge) else None


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
