"""What each hostile case costs: `python -m tests.hostile.measured [WORDS]` measures those whose name holds the words.

Each case is refused in a process of its own: peak memory of the whole process, interpreter and libraries included, and
processor time from the bytes in hand to the refusal. Without native scanner, documents are read by Python and libxml2.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pipelines.validation.proved_schemas import automaton
from tests.hostile.flow_cases import FLOW_CASES
from tests.hostile.large_cases import large_cases, unplain_cases
from tests.hostile.pdf_cases import PDF_CASES
from tests.hostile.xml_cases import XML_CASES

MEGABYTES_MAX = 300
SECONDS_MAX = 2.0
LARGE_CASES = (*large_cases(), *unplain_cases())
CASES = {f"{case.road.value}: {case.name}": case for case in (*FLOW_CASES, *XML_CASES, *PDF_CASES, *LARGE_CASES)}


def measured(name: str, cache: Path) -> bool:
    """Whether a case is refused as it should, within the limits. Its line is printed."""
    case = CASES[name]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "case"
        file.write_bytes(case.build())
        size = file.stat().st_size
        command = [sys.executable, "-m", "tests.hostile.refused_alone", case.road.value, str(file), str(cache)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "TMPDIR": folder})
    if ran.returncode:
        print(f"{name[:52]:52} {size / 1e6:8.1f}  {ran.stderr.strip().splitlines()[-1][:90]}", flush=True)
        return False
    told = json.loads(ran.stdout)
    megabytes = told["bytes"] / 1e6
    right = told["motive"] == case.motive and case.said in told["said"]
    within = right and megabytes < MEGABYTES_MAX and told["seconds"] < SECONDS_MAX
    figures = f"{size / 1e6:8.1f} {megabytes:8.0f} {told['seconds']:8.2f}"
    print(f"{name[:52]:52} {figures}  {told['motive']:12} {'' if within else 'BEYOND'}".rstrip(), flush=True)
    return bool(within)


def main(words: str) -> int:
    print(f"{'case':52} {'MB sent':>8} {'MB peak':>8} {'seconds':>8}  refused as")
    with tempfile.TemporaryDirectory() as cache:
        # Workers find the schemas' automaton made already.
        automaton(Path(cache))
        within = [measured(name, Path(cache)) for name in CASES if words in name]
    print(
        f"{len(within)} cases, {within.count(False)} beyond {MEGABYTES_MAX} MB or {SECONDS_MAX:g} s, or refused wrongly"
    )
    return int(not all(within))


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
