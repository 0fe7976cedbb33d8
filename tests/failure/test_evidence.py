"""Evidence of a real run: it verifies anywhere, and a change of any byte is found and named."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from typer.testing import CliRunner, Result

from connectors.ledger import SqlLedger
from connectors.object_storage import LocalStore
from connectors.settings import default, write
from data_contracts.errors import ConfigurationError, IntegrityBroken
from data_contracts.evidence import canonical, link_of
from data_contracts.quarantine import Verb
from pipelines.evidence.export import export_proof
from pipelines.evidence.seal import hour_name, seal_hours, seal_key
from pipelines.evidence.verify import Check, verify_proof
from relais.__main__ import app
from tests.connectors.scenes import Machine, answer, checked, settle
from tests.failure import quarantined, scenario

LATER = datetime.now(UTC) + timedelta(hours=2)


class Proofs:
    """The proofs of one home: of its flow with four kinds of outcome, and of two of that flow's invoices."""

    def __init__(self, where: Path) -> None:
        self.home = quarantined.home_with_poison(where)
        parts = scenario.built(self.home)
        ledger: Any = parts.ledger
        assert seal_hours(LATER, ledger=ledger, store=parts.store) >= 1
        self.roots = {hour_name(seal.hour): seal.root for seal in ledger.seals()}
        (self.flow,) = [row.flow for row in ledger.reports() if row.flow.name == scenario.TAR_FLOW]

        def exported(position: int | None, **options: Any) -> bytes:
            file = io.BytesIO()
            export_proof(file, self.flow, position, ledger=ledger, store=parts.store, **options)
            return file.getvalue()

        self.whole, self.invoice, self.aside = exported(None), exported(0), exported(quarantined.POISON)
        self.bare = exported(None, with_received=False)
        with ledger._read() as connection:
            keys = connection.execute(
                text("SELECT year, seller, number FROM invoice_key WHERE flow_key = :flow"),
                {"flow": self.flow.flow_key},
            )
            self.key = min(tuple(row) for row in keys)
        assert exported(None) == self.whole
        with pytest.raises(ConfigurationError, match="no such invoice"):
            exported(99)
        ledger.close()


@pytest.fixture(scope="module")
def proofs(tmp_path_factory: pytest.TempPathFactory) -> Proofs:
    return Proofs(tmp_path_factory.mktemp("proofs"))


def _broken(data: bytes, roots: dict[str, Any]) -> list[Check]:
    return [one for one in verify_proof(io.BytesIO(data), roots)[1] if not one.holds]


def test_every_proof_holds_against_the_published_roots(proofs: Proofs) -> None:
    for data in (proofs.whole, proofs.invoice, proofs.aside, proofs.bare):
        assert _broken(data, proofs.roots) == []
        assert _broken(data, {}) == []
    claims, checks = verify_proof(io.BytesIO(proofs.whole), proofs.roots)
    assert claims is not None
    assert [fact[2] for fact in claims.outcomes.facts] == [
        "accepted",
        "accepted",
        "quarantined",
        "rejected",
        "rejected",
    ]
    assert "members, read again" in {one.name for one in checks}
    assert any(name.startswith("FEN0036A") for name in claims.answers)
    claims, _ = verify_proof(io.BytesIO(proofs.invoice), proofs.roots)
    assert claims is not None
    assert len(claims.members.facts) == len(claims.outcomes.facts) == 1
    assert len(proofs.bare) < len(proofs.whole)


def test_roots_of_others_prove_nothing(proofs: Proofs) -> None:
    wrong = dict.fromkeys(proofs.roots, "0" * 64)
    assert all("published root" in one.name for one in _broken(proofs.invoice, wrong))
    assert _broken(proofs.invoice, wrong)
    assert "no published root" in _broken(proofs.invoice, {"20000101T00": "0" * 64})[0].why


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_byte_changed_is_found(proofs: Proofs, data: st.DataObject) -> None:
    proof = data.draw(st.sampled_from([proofs.whole, proofs.invoice, proofs.aside]))
    at = data.draw(st.integers(0, len(proof) - 1))
    flip = data.draw(st.integers(1, 255))
    broken = _broken(proof[:at] + bytes([proof[at] ^ flip]) + proof[at + 1 :], proofs.roots)
    assert broken
    assert all(one.name and one.why for one in broken)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_proof_cut_short_or_with_a_tail_is_found(proofs: Proofs, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(proofs.invoice) - 1))
    assert _broken(proofs.invoice[:length], proofs.roots)
    assert _broken(proofs.invoice + data.draw(st.binary(min_size=1, max_size=5)), proofs.roots)


