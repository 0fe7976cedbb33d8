"""A year in the life of a thousand invoices: every history is its script, every supplier was told everything once."""

from __future__ import annotations

import io
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data_contracts.history import Actor, Phase, ReceivedStatus
from data_contracts.interfaces import CATALOGUE, Circuit
from data_contracts.statuses import RECYCLED, SUCCEEDED, StatusFormat
from pipelines.tracking.fold import situation
from pipelines.tracking.reading import read_status
from pipelines.tracking.translation import TO_PLATFORM
from tests.connectors import servers
from tests.end_to_end.year import STORIES, SUPPLIER, Life, Year
from tests.end_to_end.year_run import carried, dropped, opened

INVOICES = 1_000
FEW = 2 * len(STORIES)
OWN = {
    Circuit.CHORUS_PRO: {"received": "01", "available": "03", "rejected": "05", "completed": "12"},
    Circuit.AFNOR: {"received": "202", "available": "203", "rejected": "213", "completed": "209"},
}
LINKS = {RECYCLED, SUCCEEDED}
ENDS = {
    "paid": Phase.PAYMENT_SENT, "misrouted": Phase.PAYMENT_SENT, "suspended": Phase.PAYMENT_SENT,
    "told complete": Phase.PAYMENT_SENT, "rejected": Phase.PAYMENT_SENT, "corrected": Phase.PAYMENT_SENT,
    "repeated": Phase.PAYMENT_SENT, "all at once": Phase.PAYMENT_SENT,
}  # fmt: skip


