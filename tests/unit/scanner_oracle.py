"""What a scanner says, held against the conforming gate, libxml2's schema verdict and the shredder of trees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from lxml import etree

from data_contracts.refusals import DocumentUnreadable
from data_contracts.rule_sets import CII_XSD, UBL_CREDIT_NOTE_XSD, UBL_INVOICE_XSD
from pipelines.parsing.path_tables import Batch
from pipelines.parsing.scanner import native
from pipelines.parsing.scanner.automaton import SchemaAutomaton
from pipelines.parsing.scanner.reading import Scanner, Status
from pipelines.parsing.scanner.reference import PythonScanner
from pipelines.parsing.scanner.schema_models import schema_automaton
from pipelines.parsing.tree_tables import shredded
from pipelines.parsing.xml_gate import gated
from pipelines.validation.rule_files import file_of

SCANNERS: dict[str, Callable[[SchemaAutomaton], Scanner]] = {"python": PythonScanner}
if native.available():
    SCANNERS["native"] = native.NativeScanner

LINES_EACH = 7
"""Lines are compared at one path in so many: they cost more than all the rest."""

SCHEMAS: dict[str, Path] = {row.name: file_of(row) for row in (UBL_INVOICE_XSD, UBL_CREDIT_NOTE_XSD, CII_XSD)}


@cache
def automaton() -> SchemaAutomaton:
    return schema_automaton(SCHEMAS)


@cache
def _validators() -> dict[str, etree.XMLSchema]:
    told = automaton()
    by_schema = {name: etree.XMLSchema(etree.parse(str(path))) for name, path in SCHEMAS.items()}
    return {told.names[name]: by_schema[told.schemas[schema]] for name, _, schema in told.roots.tolist()}


@dataclass
class Findings:
    """`counts`: (`Status`, what libxml2 says) of all documents; `wrong`: documents on which the scanner is."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[tuple[str, bytes]] = field(default_factory=list)


def held_against(scanner: Scanner, documents: Sequence[bytes], findings: Findings) -> None:
    """Adds what is found of some documents, read as one batch. A batch that differs is read again one by one."""
    reading = scanner.read(documents)
    statuses = reading.statuses.tolist()
    read: list[int] = []
    trees: list[etree._ElementTree] = []
    before = len(findings.wrong)
    for number, (data, status) in enumerate(zip(documents, statuses, strict=True)):
        tree, said = _said(data)
        findings.counts[Status(status).name, said] += 1
        if status != Status.UNREAD and tree is None:
            findings.wrong.append((f"{Status(status).name}, but {said}", data))
        elif status == Status.PROVED and said != "valid":
            findings.wrong.append((f"PROVED, but {said}", data))
        elif status != Status.UNREAD and tree is not None:
            read.append(number)
            trees.append(tree)
    if len(findings.wrong) > before:
        return
    difference = difference_of(reading.batch, read, shredded(trees, reading.batch.paths))
    if difference is not None:
        alone = [documents[number] for number in read]
        if len(alone) == 1:
            findings.wrong.append((difference, alone[0]))
            return
        for data in alone:
            held_against(scanner, [data], findings)
        if len(findings.wrong) == before:
            findings.wrong.append((f"only in a batch: {difference}", b"\n".join(alone)))


def _said(data: bytes) -> tuple[etree._ElementTree | None, str]:
    try:
        tree = gated(data)
    except DocumentUnreadable as error:
        return None, f"refused {error.motive}"
    validator = _validators().get(str(tree.getroot().tag))
    if validator is None:
        return tree, "no schema"
    return tree, "valid" if validator.validate(tree) else "invalid"


def difference_of(scanned: Batch, read: list[int], expected: Batch) -> str | None:
    """How tables differ; None when they say the same. Shape   `read`: the documents that are in `expected`."""
    if scanned.strings.values != expected.strings.values:
        return "other strings"
    if scanned.present != expected.present:
        return "other paths"
    for path in expected.present:
        name = "/".join(expected.paths.steps(path))
        parents = expected.parents[path]
        if expected.paths.parents[path] == 0:
            parents = np.array(read)[parents]
        if not np.array_equal(scanned.parents[path], parents):
            return f"other parents at {name}"
        if not np.array_equal(scanned._texts[path], expected._texts[path]):
            return f"other texts at {name}"
        row = len(parents) // 2
        if path % LINES_EACH == 0 and scanned.line(path, row) != expected.line(path, row):
            return f"another line at {name}"
    if expected.present:
        ours = np.concatenate([scanned.orders[path] for path in expected.present])
        theirs = np.concatenate([expected.orders[path] for path in expected.present])
        if not (np.diff(ours[np.argsort(theirs)].astype(np.int64)) > 0).all():
            return "another order of nodes"
    return None
