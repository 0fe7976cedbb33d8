"""The string value of an element from its bytes is libxml2's from its tree."""

from __future__ import annotations

import random

import pytest
from lxml import etree

from pipelines.parsing.scanner.automaton import no_schemas
from pipelines.parsing.scanner.reading import Status
from pipelines.parsing.scanner.standing import standing_scanner
from pipelines.parsing.scanner.string_values import string_value
from relais.bench.workloads import invoice_of_lines
from tests.unit.xml_mutants import mutant

CASES = [
    b"<a>x<!-- > </a> --><b c='/'>1&amp;2</b><?p > ?>&#x20AC;&#65;\r\n<d/>\r<!-- -->\n<e></e\n>z</a >",
    b'<a b="/"><c d="e/"/>t<f\n g="1"\n/>u</a>',
    "<a>é<b/>€</a>".encode(),
    b"<a/>",
]


@pytest.mark.parametrize("data", CASES)
def test_a_value_is_that_of_the_tree(data: bytes) -> None:
    assert string_value(data, 0) == str(etree.fromstring(data).xpath("string()"))


def test_values_of_mutants_are_those_of_their_trees() -> None:
    chance, scanner = random.Random(20261122), standing_scanner(no_schemas())
    seeds = [*CASES, invoice_of_lines(2, 1), invoice_of_lines(1, 2).replace(b"\n", b"\r\n")]
    read = 0
    for _ in range(600):
        data = mutant(chance.choice(seeds), chance)
        reading = scanner.read([data])
        if reading.statuses[0] == Status.UNREAD:
            continue
        batch, root = reading.batch, etree.fromstring(data)
        (path,) = batch.children[0].values()
        (number,) = batch.text_ids(path, None).tolist()
        assert batch.strings.values[number] == str(root.xpath("string()"))
        read += 1
    assert read > 100
