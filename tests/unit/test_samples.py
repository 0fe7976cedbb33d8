"""The samples: same arguments, same bytes; what is written is what expected.json says."""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
import zipfile
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pypdf import PdfReader

from connectors.registers import read_directory, read_partners
from data_contracts.envelope import ENVELOPE_NAME_CHARACTERS, parsed
from data_contracts.errors import ConfigurationError
from data_contracts.interfaces import CATALOGUE, Syntax
from data_contracts.motives import MOTIVES
from data_contracts.partners import PORTAL_CODE
from data_contracts.refusals import FlowRefused
from relais.samples.draws import Draws
from relais.samples.flows import Packing, planned
from relais.samples.generator import write_samples
from relais.samples.identifiers import french_iban, luhn_holds, siren, siret
from relais.samples.recipients import RECIPIENTS, STATE_SIRET, UNKNOWN_SIRET, directory
from relais.samples.registers import partners as register_of_partners

INVOICES = 1600


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample")
    write_samples(out, invoices=INVOICES)
    return out


@pytest.fixture(scope="module")
def expected(sample: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((sample / "expected.json").read_text(encoding="utf-8"))
    return document


def members(data: bytes, name: str) -> dict[str, bytes]:
    if data[:2] == b"\x1f\x8b":
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
            return {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.testzip() is None
            return {member: archive.read(member) for member in archive.namelist()}
    return {name: data}


def test_same_arguments_write_the_same_bytes(tmp_path: Path) -> None:
    summaries = [write_samples(tmp_path / name, invoices=160, seed=7) for name in ("one", "two")]
    assert summaries[0] == summaries[1]
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_another_seed_writes_other_invoices_in_the_same_flows(tmp_path: Path) -> None:
    write_samples(tmp_path / "one", invoices=100, seed=1)
    write_samples(tmp_path / "two", invoices=100, seed=2)
    one, two = content(tmp_path / "one"), content(tmp_path / "two")
    assert one.keys() == two.keys()
    changed = [name for name in one if name.startswith("flows/") and one[name] == two[name]]
    assert changed == []


def test_the_summary_counts_what_expected_json_counts(tmp_path: Path) -> None:
    told: list[int] = []
    summary = write_samples(tmp_path, invoices=137, progress=told.append)
    totals = json.loads((tmp_path / "expected.json").read_text(encoding="utf-8"))["totals"]
    assert summary.invoices == totals["received"] == sum(told) == 137
    assert (summary.flows, summary.flows_refused) == (totals["flows"], totals["flows_refused"])
    assert summary.rejected == totals["rejected"]
    assert summary.size_bytes == sum(path.stat().st_size for path in (tmp_path / "flows").iterdir())


def test_too_few_invoices_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="100"):
        write_samples(tmp_path / "out", invoices=99)
    assert not (tmp_path / "out").exists()


@given(st.integers(100, 30_000))
@settings(max_examples=60, deadline=None)
def test_plans_add_up_and_respect_the_limits_of_each_interface(invoices: int) -> None:
    plan = planned(invoices)
    assert sum(flow.count for flow in plan if not flow.refused) == invoices
    assert len({flow.name for flow in plan}) == len(plan)
    for flow in plan:
        row = CATALOGUE.get(flow.interface_code)
        assert flow.count >= 1 and (row is None or flow.count <= row.invoices_max)
        # A share of a flow keeps its first place faultless, so that something can be repeated.
        assert flow.packing is Packing.SINGLE or flow.bad * 2 <= flow.count or (flow.repeats_first and flow.bad == 1)


def test_the_first_historical_flow_has_500_invoices_of_which_25_are_rejected(expected: dict[str, Any]) -> None:
    flow = expected["flows"][0]
    assert flow["interface"] == "FSO1100A"
    assert (flow["received"], flow["accepted"], flow["rejected"]) == (500, 475, 25)
    assert flow["acknowledgment_code"] == "96"
    wrong = [invoice for invoice in flow["invoices"] if invoice["outcome"] == "rejected"]
    assert len(wrong) == 25
    assert len({invoice["fault"] for invoice in wrong}) >= 15


@pytest.mark.parametrize("invoices", [1394, 2714])
def test_a_last_flow_of_few_invoices_is_written_all_the_same(tmp_path: Path, invoices: int) -> None:
    assert write_samples(tmp_path, invoices=invoices).invoices == invoices


def test_about_one_invoice_in_twenty_is_wrong() -> None:
    counts = [(flow.count, flow.bad) for flow in planned(5000) if not flow.refused]
    bad = sum(bad for _, bad in counts)
    assert 0.04 < bad / 5000 < 0.06


def test_every_flow_holds_the_members_that_are_expected_in_that_order(sample: Path, expected: dict[str, Any]) -> None:
    names = {flow["name"] for flow in expected["flows"]}
    assert names == {path.name for path in (sample / "flows").iterdir()}
    for flow in expected["flows"]:
        assert len(flow["name"]) == ENVELOPE_NAME_CHARACTERS
        if flow["refused"]:
            assert flow["invoices"] == []
            continue
        found = members((sample / "flows" / flow["name"]).read_bytes(), flow["name"])
        assert list(found) == [invoice["member_name"] for invoice in flow["invoices"]]
        assert [invoice["position"] for invoice in flow["invoices"]] == list(range(len(found)))


def test_documents_carry_the_number_that_is_expected(sample: Path, expected: dict[str, Any]) -> None:
    number = re.compile(rb"<(?:(?:cbc|ram):ID|Id)>([A-Z]{3}-2026-[^<]+)</")
    for flow in expected["flows"]:
        if flow["refused"] or CATALOGUE[flow["interface"]].syntax is Syntax.FACTURX:
            continue
        found = members((sample / "flows" / flow["name"]).read_bytes(), flow["name"])
        for invoice, document in zip(flow["invoices"], found.values(), strict=True):
            match = number.search(document)
            if invoice["number"] is not None:
                assert match is not None and match[1].decode() == invoice["number"]
            else:
                with pytest.raises(etree.XMLSyntaxError):
                    etree.fromstring(document)


def test_a_duplicate_always_comes_after_the_accepted_invoice_that_it_repeats(expected: dict[str, Any]) -> None:
    first: dict[str, str] = {}
    across = 0
    for flow in expected["flows"]:
        for invoice in flow["invoices"]:
            if invoice["outcome"] == "accepted":
                assert invoice["number"] not in first
                first[invoice["number"]] = flow["name"]
            elif invoice["motive"] == "DOUBLON":
                assert invoice["number"] in first
                assert first[invoice["number"]][:8] == flow["interface"]
                across += first[invoice["number"]] != flow["name"]
    assert across == 1


def test_the_resent_flow_is_a_flow_byte_for_byte(sample: Path, expected: dict[str, Any]) -> None:
    (name,) = expected["resent"]
    assert [path.name for path in (sample / "resent").iterdir()] == [name]
    assert (sample / "resent" / name).read_bytes() == (sample / "flows" / name).read_bytes()


def test_refused_flows_have_the_fault_that_their_motive_says(sample: Path, expected: dict[str, Any]) -> None:
    refused = {flow["name"]: flow for flow in expected["flows"] if flow["refused"]}
    assert Counter(flow["refused"] for flow in refused.values()) == {
        "IRR_EXTRAC": 1,
        "IRR_CODE_INTER": 2,
        "IRR_FORM": 1,
    }
    for name, flow in refused.items():
        data = (sample / "flows" / name).read_bytes()
        if flow["refused"] == "IRR_FORM":
            with pytest.raises(FlowRefused):
                parsed(name)
            continue
        assert parsed(name).partner_code == flow["partner"]
        if flow["refused"] == "IRR_EXTRAC":
            with pytest.raises(EOFError):
                gzip.decompress(data)
        else:
            row = CATALOGUE.get(flow["interface"])
            subscribed = {one.code: one.interfaces for one in register_of_partners()}[flow["partner"]]
            assert row is None or row.code not in subscribed


def test_outcomes_use_known_motives_and_partners(expected: dict[str, Any]) -> None:
    partners = {recipient.structure.partner_code for recipient in RECIPIENTS} - {""} | {PORTAL_CODE}
    seen = set()
    for flow in expected["flows"]:
        for invoice in flow["invoices"]:
            if invoice["outcome"] == "accepted":
                assert invoice["motive"] is None and invoice["rules"] == []
                seen.add(invoice["recipient_partner"])
            else:
                assert invoice["motive"] in MOTIVES and invoice["recipient_partner"] is None
    assert {"ETA001", "CHU001", PORTAL_CODE} <= seen <= partners
    assert datetime.fromisoformat(expected["fixed_now"]).tzinfo is not None


def test_the_utility_writes_invoices_of_about_nine_kilobytes(sample: Path) -> None:
    flow = next((sample / "flows").glob("FSO1150A_*"))
    sizes = [len(document) for document in members(flow.read_bytes(), flow.name).values()]
    assert 7_500 < sum(sizes) / len(sizes) < 10_500


def test_registers_read_back_as_the_directory_and_partners_of_the_samples(sample: Path) -> None:
    assert read_directory(sample / "registers").structures == directory().structures
    partners = read_partners(sample / "registers" / "partners.csv").rows
    assert partners == {partner.code: partner for partner in register_of_partners()}
    assert {recipient.structure.partner_code for recipient in RECIPIENTS} - {""} <= partners.keys()
    structures = directory().structures.values()
    assert sum(not structure.active for structure in structures) == 1
    assert sum(not structure.partner_code for structure in structures) > 20
    state = directory().structures[STATE_SIRET]
    assert state.service_required and state.engagement_required and state.partner_code == "ETA001"
    assert any(not service.active for service in state.services.values())


def test_factur_x_documents_can_be_read_and_carry_their_xml(sample: Path, expected: dict[str, Any]) -> None:
    flow = next(flow for flow in expected["flows"] if flow["interface"] == "FSO1117A")
    reader = PdfReader(io.BytesIO((sample / "flows" / flow["name"]).read_bytes()))
    (invoice,) = flow["invoices"]
    assert len(reader.pages) == 1
    assert invoice["number"] in reader.pages[0].extract_text()
    (xml,) = reader.attachments["factur-x.xml"]
    assert f"<ram:ID>{invoice['number']}</ram:ID>".encode() in xml
    (specification,) = reader.root_object["/AF"]
    assert specification.get_object()["/AFRelationship"] == "/Data"
    assert b"EN 16931" in reader.root_object["/Metadata"].get_data()


def test_check_digits_hold() -> None:
    assert luhn_holds(STATE_SIRET) and luhn_holds(UNKNOWN_SIRET)
    assert UNKNOWN_SIRET not in directory().structures
    for recipient in RECIPIENTS:
        assert luhn_holds(recipient.structure.siret) and luhn_holds(recipient.structure.siret[:9])
    assert len({recipient.structure.siret for recipient in RECIPIENTS}) == len(RECIPIENTS) == 40


@given(st.integers(0, 10**8 - 1), st.integers(0, 9999), st.integers(0, 10**11 - 1))
def test_made_identifiers_satisfy_their_check_digits(company: int, establishment: int, account: int) -> None:
    made = siret(siren(f"{company:08d}"), establishment)
    assert len(made) == 14 and luhn_holds(made) and luhn_holds(made[:9])
    iban = french_iban("30099", "01234", account)
    assert len(iban) == 27
    assert int(iban[4:] + "1527" + iban[2:4]) % 97 == 1


def test_draws_never_change() -> None:
    """The samples of today and of ten years hence must be the same bytes, so the stream is pinned."""
    draws = Draws(1, 2, 3)
    assert [draws.below(1000) for _ in range(6)] == [620, 105, 915, 556, 715, 194]
    assert [Draws(1).below(10**6), Draws(2).below(10**6)] == [732430, 332857]