class Lived:
    """A year that was carried through."""

    def __init__(self, home: Path, invoices: int, seed: int, ledger_url: str = "") -> None:
        self.year = Year(invoices, seed)
        self.house = opened(home, ledger_url)
        for at, flows in self.year.rounds():
            if flows:
                dropped(flows, home, f"{at:%Y%m%d}")
                carried(self.house, at)
        self.out = home / "drops"

    def answers(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Every file of an interface that partners got, with each document of archives."""
        for path in sorted(self.out.glob(f"*/out/{prefix}*")):
            data = path.read_bytes()
            if data[:2] != b"\x1f\x8b":
                yield path.name, data
                continue
            with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
                for member in archive.getmembers():
                    yield path.name, archive.extractfile(member).read()  # type: ignore[union-attr]

    def history(self, number: str) -> Counter[tuple[str, datetime | None]]:
        """What is said under a number: codes, with the time where the status came from a partner."""
        ledger = self.house.ledger
        owners = ledger.named([SUPPLIER.siren], number)
        return Counter(
            (event.code, event.at if event.source_name else None)
            for told in ledger.events(owners).values()
            for event in told
        )


def _at(one: ReceivedStatus) -> datetime | None:
    """When a status of ours happened: CDAR has no zone, and ours are written in UTC."""
    if one.format is StatusFormat.CDAR_INVOICE:
        return datetime.strptime(one.at_text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return one.at


def scripted(life: Life, number: str) -> Counter[tuple[str, datetime | None]]:
    names = OWN[life.circuit]
    return Counter((names.get(what, what), at) for said, what, at in life.events if said == number)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    made = Lived(tmp_path_factory.mktemp("year"), INVOICES, 1)
    yield made
    made.house.close()


def test_every_history_is_its_script(lived: Lived) -> None:
    for life in lived.year.lives:
        for number in life.numbers:
            assert lived.history(number) == scripted(life, number), (life.story, life.circuit, number)


def test_every_invoice_ends_as_its_script_says(lived: Lived) -> None:
    ledger = lived.house.ledger
    for life in lived.year.lives:
        owners = ledger.named([SUPPLIER.siren], life.numbers[-1])
        first = ledger.standings(owners)
        events = {event for standing in first.values() for event in standing.events if event.code != "213"}
        events = {one for one in events if not (one.code == "05" and not one.source_name)}
        assert situation(events).phase is ENDS[life.story], (life.story, life.circuit, life.numbers)


def test_every_status_reached_the_supplier_once(lived: Lived) -> None:
    got: Counter[tuple[str, str, datetime | None]] = Counter()
    for name, document in lived.answers("FEN12"):
        message = read_status(document, CATALOGUE[name[:8]].syntax)
        assert message.sound() == message.invoices, message.findings
        got.update((one.number, one.code, _at(one)) for one in message.invoices)
    relayed: Counter[tuple[str, str, datetime | None]] = Counter()
    own: Counter[tuple[str, str]] = Counter()
    for life in lived.year.lives:
        for number, what, at in life.events:
            if what in LINKS or what == "completed" or (what == "209" and at):
                continue  # told with the invoice that follows, or by the supplier itself
            if what == "rejected" and life.story == "repeated" and life.circuit is Circuit.CHORUS_PRO:
                continue  # CPPStatut would reject the first one: the acknowledgment tells it
            if at is None:
                own[number, OWN[life.circuit][what]] += 1
            else:
                code = what if life.circuit is Circuit.CHORUS_PRO else TO_PLATFORM[what].code
                relayed[number, code, at] += 1
    assert set(relayed.values()) == {1}
    assert {key: got[key] for key in relayed} == dict(relayed)
    rest = Counter({key: count for key, count in got.items() if key not in relayed})
    assert Counter((number, code) for (number, code, _), n in rest.items() for _ in range(n)) == own


def test_mandate_numbers_reach_history_and_supplier(lived: Lived) -> None:
    ledger = lived.house.ledger
    life = next(one for one in lived.year.lives if one.story == "paid" and one.circuit is Circuit.CHORUS_PRO)
    (owner,) = ledger.named([SUPPLIER.siren], life.numbers[0])
    told = {event.code: event for event in ledger.events([owner])[owner]}
    assert (told["08"].mandate_number, told["08"].actor) == (f"M{life.serial:06d}", Actor.RECIPIENT)
    documents = b"".join(document for _, document in lived.answers("FEN1200A"))
    assert documents.count(f"<IdMandatDP>M{life.serial:06d}</IdMandatDP>".encode()) == 1


def test_recipients_get_the_invoice_again_and_are_told_why(lived: Lived) -> None:
    pivots = b"".join(document for _, document in lived.answers("FEN0036A")).decode()
    steps = Counter(what for life in lived.year.lives for turn in STORIES[life.story] for what in turn)
    told = Counter(re.findall("<Renvoi>(.+?)</Renvoi>", pivots))
    completed_by_status = sum(life.story == "told complete" for life in lived.year.lives)
    assert (told["Recyclée"], told["Complétée"]) == (steps["r"], steps["c"] + completed_by_status)


def test_a_duplicate_names_the_first_with_its_status_and_what_to_do(lived: Lived) -> None:
    lines = re.findall(
        "<LibelleErreur>(.+?)</LibelleErreur>", "".join(d.decode() for _, d in lived.answers("CSO1100A"))
    )
    repeated = [line for line in lines if "G1.45" in line]
    assert repeated
    assert all(re.search(r"flux FSO1100A_\S+ reçu le 2026-\d\d-\d\d", line) for line in repeated)
    assert all("au statut « Mise à disposition du destinataire »" in line and "avoir" in line for line in repeated)


def test_all_is_accounted_for(lived: Lived) -> None:
    sums = lived.house.ledger.reconciliation()
    assert (sums.gap, sums.flows_pending, sums.invoices_pending, sums.flows_refused) == (0, 0, 0, 0)
    assert sums.answers_owed == sums.answers_delivered
    codes = {row.flow.interface_code: set[str]() for row in lived.house.ledger.reports()}
    for row in lived.house.ledger.reports():
        codes[row.flow.interface_code].add(row.flow.acknowledgment_code)
    assert (codes["FSO1301A"], codes["FSO1304A"]) == ({"90"}, {"500"})


@pytest.mark.parametrize("seed", [2, 3])
def test_other_shuffles_give_the_same_histories(seed: int, tmp_path: Path) -> None:
    made = Lived(tmp_path, FEW, seed)
    for life in made.year.lives:
        for number in life.numbers:
            assert made.history(number) == scripted(life, number), (life.story, number)
    made.house.close()


def test_the_same_year_on_postgresql(tmp_path: Path) -> None:
    made = Lived(tmp_path, FEW, 1, servers.new_database())
    other = Lived(tmp_path / "sqlite", FEW, 1)
    for prefix in ("FEN", "CSO"):
        assert list(made.answers(prefix)) == list(other.answers(prefix))
    for life in made.year.lives:
        for number in life.numbers:
            assert made.history(number) == scripted(life, number), (life.story, number)
    made.house.close()
    other.house.close()
