"""Which version of the lifecycle a supplier gets: FEN1200A, or FEN1201A when it subscribes to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data_contracts.interfaces import CATALOGUE, CPP_V1_LIFECYCLE
from data_contracts.partners import NOBODY, Partner, Partners
from pipelines.lifecycle.subscribed import as_subscribed
from pipelines.settlement import drafts
from pipelines.settlement.acceptance import Judged, VerdictRow, proposed
from relais.samples.recipients import directory
from tests.unit.rows import NOON, flow, invoice


def _partners(*interfaces: str) -> Partners:
    return Partners({"ELC001": Partner("ELC001", "Electricité du Centre", frozenset(interfaces))})


@pytest.mark.parametrize(
    ("deposit", "partners", "lifecycle", "made_available"),
    [
        ("FSO1100A", NOBODY, "FEN1200A", "FEN1200A"),
        ("FSO1100A", _partners("FSO1100A"), "FEN1200A", "FEN1200A"),
        ("FSO1100A", _partners("FSO1100A", CPP_V1_LIFECYCLE), "FEN1201A", "FEN1201A"),
        ("FSO1150A", _partners("FSO1150A", CPP_V1_LIFECYCLE), "FEN1214A", "FEN1204A"),
    ],
)
def test_a_supplier_gets_the_version_that_it_subscribes_to(
    deposit: str, partners: Partners, lifecycle: str, made_available: str
) -> None:
    interface = as_subscribed(CATALOGUE[deposit], "ELC001", partners)
    assert (interface.lifecycle, interface.made_available) == (lifecycle, made_available)
    assert replace(interface, lifecycle="", made_available="") == replace(
        CATALOGUE[deposit], lifecycle="", made_available=""
    )


def test_its_statuses_travel_under_that_interface() -> None:
    interface = as_subscribed(CATALOGUE["FSO1100A"], "ELC001", _partners(CPP_V1_LIFECYCLE))
    verdict = VerdictRow(flow_key="f", position=0, verdict="valid", xsd_valid=True, rule_sets=[], cause=None)
    to_state = invoice(buyer_siret=next(iter(directory().structures)))
    decision = proposed(Judged(to_state, verdict, (), (), ()), interface.circuit, directory(), NOON.date())
    listed = drafts.statuses(flow(), interface, [decision], NOON)
    assert {code for code, _ in listed} == {"FEN1201A"}
    (draft,) = drafts.lifecycles(flow(), listed)
    assert draft.slot == ("FEN1201A", "ELC001", 0)