def test_bytes_are_named(proofs: Proofs) -> None:
    line, _, rest = proofs.whole.partition(b"\n")
    at = len(line) + 1
    names = [name for name, _ in json.loads(line)["parts"]]
    assert names[0] == "received"
    for name, size in json.loads(line)["parts"]:
        changed = bytearray(proofs.whole)
        changed[at + size // 2] ^= 1
        assert f"bytes of {name}" in {one.name for one in _broken(bytes(changed), proofs.roots)}
        at += size
    assert len(rest) > 64


def _forged(proof: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """A proof whose manifest says something else, with its digest made right again."""
    import hashlib

    line, _, rest = proof.partition(b"\n")
    manifest = json.loads(line)
    change(manifest)
    whole = canonical(manifest) + b"\n" + rest[:-64]
    return whole + hashlib.sha256(whole).hexdigest().encode()


def _relinked(manifest: dict[str, Any]) -> None:
    """All links after a forged event made right again, as someone with the database could."""
    previous = ""
    for event in manifest["events"]:
        at = datetime.fromisoformat(event[1])
        event[3] = previous = link_of(previous, manifest["flow"][0], event[0], at, event[2])


def _said_otherwise(manifest: dict[str, Any]) -> None:
    settled = next(event for event in manifest["events"] if event[2].startswith("settled"))
    settled[2] = settled[2].replace("accepted=2", "accepted=3").replace("rejected=2", "rejected=1")


def _said_and_relinked(manifest: dict[str, Any]) -> None:
    _said_otherwise(manifest)
    _relinked(manifest)


def _left_out(manifest: dict[str, Any]) -> None:
    del manifest["events"][2]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_said_otherwise, "link"),
        (_said_and_relinked, "root of hour"),
        (_left_out, "order"),
        (lambda manifest: manifest["events"].reverse(), "received"),
        (lambda manifest: manifest["flow"].__setitem__(1, "XXX999"), "flow"),
        (lambda manifest: manifest["outcomes"][0].__setitem__(2, "rejected"), "outcomes"),
        (lambda manifest: manifest["outcomes"][0].__setitem__(5, ["another:1@ab"]), "outcomes"),
        (lambda manifest: manifest["members"][1].__setitem__(1, "other.xml"), "members"),
        (lambda manifest: manifest["members"].pop(), "members"),
        (lambda manifest: manifest["answers"][0].__setitem__(1, "XXX999"), "answer "),
        (lambda manifest: manifest["answers"].pop(), "bytes of"),
        (lambda manifest: manifest["seals"].clear(), "root of hour"),
        (lambda manifest: manifest["parts"].pop(), "answers"),
        (lambda manifest: manifest.__setitem__("events", [1]), "file"),
        (lambda manifest: manifest.__setitem__("seals", [["x", -1, "y"]]), "file"),
    ],
)
def test_a_forger_is_found_by_name(proofs: Proofs, change: Callable[[dict[str, Any]], None], named: str) -> None:
    names = [one.name for one in _broken(_forged(proofs.whole, change), proofs.roots)]
    assert any(named in name for name in names), names


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes, bytes]:
    """Proofs of a flow, of its invoice that was released from quarantine, and of another one."""
    home = quarantined.home_with_poison(tmp_path_factory.mktemp("released"))
    quarantined.commanded(home, Verb.RELEASE, scenario.Life(), Counter())
    parts = scenario.built(home)
    ledger: Any = parts.ledger
    seal_hours(LATER, ledger=ledger, store=parts.store)
    (flow,) = [row.flow for row in ledger.reports() if row.flow.name == scenario.TAR_FLOW]

    def exported(position: int | None) -> bytes:
        file = io.BytesIO()
        export_proof(file, flow, position, ledger=ledger, store=parts.store)
        return file.getvalue()

    made = exported(None), exported(quarantined.POISON), exported(0)
    ledger.close()
    return made


