"""The gate on a day: passes what is sound, names what is not, and its pages need no network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from lxml import html

from data_contracts.expectations import day_suite
from pipelines.reconciliation.gate import gate
from pipelines.reconciliation.offline import made_offline
from tests.unit.rows import invoice

# Great Expectations and pandas warn of their own futures; ours is the verdict.
pytestmark = pytest.mark.filterwarnings("ignore")


def row(position: int, **changes: Any) -> dict[str, Any]:
    facts: dict[str, Any] = dict(invoice(position=position, number=f"F-{position}"))
    facts.update(
        verdict="valid", xsd_valid=True, rule_sets=["x"], cause=None, outcome="accepted", motive=None,
        partner_code="VIL001", circuit="chorus_pro", finding_count=0, issue_year=2026, seller_key="552081317",
    )  # fmt: skip
    return {**facts, **changes}


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), infer_schema_length=None)


SOUND = (row(0), row(1), row(2, outcome="rejected", motive="DOUBLON", finding_count=1, partner_code=None))


def test_a_sound_day_passes_and_its_pages_load_nothing_from_outside(tmp_path: Path) -> None:
    result = gate(table(*SOUND), day_suite(3), tmp_path)
    assert result.passed, result.broken
    pages = sorted(result.index_page.parent.rglob("*.html"))
    assert len(pages) >= 3
    for page in pages:
        document = html.document_fromstring(page.read_bytes())
        assert not document.xpath("//script")
        outside = [
            target for target in document.xpath("//@src | //@href") if target.startswith(("http://", "https://", "//"))
        ]
        assert outside == [], page
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert "A rejection has a motive." in text


@pytest.mark.parametrize(
    ("rows", "received", "broken"),
    [
        (SOUND, 4, "Received = accepted + rejected + quarantined"),
        ((row(0), row(0)), 2, "No invoice has two rows"),
        ((row(0, outcome="lost"),), 1, "Every invoice is accepted, rejected or quarantined"),
        ((row(0), row(1, outcome="rejected", finding_count=1)), 2, "A rejection has a motive"),
        ((row(0), row(1, outcome="rejected", motive="DOUBLON")), 2, "explained by at least one finding"),
        ((row(0), row(1, number="F-0")), 2, "No two accepted invoices share"),
        ((row(0, xsd_valid=False),), 1, "No invoice is accepted with a schema error"),
        ((row(0, partner_code=None), row(1)), 2, "An accepted invoice has its partner_code"),
    ],
)
def test_an_unsound_day_is_named(rows: tuple[dict[str, Any], ...], received: int, broken: str, tmp_path: Path) -> None:
    result = gate(table(*rows), day_suite(received), tmp_path)
    assert not result.passed
    assert any(broken in told for told in result.broken), result.broken


def test_only_outside_references_are_taken_out(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text(
        '<html><head><link href="//cdn/x.css"><link href="static/mine.css"></head><body><img src="https://h/logo.png">'
        '<a href="https://docs">words</a><a href="other.html">other</a><script>x()</script></body></html>'
    )
    assert made_offline(tmp_path) == 1
    text = page.read_text()
    assert "words" in text
    assert "other.html" in text
    assert "static/mine.css" in text
    for gone in ("cdn", "https://", "<script"):
        assert gone not in text
