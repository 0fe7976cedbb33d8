"""Variants of mixed documents that no sample has: other invoices, other prefixes, other spelling; all say the same."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_contracts.interfaces import CATALOGUE, Circuit, Syntax
from data_contracts.rule_sets import INSTALLED_RULES
from pipelines.parsing.attachments import attachments_of
from pipelines.parsing.documents import Document
from pipelines.parsing.scanner.standing import standing_scanner
from pipelines.validation.check import Engine, checked, demand_of
from pipelines.validation.proved_schemas import automaton
from relais.samples.billers import BUILDER, CATERER, UTILITY
from relais.samples.invoices import CREDIT_NOTE, Invoice, composed
from relais.samples.mixed_writer import mixed_bytes
from tests.unit.mixed_documents import NotAsked

MIXED = sorted(code for code, row in CATALOGUE.items() if row.mixed)
FRAMES = {"E2": ("A1", "A2", "A9", "A12"), "E3": ("A3",), "E5": ("A4", "A10", "A13", "A22", "A25")}


@cache
def engine(cache_dir: Path) -> Engine:
    return Engine(standing_scanner(automaton(cache_dir)), NotAsked())


@pytest.fixture(scope="module")
def both_roads(tmp_path_factory: pytest.TempPathFactory) -> tuple[Engine, Engine]:
    return engine(tmp_path_factory.mktemp("automaton")), Engine(None, NotAsked())


def respelled(document: str, data: st.DataObject) -> str:
    """The same document in other characters: prefixes, quotes, line ends, base64 over several lines, comments."""
    if data.draw(st.booleans()):
        for prefix in ("cbc", "cac", "cec", "ram", "rsm", "udt"):
            document = re.sub(rf"(</?|xmlns:){prefix}(?=[:=])", rf"\1n{prefix}", document)
    if data.draw(st.booleans()):
        document = document.replace("\n", "\r\n")
    if data.draw(st.booleans()):
        document = re.sub(r">(UEsD[^<]+)<", lambda m: ">\n" + "\n".join(re.findall(".{1,76}", m[1])) + "\n<", document)
    if data.draw(st.booleans()):
        document = document.replace("</", "<!-- note --></", 1)
    if data.draw(st.booleans()):
        document = document.replace('<?xml version="1.0" encoding="UTF-8"?>', '<?xml-stylesheet href="a.xsl"?>')
    return document.lstrip()


def drawn(code: str, data: st.DataObject) -> Invoice:
    biller = data.draw(st.sampled_from([BUILDER, CATERER, UTILITY]))
    invoice = composed(biller, data.draw(st.integers(1, 9_999)), Circuit.CHORUS_PRO, data.draw(st.integers(1, 99)))
    invoice = replace(invoice, frame=data.draw(st.sampled_from(FRAMES[CATALOGUE[code].family])))
    if data.draw(st.booleans()):
        invoice = replace(invoice, type_code=CREDIT_NOTE, preceding=("ORIGINE-1", date(2026, 9, 1)))
    return invoice


@pytest.mark.parametrize("code", MIXED)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_variant_is_valid_and_says_what_was_meant(
    both_roads: tuple[Engine, Engine], code: str, data: st.DataObject
) -> None:
    interface = CATALOGUE[code]
    invoice = drawn(code, data)
    document = respelled(mixed_bytes(invoice, interface.syntax).decode(), data).encode()
    demand = demand_of(interface, INSTALLED_RULES, date(2026, 11, 20))
    rows = []
    for road in both_roads:
        found = checked([(Document("f", 0, "n", document, ""), demand)], road, lambda step: None)
        assert (found.findings, found.verdicts[0]["verdict"]) == ([[]], "valid")
        rows.append(found.invoices.to_pylist()[0])
    assert rows[0] == rows[1]
    row, totals = rows[0], invoice.totals
    assert (row["number"], row["issue_date"], row["type_code"]) == (
        invoice.number,
        invoice.issue_date,
        invoice.type_code,
    )
    assert (row["frame"], row["currency"], row["contract"]) == (invoice.frame, "EUR", invoice.contract)
    assert (row["service_code"], row["engagement"]) == (invoice.service_code, invoice.engagement)
    assert (row["seller_id"], row["seller_id_type"], row["seller_name"]) == (
        invoice.seller.siret,
        "1",
        invoice.seller.name,
    )
    assert (row["buyer_siret"], row["seller_country"]) == (invoice.buyer.siret, "FR")
    assert row["preceding_number"] == (invoice.preceding[0] if invoice.preceding else None)
    amounts = tuple(map(Decimal, (totals.net, totals.gross, totals.payable)))
    assert (row["net_amount"], row["gross_amount"], row["payable_amount"]) == amounts
    (attachment,) = attachments_of(document, interface.syntax)
    assert attachment.media_type == "application/pdf" and attachment.name == f"FAC{invoice.number}.pdf"
    assert interface.syntax is not Syntax.FACTURX
