"""What `infra.fairness` drops and how it counts: flows of the sizes asked for, no invoice twice, exact percentiles."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from rich.console import Console

from infra.fairness import FLOOD_CODE, Load, percentile, written


def test_the_flood_and_the_others_are_of_the_sizes_asked_for_and_share_no_invoice(tmp_path: Path) -> None:
    load = Load(flood=6, others=3, each=2, flow_invoices=3)
    for _ in range(2):
        flood, others = written(load, tmp_path, Console(quiet=True))
    contents: list[bytes] = []
    for folder, flows, members in ((flood, 2, 3), (others, 3, 2)):
        paths = sorted(folder.iterdir())
        assert len(paths) == flows
        for path in paths:
            with tarfile.open(path) as archive:
                found = [archive.extractfile(member).read() for member in archive]  # type: ignore[union-attr]
            assert len(found) == members
            contents += found
    numbers = {content.partition(b"<cbc:ID>")[2].partition(b"<")[0] for content in contents}
    assert len(numbers) == len(contents) == 12
    codes = {path.name.split("_")[1] for path in others.iterdir()}
    assert codes == {"OTH001", "OTH002", "OTH003"}
    assert min(codes) > FLOOD_CODE


@pytest.mark.parametrize(
    ("count", "share", "expected"), [(200, 99, 198.0), (200, 50, 100.0), (1, 99, 1.0), (10, 99, 10.0), (3, 50, 2.0)]
)
def test_a_percentile_is_one_of_the_values(count: int, share: int, expected: float) -> None:
    assert percentile([float(n) for n in range(1, count + 1)], share) == expected
