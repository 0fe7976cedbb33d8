"""Whether the fast road says what the slow one says, document by document and rule by rule.

Live, everything is compared: rules, flags, order, locations, sentences; and what the scanner read with what libxml2
reads and validates. Against recorded verdicts, rules, flags and counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from lxml import etree

from data_contracts.interfaces import Circuit, Syntax
from data_contracts.refusals import DocumentUnreadable
from data_contracts.rule_sets import EN16931_CII, EN16931_UBL, RuleSet, checks
from pipelines.parsing.documents import Document
from pipelines.parsing.heads import heads
from pipelines.parsing.opening import Kind, kind_of, opened
from pipelines.parsing.path_tables import PathDictionary
from pipelines.parsing.scanner.reading import Scanner, Status
from pipelines.parsing.tree_tables import shredded
from pipelines.parsing.xml_gate import gated
from pipelines.validation.judge import Hit, Judge, Judgment
from pipelines.validation.proved_schemas import PROVED_SCHEMAS
from pipelines.validation.schema import is_valid
from pipelines.validation.watched_scanner import difference
from relais.bench.mutation import mutant_of

PART = 500
"""Documents judged at once: enough for compiled rules, little memory."""

MISSING, ADDED, ELSEWHERE, ORDER, CRASH = (
    "official only", "compiled only", "place or sentence", "order", "official crash not flagged",
)  # fmt: skip
NO_RULE = "-"
SCANNER = "scanner"

Compiled = Callable[[Sequence[bytes], RuleSet], Sequence[Judgment | None]]
"""Judges a batch by compiled rules; None where they leave a document to the official engine."""
Due = Callable[[Kind], tuple[RuleSet, ...]]


@dataclass(frozen=True)
class Recorded:
    """What the official engine once said of a document: how often each (flag, rule) was broken, or that it crashed."""

    counts: Mapping[tuple[str, str], int]
    crashed: bool


@dataclass(frozen=True)
class Subject:
    """One document, or one mutant of it. The nth mutant of `a.xml` is named `a.xml#n`."""

    name: str
    xml: bytes
    rule_sets: tuple[RuleSet, ...]
    mutant: bool


@dataclass
class SetTally:
    """How the documents of one rule set were judged.

    Every document is equal, different, undecided (compiled rules leave it to the official engine, which judges it), or
    a crash that compiled rules flagged by leaving it. `crashes` counts all on which the official engine crashes.
    """

    documents: int = 0
    mutants: int = 0
    equal: int = 0
    different: int = 0
    undecided: int = 0
    crashes: int = 0
    crashes_flagged: int = 0


@dataclass
class ReadingTally:
    """How the scanner read documents: `proved` valid by their schema, `read` only, or `unread` and left to libxml2.

    `valid` counts those that libxml2 finds valid; `different` those on which it contradicts the scanner.
    """

    documents: int = 0
    proved: int = 0
    read: int = 0
    unread: int = 0
    valid: int = 0
    different: int = 0


@dataclass
class Disagreement:
    """A rule on which the two differ, and how: `documents` so many, `example` the first."""

    rule_set: str
    rule: str
    how: str
    documents: int
    example: str


@dataclass
class Parity:
    """The result of a comparison. `unreadable` names the documents that are no invoice the gate lets through."""

    tallies: dict[str, SetTally] = field(default_factory=dict)
    disagreements: dict[tuple[str, str, str], Disagreement] = field(default_factory=dict)
    undecided: dict[str, list[str]] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    unrecorded: list[str] = field(default_factory=list)
    reading: ReadingTally | None = None

    @property
    def agreed(self) -> bool:
        return not self.disagreements


def compared(
    documents: Iterable[tuple[str, bytes]],
    *,
    compiled: Compiled,
    official: Judge | Mapping[str, Recorded],
    due: Due,
    mutants: Mapping[str, int] | None = None,
    seed: int = 1,
    scanner: Scanner | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Parity:
    """How compiled rules compare with the official engine, live or as recorded by name.

    Shape    `due` says which rule sets judge a document; `mutants` how many mutants of each are judged beside it.
             With a `scanner`, what it reads is compared with libxml2 too.
    Errors   ConfigurationError when a rule file is missing.
    Cost     live, 4 to 45 ms a document and rule set; memory of `PART` documents.
    """
    parity = Parity()
    subjects = _subjects(documents, due, mutants or {}, seed, parity)
    while part := list(islice(subjects, PART)):
        if scanner is not None:
            _compare_reading(parity, part, scanner)
        groups: dict[RuleSet, list[Subject]] = {}
        for subject in part:
            for rule_set in subject.rule_sets:
                groups.setdefault(rule_set, []).append(subject)
        for rule_set, group in groups.items():
            found = compiled([subject.xml for subject in group], rule_set)
            for subject, judgment in zip(group, found, strict=True):
                _judge(parity, subject, rule_set, judgment, official)
        progress(len(part))
    return parity


def afnor_layers(kind: Kind) -> tuple[RuleSet, ...]:
    """The rule sets that judge the document in AFNOR flows: those of its profile, and the French ones."""
    row = checks(Circuit.AFNOR, kind.syntax, kind.root, kind.specification)
    return row.rules


def en16931(kind: Kind) -> tuple[RuleSet, ...]:
    """EN 16931 in the syntax of the document, whatever its profile: what verdicts are recorded of."""
    return (EN16931_UBL if kind.syntax is Syntax.UBL else EN16931_CII,)


def shares(found: Sequence[str], mutants: int) -> dict[str, int]:
    """How many mutants of each document, so that there are as many as asked for: evenly, the first names one more."""
    each, more = divmod(mutants, len(found))
    return {name: each + (rank < more) for rank, name in enumerate(found)}


def _subjects(
    documents: Iterable[tuple[str, bytes]], due: Due, mutants: Mapping[str, int], seed: int, parity: Parity
) -> Iterator[Subject]:
    for position, (name, data) in enumerate(documents):
        try:
            one = opened(Document("", position, name, data, ""), None)
            tree = gated(one.xml)
            batch = shredded([tree], PathDictionary())
            rule_sets = due(kind_of(one, 0, heads(batch), batch))
        except DocumentUnreadable:
            parity.unreadable.append(name)
            continue
        yield Subject(name, one.xml, rule_sets, mutant=False)
        for number in range(1, mutants.get(name, 0) + 1):
            mutant = mutant_of(tree, name, number, seed).getroot()
            yield Subject(f"{name}#{number}", etree.tostring(mutant, encoding="UTF-8"), rule_sets, mutant=True)


def _compare_reading(parity: Parity, part: Sequence[Subject], scanner: Scanner) -> None:
    tally = parity.reading = parity.reading or ReadingTally()
    reading = scanner.read([subject.xml for subject in part])
    for at, subject in enumerate(part):
        tree, status = gated(subject.xml), Status(int(reading.statuses[at]))
        schema = PROVED_SCHEMAS.get(tree.getroot().tag)
        tally.documents += 1
        tally.proved += status is Status.PROVED
        tally.read += status is Status.READ
        tally.unread += status is Status.UNREAD
        tally.valid += schema is not None and is_valid(tree, schema)
        where = difference(subject.xml, reading, at)
        if where is not None:
            tally.different += 1
            row = parity.disagreements.setdefault(
                (SCANNER, NO_RULE, where), Disagreement(SCANNER, NO_RULE, where, 0, subject.name)
            )
            row.documents += 1


def _judge(
    parity: Parity,
    subject: Subject,
    rule_set: RuleSet,
    judgment: Judgment | None,
    official: Judge | Mapping[str, Recorded],
) -> None:
    if isinstance(official, Mapping):
        recorded = official.get(subject.name)
        if recorded is None:
            parity.unrecorded.append(subject.name)
            return
        crashed, differences = recorded.crashed, _by_count(recorded.counts, judgment)
    else:
        said = official.judge(etree.tostring(gated(subject.xml).getroot(), encoding="UTF-8"), rule_set)
        crashed, differences = said.crashed is not None, _by_hit(said.hits, judgment)
    tally = parity.tallies.setdefault(rule_set.coordinate, SetTally())
    tally.documents += 1
    tally.mutants += subject.mutant
    tally.crashes += crashed
    if judgment is None:
        tally.crashes_flagged += crashed
        tally.undecided += not crashed
        if not crashed:
            parity.undecided.setdefault(rule_set.coordinate, []).append(subject.name)
        return
    if crashed:
        differences = [(NO_RULE, CRASH)]
    tally.different += bool(differences)
    tally.equal += not differences
    for rule, how in differences:
        row = parity.disagreements.setdefault(
            (rule_set.coordinate, rule, how), Disagreement(rule_set.coordinate, rule, how, 0, subject.name)
        )
        row.documents += 1


def _counts(hits: Iterable[Hit]) -> Counter[tuple[str, str]]:
    return Counter((hit.flag, hit.rule) for hit in hits)


def _by_count(official: Mapping[tuple[str, str], int], judgment: Judgment | None) -> list[tuple[str, str]]:
    """The rules that are broken more often by one than by the other, and by which."""
    if judgment is None:
        return []
    here, there = _counts(judgment.hits), Counter(official)
    for flag, rule in list(here):
        here[flag, rule] += dict(judgment.uncounted).get(rule, 0)
    missing = {(rule, MISSING) for _flag, rule in there - here}
    return sorted(missing | {(rule, ADDED) for _flag, rule in here - there})


def _by_hit(official: Sequence[Hit], judgment: Judgment | None) -> list[tuple[str, str]]:
    """As `_by_count`; when counts are equal, the rules whose hits differ in place or sentence, else in order."""
    if judgment is None or tuple(official) == judgment.hits:
        return []
    by_count = _by_count(_counts(official), judgment)
    if by_count:
        return by_count
    there, here = Counter(official), Counter(judgment.hits)
    if there != here:
        return sorted({(hit.rule, ELSEWHERE) for hit in (there - here) + (here - there)})
    swapped = next(a for a, b in zip(official, judgment.hits, strict=True) if a != b)
    return [(swapped.rule, ORDER)]
