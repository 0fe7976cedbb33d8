"""The scanner under watch: what it samples, and what happens when it differs from libxml2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipelines.parsing.path_tables import Batch, PathDictionary
from pipelines.parsing.scanner.reading import Reading, Status
from pipelines.parsing.scanner.standing import standing_scanner
from pipelines.parsing.tree_tables import shredded
from pipelines.parsing.xml_gate import gated
from pipelines.validation.proved_schemas import automaton
from pipelines.validation.watched_scanner import READING_ALARM, ReadingDifference, WatchedScanner, differing
from relais.bench.workloads import generated

INVOICES = generated("utility", 12, 1).part(0, 12)
UNREADABLE = b"<a><![CDATA[x]]></a>"


class Changed:
    """A scanner whose readings are changed on the way."""

    def __init__(self, cache: Path, change: Callable[[Reading], Reading]) -> None:
        self._scanner = standing_scanner(automaton(cache))
        self._change = change
        self.asked = 0

    def read(self, documents: Sequence[bytes]) -> Reading:
        self.asked += len(documents)
        return self._change(self._scanner.read(documents))


def _watched(
    cache: Path, change: Callable[[Reading], Reading], every: int = 1, phase: int = 0
) -> tuple[WatchedScanner, list[ReadingDifference]]:
    alarms: list[ReadingDifference] = []
    return WatchedScanner(Changed(cache, change), alarms.append, sample_every=every, phase=phase), alarms


def test_a_scanner_that_agrees_is_left_alone(cache: Path) -> None:
    scanner, alarms = _watched(cache, lambda reading: reading)
    reading = scanner.read([*INVOICES, UNREADABLE])
    assert reading.statuses.tolist() == [Status.PROVED] * len(INVOICES) + [Status.UNREAD]
    assert (scanner.open, alarms) == (True, [])


def _swapped_texts(reading: Reading) -> Reading:
    batch = reading.batch
    batch.strings.values[1], batch.strings.values[2] = batch.strings.values[2], batch.strings.values[1]
    return reading


def _too_sure(reading: Reading) -> Reading:
    return replace(reading, statuses=np.full(len(reading.statuses), Status.PROVED))


@pytest.mark.parametrize(
    ("change", "documents", "what"),
    [
        (_swapped_texts, INVOICES, "Invoice"),
        (_too_sure, [INVOICES[0].replace(b"<cbc:CustomizationID>", b"<cbc:Unknown/><cbc:CustomizationID>")], "schema"),
        (_too_sure, [b"<a>\x00</a>"], "gate refuses"),
    ],
)
def test_a_difference_raises_the_alarm_and_leaves_every_document_to_libxml2(
    cache: Path, change: Callable[[Reading], Reading], documents: Sequence[bytes], what: str
) -> None:
    scanner, alarms = _watched(cache, change)
    reading = scanner.read(documents)
    assert [alarm.alarm for alarm in alarms] == [READING_ALARM], "one alarm, however many documents differ"
    assert what in alarms[0].what
    assert not scanner.open
    assert set(reading.statuses.tolist()) == {Status.UNREAD}
    assert (reading.batch.documents, reading.batch.present) == (len(documents), [])
    assert set(scanner.read(INVOICES).statuses.tolist()) == {Status.UNREAD}


def test_one_in_so_many_is_read_twice_wherever_batches_end(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []

    def noted(content: bytes) -> object:
        read.append(content)
        return gated(content)

    monkeypatch.setattr("pipelines.validation.watched_scanner.gated", noted)
    scanner, _ = _watched(cache, lambda reading: reading, every=5, phase=3)
    for start in (0, 4, 5):
        scanner.read(INVOICES[start : {0: 4, 4: 5, 5: 12}[start]])
    assert read == [INVOICES[2], INVOICES[7]]


def test_batches_that_differ_anywhere_are_told_apart() -> None:
    def batch(xml: bytes) -> Batch:
        return shredded([gated(xml)], PathDictionary())

    one = batch(b"<a><b>1</b><c/></a>")
    assert differing(one, batch(b"<a><b>1</b><c></c></a>")) is None
    assert differing(one, batch(b"<a><b>2</b><c/></a>")) == "a/b"
    assert differing(one, batch(b"<a><b>1</b><c/><c/></a>")) == "a/c"
    assert differing(one, batch(b"<a><b>1</b><c d='1'/></a>")) == "a/c/@d"
    assert differing(one, batch(b"<a><c/><b>1</b></a>")) == "the order of nodes"
