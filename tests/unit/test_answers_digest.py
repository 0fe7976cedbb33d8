"""The digest beside a pivot: the same invoices in the same order, in CSV and in Parquet, for those who subscribe."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from lxml import etree

from connectors.registers import read_partners
from data_contracts.answers import Header, Resend
from data_contracts.digest import DIGEST
from data_contracts.envelope import EnvelopeName
from data_contracts.errors import ConfigurationError
from data_contracts.interfaces import CATALOGUE, DIGESTS, OURS, Direction, Syntax
from data_contracts.partners import RELAIS_CODE, Partner, Partners
from data_contracts.tables import Outcome
from pipelines.delivery.digest import DIGEST_WRITERS, Digested
from pipelines.routing.route import Route
from pipelines.settlement import drafts
from pipelines.settlement.acceptance import Decision, Judged, VerdictRow
from tests.unit.answer_values import header
from tests.unit.rows import flow, invoice

DOC = Path(__file__).parents[2] / "docs" / "digest.md"
ODD = invoice(
    number="F;2", seller_name='=Dupont "et" fils\n', iban="FR76 3000", net_amount=Decimal("-0.12345678"),
    gross_amount=Decimal("100.00000000"), payable_amount=Decimal("0E-8"), due_date=date(2026, 12, 1), type_code="381",
)  # fmt: skip
ROWS = [
    Digested(invoice(), "Comptabilité", date(2026, 11, 20), "application/xml", None),
    Digested(ODD, "", date(2026, 11, 20), "application/pdf", Resend.RECYCLED),
]


def _written(syntax: Syntax) -> bytes:
    return b"".join(DIGEST_WRITERS[syntax](header("FEN9020A"), ROWS))


def test_csv_reads_back_as_it_was_written() -> None:
    first, second = csv.DictReader(io.StringIO(_written(Syntax.CSV).decode(), newline=""), delimiter=";")
    assert list(first) == DIGEST.names
    assert (first["number"], first["issue_date"], first["vat_amount"]) == ("F2026-1", "2026-11-02", "20.00")
    assert (first["service_name"], first["resend"], first["iban"]) == ("Comptabilité", "", "")
    assert first["original"] == "FAC55208131766522F2026-1.xml"
    assert (second["number"], second["seller_name"]) == ("F;2", '=Dupont "et" fils\n')
    assert (second["type"], second["resend"], second["iban"]) == ("381", "Recyclée", "FR763000")
    assert (second["net_amount"], second["payable_amount"]) == ("-0.123457", "0.00")
    assert _written(Syntax.CSV) == _written(Syntax.CSV)


def test_parquet_has_the_types_of_the_contract() -> None:
    table = pq.read_table(io.BytesIO(_written(Syntax.PARQUET)))
    assert table.schema == DIGEST
    assert table.column("net_amount").to_pylist() == [Decimal("100.00000000"), Decimal("-0.12345678")]
    assert table.column("due_date").to_pylist() == [None, date(2026, 12, 1)]
    assert _written(Syntax.PARQUET) == _written(Syntax.PARQUET)


def test_a_recipient_gets_the_digests_that_it_subscribes_to_beside_each_pivot() -> None:
    verdict = VerdictRow(flow_key="f", position=0, verdict="valid", xsd_valid=True, rule_sets=[], cause=None)
    decisions = [
        Decision(
            Judged(invoice(position=at, number=f"F{at}"), verdict, (), (), ()), Outcome.ACCEPTED, "", "", "",
            Route(code, "", "", ()), (),
        )
        for at, code in enumerate(["ETA001", "CHU001", "ETA001"])
    ]  # fmt: skip
    partners = Partners({"ETA001": Partner("ETA001", "État", frozenset(DIGESTS))})
    made = drafts.diffusions(flow(), decisions, [9, 9, 9], lambda position: b"<a/>", partners)
    assert [draft.slot[:2] for draft in made] == [
        ("FEN0036A", "CHU001"), ("FEN0036A", "ETA001"), ("FEN9020A", "ETA001"), ("FEN9021A", "ETA001"),
    ]  # fmt: skip
    told = header("FEN9020A")
    pivot, in_csv = (b"".join(made[at].written(told)) for at in (1, 2))
    numbers = [element.text for element in etree.fromstring(pivot).findall(".//DonneesFacture/Id")]
    assert [row["number"] for row in csv.DictReader(io.StringIO(in_csv.decode()), delimiter=";")] == numbers
    assert numbers == ["F0", "F2"]
    assert [draft.slot[0] for draft in drafts.diffusions(flow(), decisions, [9, 9, 9], lambda at: b"<a/>")] == [
        "FEN0036A"
    ] * 2


def test_the_codes_are_ours_and_only_sent() -> None:
    for code in DIGESTS:
        row = CATALOGUE[code]
        assert (row.source, row.direction) == (OURS, Direction.OUT)
        assert len(str(EnvelopeName(code, "ETA001", RELAIS_CODE, 1))) == 41
        assert replace(row, code="") and Header(EnvelopeName(code, "ETA001", RELAIS_CODE, 1), flow().received_at)


def test_a_register_may_name_them(tmp_path: Path) -> None:
    register = tmp_path / "partners.csv"
    register.write_text("code,name,interfaces,active,weight\nETA001,État,FEN9020A FEN9021A,true,1\n", encoding="utf-8")
    assert read_partners(register).rows["ETA001"].interfaces == frozenset(DIGESTS)
    register.write_text("code,name,interfaces,active,weight\nETA001,État,FEN0036A,true,1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError):
        read_partners(register)


def test_every_column_is_documented() -> None:
    rows = re.findall(r"^\| (\w+) \| (yes|no) \| .+ \|$", DOC.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(field.name, "yes" if field.nullable else "no") for field in DIGEST]
