"""The engine that stands ready in a worker: scanner and compiled rules, with libxml2 and the official engine behind
them, and an alarm.

An alarm is an object in the store. While one lies there, every worker reads by libxml2 and judges by the official
engine alone: whoever clears it has looked at the difference first.
"""

from __future__ import annotations

import io
import json
import logging
import os
import zlib
from dataclasses import asdict
from pathlib import Path

from data_contracts.ports import ObjectStore
from pipelines.parsing.scanner.standing import standing_scanner
from pipelines.validation.check import Engine
from pipelines.validation.compiled.engine import CompiledJudge, Difference, Road
from pipelines.validation.proved_schemas import automaton
from pipelines.validation.saxon import SaxonJudge
from pipelines.validation.watched_scanner import ReadingDifference, WatchedScanner

ALARMS = "alarms/"
log = logging.getLogger("relais.validation")

SLOW_ROAD = Engine(None, SaxonJudge())
"""libxml2 and the official engine: what they say is the measure of the other."""


def standing_engine(cache_dir: Path, store: ObjectStore) -> Engine:
    """The engine for the next batch: the fast one, or the slow road alone while an alarm lies in the store.

    Shape    `cache_dir` keeps compiled rule files between processes; it must be writable by this user alone.
    Cost     a listing of an empty prefix; plans and stylesheets are kept by the process.
    """
    if next(iter(store.keys(ALARMS)), None) is not None:
        log.warning("fast_road.shut cause=alarm remedy=look at the objects under %s, then clear them", ALARMS)
        return SLOW_ROAD
    key = (os.getpid(), cache_dir)
    if key not in _KEPT:
        # Neighbouring process ids must not sample, or skip, all together.
        phase = zlib.crc32(str(os.getpid()).encode())
        alarm = _Alarm(store)
        scanner = WatchedScanner(standing_scanner(automaton(cache_dir)), alarm.of_reading, phase=phase)
        _KEPT[key] = Engine(scanner, CompiledJudge(cache_dir, alarm.of_rules, phase=phase, road=Road()))
    return _KEPT[key]


_KEPT: dict[tuple[int, Path], Engine] = {}
"""One engine a process: its plans are dear to make, and the official engine behind it does not survive a fork."""


class _Alarm:
    """Leaves the evidence of a difference in the store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def of_rules(self, difference: Difference) -> None:
        log.critical("rules.differ rule_set=%s evidence=%s", difference.rule_set, self._kept(asdict(difference)))

    def of_reading(self, difference: ReadingDifference) -> None:
        log.critical("reading.differs sha256=%s evidence=%s", difference.sha256, self._kept(asdict(difference)))

    def _kept(self, evidence: dict[str, object]) -> str:
        text = json.dumps(evidence, ensure_ascii=False, indent=1, sort_keys=True)
        return self._store.put_by_hash(ALARMS.rstrip("/"), io.BytesIO(text.encode())).key
