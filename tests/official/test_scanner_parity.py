"""Scanners say nothing that the gate, libxml2's schemas and the shredder of trees would not say: on all official
samples, and on mutants of them."""

from __future__ import annotations

import io
import random
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.scanner_oracle import SCANNERS, Findings, automaton, held_against
from tests.unit.xml_mutants import mutant

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"
SEED = 20261122
BATCH = 200
SAMPLES_EACH = 6
"""One sample in so many is looked at: all of them take a minute."""

PROVED_SHARE = 0.9
"""Of the valid samples: what is not proved pays for libxml2."""

MUTANTS = 1_000


def _documents(name: str, data: bytes) -> Iterator[bytes]:
    if name.endswith((".tar.gz", ".tar.xz")):
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isfile() else None
                if file is not None:
                    yield from _documents(member.name, file.read())
    elif name.endswith(".xml"):
        yield data


@pytest.fixture(scope="module")
def samples() -> list[bytes]:
    if not SAMPLES.is_dir():
        pytest.skip("official samples are not beside the checkout")
    files = sorted(path for path in SAMPLES.rglob("*") if path.is_file())
    return [data for path in files for data in _documents(path.name, path.read_bytes())]


@pytest.mark.parametrize("name", sorted(SCANNERS))
def test_on_official_samples(name: str, samples: list[bytes]) -> None:
    scanner, findings = SCANNERS[name](automaton()), Findings()
    chosen = samples[::SAMPLES_EACH]
    for start in range(0, len(chosen), BATCH):
        held_against(scanner, chosen[start : start + BATCH], findings)
    assert [what for what, _ in findings.wrong] == []
    counts = findings.counts
    proved, valid = counts["PROVED", "valid"], sum(n for (_, said), n in counts.items() if said == "valid")
    assert proved > PROVED_SHARE * valid > 300
    assert sum(number for (status, _), number in counts.items() if status == "UNREAD") < len(chosen) // 50


@pytest.mark.parametrize("name", sorted(SCANNERS))
def test_on_mutants_of_samples(name: str, samples: list[bytes]) -> None:
    scanner, findings, chance = SCANNERS[name](automaton()), Findings(), random.Random(SEED)
    seeds = chance.sample([data for data in samples if len(data) < 9_000], 40)
    for _ in range(MUTANTS // 50):
        seed = chance.choice(seeds)
        held_against(scanner, [mutant(seed, chance) for _ in range(50)], findings)
    assert findings.wrong == []
    assert findings.counts["PROVED", "valid"] > MUTANTS // 20
    assert findings.counts["READ", "invalid"] > MUTANTS // 20
    assert findings.counts["UNREAD", "refused IRR_SYNTAX"] > MUTANTS // 5
