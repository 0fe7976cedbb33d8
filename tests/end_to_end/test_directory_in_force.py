"""A sample carried by three directories that say the same: registers read, registers loaded, F14 with receivers."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.assembly import house
from connectors.directory.loading import load
from connectors.settings import Settings, default
from data_contracts.directory import Structure
from pipelines.admission.stage import admit_flows
from pipelines.delivery.stage import deliver_answers
from pipelines.intake.stage import collect_flows
from pipelines.planning.stage import plan_batches
from pipelines.settlement.stage import settle_flows
from pipelines.validation.check import Engine
from pipelines.validation.stage import check_batch
from relais.dropping import drop
from relais.samples.generator import write_samples
from relais.samples.recipients import directory
from tests.connectors.f14_files import FULL_AT, establishment, line, platform, service, unit, written
from tests.failure.scenario import MORNING, NoRules

PARTNERS = "partners.csv"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample")
    write_samples(out, invoices=100, seed=5)
    for path in (out / "flows").iterdir():
        if not path.name.startswith(("FSO1100A", "FSO1150A")):
            path.unlink()  # how an invoice is written has no part in where it goes
    return out


def carried(settings: Settings, flows: Path) -> tuple[dict[str, bytes], Any]:
    """Every file that partners got, and the ledger's sums."""
    with closing(house(settings)) as parts:
        drop(flows, settings.mailbox_dir, settings.home)
        collect_flows(mailbox=parts.mailbox, store=parts.store, ledger=parts.ledger, clock=parts.clock)
        admit_flows(ledger=parts.ledger, store=parts.store, partners=parts.partners)
        while batches := plan_batches(ledger=parts.ledger, store=parts.store, batches_max=None):
            for batch in batches:
                check_batch(batch, ledger=parts.ledger, store=parts.store, worker="w", engine=Engine(None, NoRules()))
        while settle_flows(ledger=parts.ledger, store=parts.store, directory=parts.directory, clock=parts.clock):
            pass
        deliver_answers(ledger=parts.ledger, store=parts.store, mailbox=parts.mailbox)
        sums = parts.ledger.reconciliation()
    drops = settings.mailbox_dir
    return {str(path.relative_to(drops)): path.read_bytes() for path in sorted(drops.glob("*/out/*"))}, sums


def as_f14(path: Path, structures: list[Structure]) -> Path:
    """The structures as F14 says them, each with the address of its SIRET. Validity days of services have no place."""
    demands = {
        one.siret: f"{one.engagement_required} {one.service_required} {one.service_or_engagement_required}"
        for one in structures
    }
    return written(
        path,
        units=[unit(siren, instance=at) for at, siren in enumerate(sorted({one.siret[:9] for one in structures}), 1)],
        establishments=[
            establishment(
                one.siret, name=one.name, status="A" if one.active else "I",
                demands=f"{demands[one.siret]} False False False",
            )
            for one in structures
        ],
        services=[
            service(each.code, one.siret, status="A" if each.in_force(MORNING.date()) else "I")
            .replace(f"Service {each.code}", each.name)
            .replace("false", str(each.engagement_required).lower())
            for one in structures
            for each in one.services.values()
        ],
        platforms=[platform()],
        lines=[line(instance=at, siren=one.siret[:9], siret=one.siret) for at, one in enumerate(structures, 1)],
    )  # fmt: skip


def test_the_same_directory_gives_the_same_answers_however_it_came(sample: Path, tmp_path: Path) -> None:
    registers = sample / "registers"

    def settings(name: str) -> Settings:
        return replace(
            default(tmp_path / name),
            partners_file=registers / PARTNERS,
            directory_dir=registers if name == "read" else None,
            fixed_now=MORNING,
        )

    read, sums = carried(settings("read"), sample / "flows")
    assert sums.invoices_accepted > 0
    assert sums.invoices_rejected > 0

    loaded = settings("loaded")
    load(registers, loaded.directory_versions, at=MORNING)
    assert carried(loaded, sample / "flows") == (read, sums)

    public = settings("f14")
    structures = sorted(directory().structures.values(), key=lambda one: one.siret)
    load(as_f14(tmp_path / "full.xml", structures), public.directory_versions, at=MORNING)
    (tmp_path / "connected").mkdir()
    rows = "".join(f"{one.siret},{one.partner_code}\n" for one in structures if one.partner_code)
    (tmp_path / "connected" / "receivers.csv").write_text("siret,partner_code\n" + rows, encoding="utf-8")
    load(tmp_path / "connected", public.directory_versions, at=MORNING)
    assert carried(public, sample / "flows") == (read, sums)

    masked = replace(settings("masked"), directory_versions_dir=public.directory_versions)
    lines = [
        line(instance=99, siren=one.siret[:9], siret=one.siret, motive="N", nature="M") for one in structures
    ]  # fmt: skip
    load(
        written(tmp_path / "2.xml", at="20261120030000", after=FULL_AT, lines=lines),
        masked.directory_versions,
        at=MORNING,
    )
    refused, fewer = carried(masked, sample / "flows")
    # On the historical interfaces SIRET and service decide, whatever the address.
    assert 0 < fewer.invoices_accepted < sums.invoices_accepted
    assert any(b"RLS-ROUTE-11" in content for content in refused.values())
