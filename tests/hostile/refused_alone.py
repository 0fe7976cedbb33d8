"""One hostile case alone in a process, for `tests.hostile.measured`: it imports what refuses, and no more."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from pipelines.parsing.scanner.standing import standing_scanner
from pipelines.validation.proved_schemas import automaton
from tests.hostile.case import Road
from tests.hostile.refusing import told_of_documents, told_of_flow


def peak_bytes() -> int:
    """The most memory that this process had in use, since it began to run this program."""
    status = Path("/proc/self/status")
    if status.exists():
        # Unlike the resource usage, this does not count the process that started us.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(road: Road, file: Path, cache: Path) -> None:
    """Refuses one case, whose bytes lie in the file, and prints what was said and the figures."""
    if road is Road.FLOW:
        began = time.process_time()
        with file.open("rb") as dropped:
            motive, said = told_of_flow(dropped, file.parent / "store")
    else:
        scanner = standing_scanner(automaton(cache))
        data = file.read_bytes()
        began = time.process_time()
        ((motive, _, said),) = told_of_documents([(road, data)], scanner)
    seconds = time.process_time() - began
    print(json.dumps({"motive": motive, "said": said, "seconds": seconds, "bytes": peak_bytes()}))


if __name__ == "__main__":
    main(Road(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
