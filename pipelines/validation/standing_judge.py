"""The judge that stands ready in a worker: compiled rules, with the official engine behind them and an alarm.

An alarm is an object in the store. While one lies there, every worker judges by the official engine alone: whoever
clears it has looked at the difference first.
"""

from __future__ import annotations

import io
import json
import logging
import os
import zlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from data_contracts.ports import ObjectStore
from pipelines.validation.compiled.engine import CompiledJudge, Difference, Road
from pipelines.validation.judge import BatchJudge
from pipelines.validation.saxon import SaxonJudge

ALARMS = "alarms/"
log = logging.getLogger("relais.validation")


def standing_judge(cache_dir: Path, store: ObjectStore) -> BatchJudge:
    """The judge for the next batch: the compiled one, or the official engine alone while an alarm lies in the store.

    Shape    `cache_dir` keeps compiled rule files between processes; it must be writable by this user alone.
    Cost     a listing of an empty prefix; plans and stylesheets are kept by the process.
    """
    if next(iter(store.keys(ALARMS)), None) is not None:
        log.warning("rules.compiled_off cause=alarm remedy=look at the objects under %s, then clear them", ALARMS)
        return SaxonJudge()
    key = (os.getpid(), cache_dir)
    if key not in _KEPT:
        # Neighbouring process ids must not sample, or skip, all together.
        phase = zlib.crc32(str(os.getpid()).encode())
        _KEPT[key] = CompiledJudge(cache_dir, _sounded(store), phase=phase, road=Road())
    return _KEPT[key]


_KEPT: dict[tuple[int, Path], CompiledJudge] = {}
"""One judge a process: its plans are dear to make, and the official engine behind it does not survive a fork."""


def _sounded(store: ObjectStore) -> Callable[[Difference], None]:
    def sounded(difference: Difference) -> None:
        text = json.dumps(asdict(difference), ensure_ascii=False, indent=1, sort_keys=True)
        stored = store.put_by_hash(ALARMS.rstrip("/"), io.BytesIO(text.encode()))
        log.critical("rules.differ rule_set=%s evidence=%s", difference.rule_set, stored.key)

    return sounded
