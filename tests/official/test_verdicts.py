"""Verdicts on public invoices are the official ones: same rule ids, same counts, same crashes.

The samples are EN 16931 documents with what the CEN release 1.3.16 says of each. Their recorded schema verdicts of CII
documents are those of D16B, while this house checks D22B, so only those of UBL are compared.
"""

from __future__ import annotations

import json
import random
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from data_contracts import rule_sets
from data_contracts.refusals import DocumentUnreadable
from pipelines.parsing.path_tables import shared_paths
from pipelines.parsing.tree_tables import shredded
from pipelines.parsing.xml_gate import gated
from pipelines.validation import explain
from pipelines.validation.places import Places
from pipelines.validation.saxon import SaxonJudge
from pipelines.validation.schema import schema_verdict

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples" / "en16931"
SEED = 20261122
EACH = 60

RULES = {
    "ubl-invoice": (rule_sets.EN16931_UBL, rule_sets.UBL_INVOICE_XSD),
    "ubl-creditnote": (rule_sets.EN16931_UBL, rule_sets.UBL_CREDIT_NOTE_XSD),
    "cii": (rule_sets.EN16931_CII, rule_sets.CII_XSD),
}


@pytest.fixture(scope="module")
def sample() -> list[tuple[dict[str, Any], bytes]]:
    if not (SAMPLES / "verdicts.jsonl").is_file():
        pytest.skip("official samples of EN 16931 are not beside the checkout")
    recorded = [json.loads(line) for line in (SAMPLES / "verdicts.jsonl").read_text("utf-8").splitlines()]
    chosen: dict[str, dict[str, Any]] = {}
    for syntax in ("ubl", "cii"):
        rows = [row for row in recorded if row["syntax"].startswith(syntax)]
        crashed = [row for row in rows if row.get("crashed")]
        for row in [*random.Random(SEED).sample(rows, EACH), *crashed]:
            chosen[row["path"]] = row
    found = []
    with tarfile.open(SAMPLES / "invoices.tar.xz") as archive:
        for member in archive:
            row = chosen.get(member.name.removeprefix("./"))
            if row is not None and (file := archive.extractfile(member)) is not None:
                found.append((row, file.read()))
    assert len(found) == len(chosen)
    return found


def test_rule_ids_and_counts_are_the_official_ones(sample: list[tuple[dict[str, Any], bytes]]) -> None:
    judge = SaxonJudge()
    differing = []
    placed = unplaced = 0
    for row, data in sample:
        try:
            places = Places(gated(data).getroot())
        except DocumentUnreadable as refusal:
            differing.append((row["path"], str(refusal)))
            continue
        rule_set, schema = RULES[row["syntax"]]
        judgment = judge.judge(etree.tostring(places.root, encoding="unicode").encode(), rule_set)
        hits = Counter((hit.flag, hit.rule) for hit in judgment.hits)
        official = Counter(
            {(flag, rule): count for flag in ("fatal", "warning") for rule, count in (row[flag] or {}).items()}
        )
        if hits != official or (judgment.crashed is not None) != bool(row.get("crashed")):
            differing.append((row["path"], f"{hits - official} too many, {official - hits} missing"))
        if row["syntax"] != "cii" and schema_verdict("f", 0, places, schema, data).valid != row["xsd_valid"]:
            differing.append((row["path"], f"schema verdict is not {row['xsd_valid']}"))
        tables = shredded([places.root.getroottree()], shared_paths())
        for finding in explain.explained(tables, [("f", 0)], rule_set, [judgment])[0]:
            placed += finding["line"] is not None
            unplaced += finding["line"] is None
            assert finding["message_fr"]
            assert finding["message_en"]
    assert differing == []
    assert placed > 100
    assert unplaced == 0
