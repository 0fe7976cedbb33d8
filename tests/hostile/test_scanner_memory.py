"""The native scanner under AddressSanitizer and UndefinedBehaviorSanitizer: on mutants, cut documents, without memory.

The sources are compiled anew for it; without gcc and its sanitizers the test is skipped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "pipelines" / "parsing" / "scanner" / "native"
FLAGS = ("-g", "-O1", "-std=c11", "-fPIC", "-shared", "-fvisibility=hidden", "-fsanitize=address,undefined")
STRICT = ("-fno-sanitize-recover=all", "-Wall", "-Wextra", "-Werror")
WRAPPED = ("-Wl,--wrap=malloc", "-Wl,--wrap=calloc", "-Wl,--wrap=realloc")
MUTANTS = 3_000


def _runtime(name: str) -> str | None:
    """Where gcc keeps a library that a sanitizer needs."""
    told = subprocess.run(
        ["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True
    ).stdout.strip()
    return told if Path(told).is_absolute() else None


def test_no_byte_is_touched_that_may_not_be_and_missing_memory_is_survived(tmp_path: Path) -> None:
    if sys.platform != "linux" or shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    runtimes = [_runtime("libasan.so"), _runtime("libubsan.so")]
    if None in runtimes:
        pytest.skip("gcc has no sanitizers here")
    library = tmp_path / "scanner.so"
    files = [*sorted(SOURCES.glob("*.c")), Path(__file__).with_name("failing_memory.c")]
    subprocess.run(["gcc", *FLAGS, *STRICT, *WRAPPED, "-o", str(library), *map(str, files)], check=True)
    environment = {
        **os.environ,
        "LD_PRELOAD": " ".join(str(path) for path in runtimes),
        # Python itself does not give all memory back at its end.
        "ASAN_OPTIONS": "detect_leaks=0",
    }
    command = [sys.executable, "-m", "tests.hostile.scanner_memory", str(library), str(MUTANTS), "11"]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-4000:]
    told = re.fullmatch(r"cases=(\d+) statuses=\[(\d+), (\d+), (\d+)\] refused=(\d+)\n", ran.stdout)
    assert told is not None, ran.stdout
    cases, unread, read, proved, refused = (int(number) for number in told.groups())
    assert cases > MUTANTS
    assert cases == unread + read + proved
    assert min(unread, read, proved, refused) > 20
