"""Admissibility is checked in one order, and each failure is answered under its own motive."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from data_contracts.interfaces import CATALOGUE
from data_contracts.ledger import Flow, FlowStatus
from data_contracts.limits import FLOW_BYTES_MAX, MEMBER_BYTES_MAX
from data_contracts.partners import Partner, Partners
from data_contracts.refusals import FlowRefused
from pipelines.admission.admissibility import accepted_content, admissible, within_interface
from pipelines.admission.content import Content
from tests.unit.refusals import explained

NAME = "FSO1100A_ABC123_ABC1231100000000000000001"
FLOW = Flow(
    flow_key="k2",
    ordinal=2,
    partner_code="ABC123",
    name=NAME,
    interface_code="FSO1100A",
    sha256="0" * 64,
    size_bytes=10,
    received_at=datetime(2026, 3, 1, 8, tzinfo=UTC),
    status=FlowStatus.LANDED,
)
FIRST = replace(FLOW, flow_key="k1", ordinal=1, received_at=datetime(2026, 2, 28, 7, 30, tzinfo=UTC))
PARTNERS = Partners(
    {
        "ABC123": Partner("ABC123", "Alpha", frozenset({"FSO1100A"})),
        "OFF000": Partner("OFF000", "Closed", frozenset({"FSO1100A"}), active=False),
    }
)


def refused(flow: Flow, motive: str, first: Flow | None = None, partners: Partners = PARTNERS) -> FlowRefused:
    with pytest.raises(FlowRefused) as caught:
        admissible(flow, partners, first)
    assert caught.value.motive == motive
    explained(caught.value)
    return caught.value


def test_an_admissible_envelope_gives_its_interface() -> None:
    assert admissible(FLOW, PARTNERS, None) is CATALOGUE["FSO1100A"]
    assert admissible(FLOW, Partners({}, open_to_all=True), None) is CATALOGUE["FSO1100A"]


@pytest.mark.parametrize("name", [f"{NAME}.xml", f"{NAME}.tar.gz", NAME.lower(), NAME[:-1], "", "a.xml"])
def test_a_name_off_the_grammar_is_refused_first(name: str) -> None:
    refused(replace(FLOW, name=name, size_bytes=0), "IRR_FORM", FIRST)


@pytest.mark.parametrize(
    "name", ["FSO1100A_XYZ999_ABC1231100000000000000001", "FSO1100A_ABC123_XYZ9991100000000000000001"]
)
def test_a_name_of_another_sender_is_refused(name: str) -> None:
    refusal = refused(replace(FLOW, name=name), "IRR_CODE_APP")
    assert refusal.value == "XYZ999" and "ABC123" in refusal.what


def test_unknown_outbound_and_unhandled_interfaces_are_refused() -> None:
    for code in ("FSO9999Z", "FEN1200A", "FSO1137A"):
        name = f"{code}_ABC123_ABC123{code[3:7]}000000000000001"
        assert refused(replace(FLOW, name=name), "IRR_CODE_INTER").value == code


def test_subscription_is_checked_against_the_table_of_partners() -> None:
    other = "FSO1117A_ABC123_ABC1231117000000000000001"
    refused(replace(FLOW, name=other), "IRR_CODE_INTER")
    closed = "FSO1100A_OFF000_OFF0001100000000000000001"
    refused(replace(FLOW, name=closed, partner_code="OFF000"), "IRR_CODE_APP")


def test_a_name_already_taken_names_the_first_flow_and_its_date() -> None:
    refusal = refused(replace(FLOW, conflicts_with="k1", size_bytes=0), "IRR_UNICITE", FIRST)
    for sentence in (refusal.what, refusal.what_fr):
        assert "k1" in sentence and "2026-02-28 07:30:00 UTC" in sentence


def test_size_of_the_flow() -> None:
    refused(replace(FLOW, size_bytes=0), "IRR_VIDE")
    refused(replace(FLOW, size_bytes=FLOW_BYTES_MAX + 1), "IRR_TAILLE")
    assert admissible(replace(FLOW, size_bytes=FLOW_BYTES_MAX), PARTNERS, None)


def test_content_that_is_no_document_nor_archive_is_refused() -> None:
    for content in Content:
        if content in {Content.OTHER, Content.EMPTY}:
            with pytest.raises(FlowRefused) as caught:
                accepted_content(content, FLOW, b"\x89PNG")
            assert (caught.value.motive, caught.value.value) == ("IRR_TYPE", "89 50 4e 47")
        else:
            accepted_content(content, FLOW, b"")


def test_one_document_is_held_to_the_size_of_a_file() -> None:
    large = replace(FLOW, size_bytes=MEMBER_BYTES_MAX + 1)
    accepted_content(Content.GZIP, large, b"")
    with pytest.raises(FlowRefused) as caught:
        accepted_content(Content.XML, large, b"")
    assert caught.value.motive == "IRR_TAILLE_F"


def test_the_number_of_files_is_that_of_the_interface() -> None:
    interface = replace(CATALOGUE["FSO1100A"], invoices_max=500)
    within_interface(500, interface)
    with pytest.raises(FlowRefused) as caught:
        within_interface(731, interface)
    assert caught.value.motive == "IRR_TAILLE"
    assert "731" in caught.value.what and "500" in caught.value.what_fr
