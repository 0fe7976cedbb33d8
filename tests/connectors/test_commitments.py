"""Commitments from end to end: dropped by a public body, acknowledged, delivered to suppliers, quoted by invoices."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lxml import etree

from connectors.clock import FixedClock
from connectors.local_drop import LocalMailbox
from data_contracts.commitments import Commitment, CommitmentState
from data_contracts.directory import Directory, Service, Structure
from data_contracts.ledger import Batch, FlowStatus, Slice
from data_contracts.partners import PORTAL_CODE, Partner, Partners
from data_contracts.tables import CHECKED
from pipelines.admission.pack import Packed, members_file
from pipelines.admission.stage import admit_flows
from pipelines.commitments import stage
from pipelines.commitments.reading import read_commitments
from pipelines.commitments.writing import written
from pipelines.delivery.stage import deliver_answers
from pipelines.intake.stage import collect_flows
from pipelines.planning.stage import plan_batches
from pipelines.settlement.stage import settle_flows
from tests.connectors.notified import Place, place
from tests.connectors.scenes import NOON, landed
from tests.unit.rows import invoice

BODY, SUPPLIER_CODE = "VIL001", "ELC001"
STRUCTURE, SUPPLIER, OTHER = "21750001600019", "55208131766522", "73282932000074"
ORDER = Commitment(
    STRUCTURE, "1501966748", "COMPTA", SUPPLIER, Decimal("300.00"), "EUR", date(2026, 9, 1), None, None,
    CommitmentState.OPEN,
)  # fmt: skip
CLOCK = FixedClock(NOON)
PARTNERS = Partners(
    {
        BODY: Partner(BODY, "Ville", frozenset({"FSO9010A"})),
        SUPPLIER_CODE: Partner(SUPPLIER_CODE, "Electricite", frozenset({"FSO1100A"})),
    }
)


def directory(required: bool = False) -> Directory:
    services = {"COMPTA": Service("COMPTA", "Comptabilité")}
    made = Structure(STRUCTURE, "Ville", partner_code=BODY, services=services, commitment_required=required)
    return Directory({STRUCTURE: made})


@pytest.fixture
def here(tmp_path: Path) -> Place:
    return place(tmp_path)


def drop(here: Place, folder: Path, data: bytes, sequence: int = 1) -> str:
    """The flow key of a document dropped by the public body, collected and admitted."""
    name = f"FSO9010A_{BODY}_{BODY}9010{sequence:015d}"
    into = folder / "drops" / BODY / "in"
    into.mkdir(parents=True, exist_ok=True)
    (into / name).write_bytes(data)
    collect_flows(mailbox=LocalMailbox(folder / "drops"), store=here.store, ledger=here.ledger, clock=CLOCK)
    admit_flows(ledger=here.ledger, store=here.store, partners=PARTNERS)
    return next(row.flow.flow_key for row in here.ledger.reports() if row.flow.name == name)


def take(here: Place, suppliers: dict[str, str] | None = None) -> int:
    known = {SUPPLIER: SUPPLIER_CODE} if suppliers is None else suppliers
    return stage.take_commitments(
        ledger=here.ledger, store=here.store, directory=directory(), suppliers=known, clock=CLOCK
    )


def delivered(here: Place, folder: Path) -> dict[str, bytes]:
    deliver_answers(ledger=here.ledger, store=here.store, mailbox=LocalMailbox(folder / "drops"))
    return {path.name: path.read_bytes() for path in sorted((folder / "drops").glob("*/out/*"))}


def acknowledgment(files: dict[str, bytes], code: str = "CSO9010A") -> Any:
    (content,) = (data for name, data in files.items() if name.startswith(code))
    return etree.fromstring(content)


def test_a_deposit_is_acknowledged_and_reaches_each_supplier_once(here: Place, tmp_path: Path) -> None:
    others = [replace(ORDER, number="2", supplier=OTHER), replace(ORDER, number="3", service="NOWHERE")]
    flow_key = drop(here, tmp_path, written([ORDER, *others]))
    assert plan_batches(ledger=here.ledger, store=here.store) == []
    assert settle_flows(ledger=here.ledger, store=here.store, directory=directory(), clock=CLOCK) == 0
    assert take(here) == 1
    assert take(here) == 0
    files = delivered(here, tmp_path)
    told = acknowledgment(files)
    assert told.findtext(".//IdStatut") == "96"
    assert [one.text for one in told.iter("CodeErreur")] == ["RLS-EJ-04"]
    assert "3 engagements reçus : 2 enregistrés, 1 refusé." in told.findtext(".//Commentaire")
    sent = {name.split("_")[1]: read_commitments(data) for name, data in files.items() if name.startswith("FEN9010A")}
    assert {code: [raw.fields["number"] for raw in raws] for code, raws in sent.items()} == {
        SUPPLIER_CODE: ["1501966748"], PORTAL_CODE: ["2"],
    }  # fmt: skip
    assert [held.commitment for held in here.ledger.all_commitments()] == [ORDER, others[0]]
    assert here.ledger.reconciliation().gap == 0
    assert here.ledger.flow(flow_key).status is FlowStatus.SETTLED
    drop(here, tmp_path, written([replace(ORDER, state=CommitmentState.CLOSED)]), 2)
    take(here)
    names = sorted(name for name in delivered(here, tmp_path) if name.startswith(f"FEN9010A_{SUPPLIER_CODE}"))
    assert [int(name[-10:]) for name in names] == [1, 2], "a series of its own, without gap"


@pytest.mark.parametrize("data", [b"{}", b"\xff\xff", b'{"format":"relais.commitments/1","commitments":[]}'])
def test_a_document_that_cannot_be_read_is_answered(data: bytes, here: Place, tmp_path: Path) -> None:
    drop(here, tmp_path, data)
    assert take(here) == 1
    files = delivered(here, tmp_path)
    assert list(files) == [name for name in files if name.startswith("CSO9010A")]
    told = acknowledgment(files)
    assert told.findtext(".//IdStatut") == "93"
    assert told.findtext(".//NatureErreur") == "FICHIER"


class Killed(BaseException):
    """Stands for the end of a process."""


def test_killed_at_every_step_the_answers_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results: list[dict[str, bytes]] = []
    for step in range(20):
        folder = tmp_path / str(step)
        folder.mkdir()
        here = place(folder)
        drop(here, folder, written([ORDER, replace(ORDER, number="2", supplier=OTHER)]))
        left = step

        def dying(real: Any) -> Any:
            def call(*args: Any, **kwargs: Any) -> Any:
                nonlocal left
                left -= 1
                if left == 0:
                    raise Killed
                return real(*args, **kwargs)

            return call

        with monkeypatch.context() as patched:
            for owner, name in (
                (here.ledger, "claim_invoices"), (here.ledger, "commit"), (here.ledger, "number"),
                (here.ledger, "settle"), (here.store, "replace"),
            ):  # fmt: skip
                patched.setattr(owner, name, dying(getattr(owner, name)))
            try:
                take(here)
            except Killed:
                assert here.ledger.all_commitments() == []
        take(here)
        results.append(delivered(here, folder))
        here.ledger.close()
        if left > 0:
            break
    else:
        pytest.fail("more steps than expected")
    assert len(results) > 6
    assert all(result == results[0] for result in results)
    assert len(results[0]) == 3


# ---- quoted by invoices ----------------------------------------------------------------------------------------------


def billed(here: Place, sequence: int, *grosses: str, **changes: Any) -> str:
    """The flow key of a checked flow with valid invoices that quote the commitment."""
    _, flow_key = landed(here.ledger, sequence, partner_code=SUPPLIER_CODE, content=str(sequence).encode())
    here.ledger.admit(flow_key, len(grosses))
    rows = [
        invoice(
            flow_key=flow_key, position=at, number=f"F{sequence}-{at}", engagement=ORDER.number, service_code="COMPTA",
            gross_amount=Decimal(gross), payment_means="30", **changes,
        )
        for at, gross in enumerate(grosses)
    ]  # fmt: skip
    verdicts = [
        {"flow_key": flow_key, "position": at, "verdict": "valid", "xsd_valid": True, "rule_sets": [], "cause": None}
        for at in range(len(rows))
    ]
    batch_id = f"batch of {flow_key}"
    here.ledger.plan([Batch(batch_id, (Slice(flow_key, 0, len(rows)),))])
    tables: dict[str, Sequence[Any]] = {"invoices": rows, "verdicts": verdicts}
    for name, schema in CHECKED.items():
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(list(tables.get(name, [])), schema=schema), sink)
        here.store.replace(f"checked/{batch_id}/{name}.parquet", sink.getvalue())
    index = [Packed(f"{at}.xml", at * 4, 4, hashlib.sha256(b"<a/>").hexdigest()) for at in range(len(rows))]
    here.store.replace(f"admitted/{flow_key}/documents", b"<a/>" * len(rows))
    here.store.replace(f"admitted/{flow_key}/members.parquet", members_file(flow_key, index))
    claim = here.ledger.claim(batch_id, "worker")
    assert claim is not None
    here.ledger.checked(claim, len(rows))
    return flow_key


def settle(here: Place, required: bool = False) -> None:
    settle_flows(ledger=here.ledger, store=here.store, directory=directory(required), clock=CLOCK)


def drawn(here: Place) -> Decimal:
    return here.ledger.commitments([(STRUCTURE, ORDER.number)])[STRUCTURE, ORDER.number].drawn


def test_an_overdrawn_commitment_is_told_and_rejects_nothing(here: Place, tmp_path: Path) -> None:
    drop(here, tmp_path, written([ORDER]))
    take(here)
    flow_key = billed(here, 1, "200.00", "200.00")
    settle(here)
    told = acknowledgment(delivered(here, tmp_path), "CSO1100A")
    assert told.findtext(".//IdStatut") == "90"
    assert "Engagements à vérifier (1) : F1-1 : Il reste 100.00 EUR sur l'engagement 1501966748" in told.findtext(
        ".//Commentaire"
    )
    assert here.ledger.flow(flow_key).accepted_count == 2
    assert drawn(here) == Decimal("400.00")


def test_where_commitments_must_stand_an_invoice_is_rejected_and_gives_its_number_back(
    here: Place, tmp_path: Path
) -> None:
    drop(here, tmp_path, written([ORDER]))
    take(here)
    first = billed(here, 1, "200.00", "200.00")
    settle(here, required=True)
    flow = here.ledger.flow(first)
    assert (flow.accepted_count, flow.rejected_count) == (1, 1)
    files = delivered(here, tmp_path)
    told = acknowledgment(files, "CSO1100A")
    assert told.findtext(".//IdStatut") == "96"
    assert "RLS-EJ-15" in [one.text for one in told.iter("CodeErreur")]
    assert drawn(here) == Decimal("200.00")
    again = billed(here, 2, "100.00")
    settle(here, required=True)
    assert here.ledger.flow(again).accepted_count == 1
    assert drawn(here) == Decimal("300.00")


def test_nobody_is_told_of_engagements_of_structures_that_deposit_none(here: Place, tmp_path: Path) -> None:
    billed(here, 1, "200.00")
    settle(here)
    told = acknowledgment(delivered(here, tmp_path), "CSO1100A")
    assert "ngagement" not in told.findtext(".//Commentaire")


def test_a_settlement_that_is_done_again_draws_once(here: Place, tmp_path: Path) -> None:
    drop(here, tmp_path, written([ORDER]))
    take(here)
    billed(here, 1, "200.00")
    real = here.ledger.settle

    def dying(*args: Any, **kwargs: Any) -> None:
        raise Killed

    here.ledger.settle = dying  # type: ignore[method-assign]
    with pytest.raises(Killed):
        settle(here)
    here.ledger.settle = real  # type: ignore[method-assign]
    settle(here)
    assert drawn(here) == Decimal("200.00")
    told = acknowledgment(delivered(here, tmp_path), "CSO1100A")
    assert "vérifier" not in told.findtext(".//Commentaire")


def test_commands_list_and_show(here: Place, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from connectors.settings import default, write
    from relais.__main__ import app

    write(replace(default(tmp_path), open_partners=True, open_directory=True, fixed_now=NOON))
    drop(here, tmp_path, written([ORDER]))
    take(here)
    home = ["--home", str(tmp_path)]
    (row,) = json.loads(CliRunner().invoke(app, ["commitments", "list", "--json", *home]).stdout)
    assert (row["number"], row["left"], row["state"]) == ("1501966748", "300.00", "open")
    assert "1501966748" in CliRunner().invoke(app, ["commitments", "list", "--supplier", SUPPLIER, *home]).stdout
    shown = CliRunner().invoke(app, ["commitments", "show", "1501966748", *home])
    assert f"FSO9010A_{BODY}" in shown.stdout
    assert CliRunner().invoke(app, ["commitments", "show", "none", *home]).exit_code != 0