def test_what_became_of_a_released_invoice_is_proved(released: tuple[bytes, bytes, bytes]) -> None:
    for proof, late in zip(released, (["accepted"], ["accepted"], []), strict=True):
        assert _broken(proof, {}) == []
        claims, _ = verify_proof(io.BytesIO(proof), {})
        assert claims is not None
        assert [fact[2] for fact in claims.late] == late


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda manifest: manifest["late"][0].__setitem__(2, "rejected"), "late outcome 2"),
        (lambda manifest: manifest["late"][0].__setitem__(3, "DOUBLON"), "late outcome 2"),
        (lambda manifest: manifest["late"][0].__setitem__(1, "0" * 64), "late outcome 2"),
        (lambda manifest: manifest["late"][0].__setitem__(0, 1), "late outcome"),
        (lambda manifest: manifest["late"].clear(), "late outcomes"),
        (lambda manifest: manifest.pop("late"), "late outcomes"),
        (lambda manifest: manifest.__setitem__("late", "none"), "file"),
    ],
)
def test_a_late_outcome_that_is_forged_is_found(
    released: tuple[bytes, bytes, bytes], change: Callable[[dict[str, Any]], None], named: str
) -> None:
    for proof in released[:2]:
        names = [one.name for one in _broken(_forged(proof, change), {})]
        assert any(named in name for name in names), names


def test_it_verifies_by_command_without_any_home(proofs: Proofs, tmp_path: Path) -> None:
    file = tmp_path / "invoice.proof"
    file.write_bytes(proofs.invoice)
    roots = [part for hour, root in proofs.roots.items() for part in ("--root", f"{hour}={root}")]

    def told(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "relais", "evidence", "verify", str(file), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path)

    good = told("--json", *roots)
    assert good.returncode == 0, good.stderr
    assert json.loads(good.stdout)["proved"] is True
    changed = bytearray(proofs.invoice)
    changed[-70] ^= 1
    file.write_bytes(changed)
    bad = told(*roots)
    assert bad.returncode == 1
    assert "BROKEN  bytes of" in bad.stdout


def test_an_invoice_is_named_by_year_seller_and_number(proofs: Proofs, tmp_path: Path) -> None:
    def exported(what: str, name: str) -> Result:
        options = ("--home", str(proofs.home), "--out", str(tmp_path / name))
        return CliRunner().invoke(app, ["evidence", "export", what, *options])

    write(replace(default(proofs.home), open_partners=True, open_directory=True))
    year, seller, number = proofs.key
    assert len(seller) == 9
    assert exported(f"{year}/{seller}/{number}", "by_siren").exit_code == 0
    # The establishment is not part of the key: any SIRET of the supplier will do.
    assert exported(f"{year}/{seller}00017/{number}", "by_siret").exit_code == 0
    assert (tmp_path / "by_siret").read_bytes() == (tmp_path / "by_siren").read_bytes()
    unknown = exported(f"{year}/{seller}/{number}-X", "unknown")
    assert "FLOW/POSITION" in str(unknown.exception)
    assert not (tmp_path / "unknown").exists()


def test_hours_are_bound_once_and_late_events_wait_for_the_next(tmp_path: Path) -> None:
    machine = Machine()
    machine.seconds = 1_800_000_000.0
    hour = datetime.fromtimestamp(machine.seconds, UTC).replace(minute=0, second=0, microsecond=0)
    ledger = SqlLedger(f"sqlite:///{tmp_path}/ledger.db", time=machine)
    ledger.create_tables()
    store = LocalStore(tmp_path / "store")
    store.prepare()
    flow_key = checked(ledger)
    assert seal_hours(hour + timedelta(minutes=59), ledger=ledger, store=store) == 0
    assert seal_hours(hour + timedelta(hours=1), ledger=ledger, store=store) == 1
    assert seal_hours(hour + timedelta(hours=1), ledger=ledger, store=store) == 0
    settle(ledger, flow_key, answers=(answer(flow_key),))  # its time is of the sealed hour, which it missed
    assert [event.sealed_in for event in ledger.chain(flow_key)] == [hour, hour, None, None]
    assert seal_hours(hour + timedelta(hours=1), ledger=ledger, store=store) == 0
    assert seal_hours(hour + timedelta(hours=2), ledger=ledger, store=store) == 1
    first, second = (json.loads(store.read(seal_key(seal.hour))) for seal in ledger.seals())
    assert (first["size"], second["size"], first["previous"]) == (2, 2, "")
    assert len(second["previous"]) == 64
    # An event changed behind our back, and the hour written again: the objects of then contradict it.
    with ledger._write() as connection:
        connection.execute(text("UPDATE flow_event SET link = :link WHERE sequence = 1"), {"link": "ab" * 32})
        connection.execute(text("UPDATE evidence_seal SET root = NULL"))
    with pytest.raises(IntegrityBroken):
        seal_hours(hour + timedelta(hours=2), ledger=ledger, store=store)
    ledger.close()
