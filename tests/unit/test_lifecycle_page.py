"""docs/lifecycle.md says what the tables say."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from data_contracts.motives import MOTIVES, REASONS_B2G, REASONS_BY_STATUS, Scope
from data_contracts.statuses import TABLES, StatusFormat
from pipelines.tracking.fold import PHASES
from pipelines.tracking.rights import SETTERS
from pipelines.tracking.translation import TO_PLATFORM, TO_RECIPIENT, TO_SUPPLIER, Row

PAGE = Path(__file__).parents[2] / "docs" / "lifecycle.md"
_TABLES = (("CPPStatut", StatusFormat.CPP_INVOICE), ("CDAR", StatusFormat.CDAR_INVOICE))


def code_rows() -> list[str]:
    rows = []
    for name, format in _TABLES:
        for code, row in TABLES[format].items():
            who = ", ".join(sorted(actor.value for actor in SETTERS[format][code]))
            phase = PHASES[format].get(code)
            motive = "yes" if row.motive_required else ""
            rows.append(
                f"| {name} {code} | {row.label_fr} | {row.label_en} | {who} | {phase or 'unchanged'} | {motive} |"
            )
    return rows


def translation_rows() -> list[str]:
    rows = []
    for title, table in (("platform", TO_PLATFORM), ("supplier", TO_SUPPLIER), ("recipient", TO_RECIPIENT)):
        rows += [f"| {title} | {code} | {_into(row)} | {row.source} |" for code, row in table.items()]
    return rows


def _into(row: Row) -> str:
    parts = [row.code]
    if row.default:
        parts.append(f"motive {row.default} where none fits")
    if row.told:
        parts.append("the comment tells which")
    return ", ".join(parts)


def motive_rows() -> list[str]:
    rows = [f"| {code} | {', '.join(sorted(motives))} |" for code, motives in sorted(REASONS_BY_STATUS.items())]
    more = ", ".join(sorted(REASONS_B2G - REASONS_BY_STATUS["210"]))
    return [*rows, f"| 210 from Chorus Pro, besides | {more} |"]


def test_the_page_holds_every_row_and_none_besides() -> None:
    lines = PAGE.read_text("utf-8").splitlines()
    told = [line for line in lines if line.startswith("| ")]
    expected = [*code_rows(), *motive_rows(), *translation_rows()]
    heads = [line for line, after in pairwise(lines) if after.startswith("| ---")]
    assert [line for line in told if line not in heads and not line.startswith("| ---")] == expected


def test_the_page_counts_motives_right() -> None:
    page = PAGE.read_text("utf-8")
    recipients = sum(motive.scope is Scope.PROCESSING for motive in MOTIVES.values())
    assert f"{len(MOTIVES)} motives" in page and f"{recipients} of them" in page
