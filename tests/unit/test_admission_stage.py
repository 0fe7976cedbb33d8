"""The admission stage: every landed flow ends admitted with its pack, or refused with its one answer."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, cast

import pyarrow.parquet as pq
import pytest

from data_contracts.errors import IntegrityBroken, StoreUnavailable, TerminalError
from data_contracts.ledger import Answer, Flow, FlowStatus, Ledger
from data_contracts.partners import Partners
from data_contracts.ports import ObjectStore, Stored
from data_contracts.tables import MEMBERS
from pipelines.admission import stage
from pipelines.admission.stage import admit_flows

LANDED_AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
OPEN = Partners({}, open_to_all=True)
XML = b'<?xml version="1.0"?><Invoice/>'


class Shelf:
    """An object store in memory."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, key: str, data: bytes | BinaryIO) -> Stored:
        content = data if isinstance(data, bytes) else data.read()
        if self.objects.setdefault(key, content) != content:
            raise IntegrityBroken("other bytes lie there", where=key)
        return self._stored(key)

    def put_by_hash(self, prefix: str, data: BinaryIO) -> Stored:
        content = data.read()
        return self.put(f"{prefix}/{hashlib.sha256(content).hexdigest()}", content)

    def replace(self, key: str, data: bytes | BinaryIO) -> Stored:
        self.objects[key] = data if isinstance(data, bytes) else data.read()
        return self._stored(key)

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        if key not in self.objects:
            raise IntegrityBroken("nothing lies there", where=key)
        yield io.BytesIO(self.objects[key])

    def _stored(self, key: str) -> Stored:
        return Stored(key, hashlib.sha256(self.objects[key]).hexdigest(), len(self.objects[key]))


class Book:
    """A ledger in memory, as far as admission asks."""

    def __init__(self) -> None:
        self.by_key: dict[str, Flow] = {}
        self.refusals: dict[str, tuple[str, str, str, list[Answer]]] = {}
        self.numbers: dict[tuple[str, tuple[str, str, int]], int] = {}

    def flows(self, status: FlowStatus) -> Sequence[Flow]:
        return [flow for flow in self.by_key.values() if flow.status is status]

    def flow(self, flow_key: str) -> Flow:
        return self.by_key[flow_key]

    def admit(self, flow_key: str, member_count: int, members_root: str = "") -> None:
        flow = replace(self.by_key[flow_key], status=FlowStatus.ADMITTED, member_count=member_count)
        self.by_key[flow_key] = flow

    def refuse(self, flow_key: str, motive: str, detail: str, code: str, answers: Sequence[Answer]) -> None:
        self.by_key[flow_key] = replace(self.by_key[flow_key], status=FlowStatus.REFUSED, acknowledgment_code=code)
        self.refusals[flow_key] = (motive, detail, code, list(answers))

    def number(self, flow_key: str, slots: Sequence[tuple[str, str, int]]) -> dict[tuple[str, str, int], int]:
        for slot in slots:
            used = [number for (_, other), number in self.numbers.items() if other[:2] == slot[:2]]
            self.numbers.setdefault((flow_key, slot), max(used, default=0) + 1)
        return {slot: self.numbers[flow_key, slot] for slot in slots}


class House:
    def __init__(self) -> None:
        self.store, self.book = Shelf(), Book()

    def land(self, name: str, data: bytes, *, partner_code: str = "ABC123", conflicts_with: str = "") -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        self.store.put(f"landing/{sha256}", data)
        ordinal = len(self.book.by_key) + 1
        flow_key = f"flow{ordinal}"
        self.book.by_key[flow_key] = Flow(
            flow_key, ordinal, partner_code, name, name[:8], sha256, len(data),
            LANDED_AT + timedelta(seconds=ordinal), FlowStatus.LANDED, conflicts_with,
        )  # fmt: skip
        return flow_key

    def admit(self, **more: Any) -> int:
        return admit_flows(
            ledger=cast(Ledger, self.book),
            store=cast(ObjectStore, self.store),
            partners=more.pop("partners", OPEN),
            **more,
        )

    def members(self, flow_key: str) -> list[tuple[str, bytes]]:
        """Names and bytes as the index finds them, each proved by its hash."""
        table = pq.read_table(io.BytesIO(self.store.objects[f"admitted/{flow_key}/members.parquet"]))
        assert table.schema.equals(MEMBERS)
        pack = self.store.objects[f"admitted/{flow_key}/documents"]
        found = []
        for position, row in enumerate(table.to_pylist()):
            content = pack[row["offset"] : row["offset"] + row["size_bytes"]]
            assert (row["flow_key"], row["position"]) == (flow_key, position)
            assert row["sha256"] == hashlib.sha256(content).hexdigest()
            found.append((row["name"], content))
        assert sum(len(content) for _, content in found) == len(pack)
        return found


@pytest.fixture
def house() -> House:
    return House()


def name(sequence: int, code: str = "FSO1100A", partner_code: str = "ABC123") -> str:
    return f"{code}_{partner_code}_{partner_code}{code[3:7]}{sequence:015d}"


def tar(members: list[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for member_name, content in members:
            info = tarfile.TarInfo(member_name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


def zipped(members: list[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for member_name, content in members:
            archive.writestr(zipfile.ZipInfo(member_name), content)
    return target.getvalue()


SEVERAL = [(f"./lot/f{position}.xml", XML + b"<!-- %d -->" % position) for position in range(7)]


@pytest.mark.parametrize("pack", [tar, zipped, lambda members: gzip.compress(tar(members))], ids=["tar", "zip", "gz"])
def test_an_archive_is_admitted_as_its_members_in_order(house: House, pack: Any) -> None:
    key = house.land(name(1), pack(SEVERAL))
    assert house.admit() == 1
    assert house.book.flow(key).status is FlowStatus.ADMITTED
    assert house.book.flow(key).member_count == 7
    assert house.members(key) == [(member_name[2:], content) for member_name, content in SEVERAL]


@pytest.mark.parametrize(
    "content", [XML, b"%PDF-1.7\n...", XML.decode().encode("utf-16")], ids=["xml", "pdf", "utf-16"]
)
def test_a_single_document_is_one_member_under_the_envelope_name(house: House, content: bytes) -> None:
    key = house.land(name(1), content)
    house.admit()
    assert house.members(key) == [(name(1), content)]


def test_a_rerun_after_a_kill_writes_the_same_bytes(house: House) -> None:
    house.land(name(1), zipped(SEVERAL))
    house.land(name(2), b"")
    house.admit()
    before = dict(house.store.objects)
    refused = dict(house.book.refusals)
    for key, flow in house.book.by_key.items():
        house.book.by_key[key] = replace(flow, status=FlowStatus.LANDED)
    house.admit()
    assert house.store.objects == before
    assert house.book.refusals == refused


def test_a_refusal_worded_otherwise_after_a_kill_leaves_no_flow_stuck(house: House) -> None:
    key = house.land(name(1), b"")
    house.admit()
    object_key = house.book.refusals[key][3][0].object_key
    earlier = house.store.put_by_hash(object_key.rpartition("/")[0], io.BytesIO(b"what an earlier release wrote"))
    house.book.by_key[key] = replace(house.book.by_key[key], status=FlowStatus.LANDED)
    assert house.admit() == 1
    (answer,) = house.book.refusals[key][3]
    assert answer.object_key == object_key != earlier.key
    assert answer.sha256 == hashlib.sha256(house.store.objects[object_key]).hexdigest()


def test_a_full_temporary_folder_is_said_in_our_words(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    house.land(name(1), XML)
    monkeypatch.setattr(stage, "packed", full)
    with pytest.raises(StoreUnavailable, match="No space left on device"):
        house.admit()


def test_a_flow_without_room_is_put_off_and_stops_no_other(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    large, small = house.land(name(1), XML), house.land(name(2), XML)
    packed = stage.packed

    def cramped(flow: Flow, *rest: Any) -> Any:
        if flow.flow_key == large:
            raise OSError(28, "No space left on device")
        return packed(flow, *rest)

    monkeypatch.setattr(stage, "packed", cramped)
    with pytest.raises(StoreUnavailable, match=rf"1 flows could not be admitted; 1 others.*{large}"):
        house.admit()
    assert [house.book.by_key[key].status for key in (large, small)] == [FlowStatus.LANDED, FlowStatus.ADMITTED]
    monkeypatch.undo()
    assert house.admit() == 1


def test_a_store_that_is_away_is_not_asked_for_every_flow(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def away(flow: Flow, *_: object) -> None:
        asked.append(flow.flow_key)
        raise StoreUnavailable("the store does not answer")

    for sequence in range(1, 10):
        house.land(name(sequence), XML)
    monkeypatch.setattr(stage, "_decide", away)
    with pytest.raises(StoreUnavailable, match=f"{stage.PUT_OFF_IN_A_ROW_MAX} flows could not be admitted"):
        house.admit()
    assert len(asked) == stage.PUT_OFF_IN_A_ROW_MAX


def test_one_refusal_stops_no_other_flow(house: House) -> None:
    first = house.land(name(1), XML)
    keys = {
        house.land(name(2), b""): "IRR_VIDE",
        house.land("facture.xml", XML): "IRR_FORM",
        house.land(name(3, partner_code="XYZ999"), XML): "IRR_CODE_APP",
        house.land(name(4, code="FSO9999Z"), XML): "IRR_CODE_INTER",
        house.land(name(1), XML + b" ", conflicts_with=first): "IRR_UNICITE",
        house.land(name(5), b"hello"): "IRR_TYPE",
        house.land(name(6), gzip.compress(tar(SEVERAL))[:-4]): "IRR_EXTRAC",
        house.land(name(7), zipped([("../a", XML)])): "IRR_NOM_F",
        house.land(name(8), zipped([("a", b"")])): "IRR_VIDE_F",
    }
    last = house.land(name(9), XML)
    assert house.admit() == 11
    assert {key: refusal[0] for key, refusal in house.book.refusals.items()} == keys
    assert [house.book.flow(key).status for key in (first, last)] == [FlowStatus.ADMITTED] * 2
    assert not [key for key in house.store.objects if key.startswith("admitted/") and key.split("/")[1] in keys]


def test_a_refusal_owes_one_answer_that_says_why(house: House) -> None:
    key = house.land(name(5), b"")
    house.admit()
    motive, detail, code, answers = house.book.refusals[key]
    assert (motive, code) == ("IRR_VIDE", "93")
    assert "no byte" in detail
    (answer,) = answers
    assert answer.name == "CSO1100A_ABC123_" + answer.name[16:22] + "1100000000000000001"
    assert answer.delivery_id == f"{key}:CSO1100A:ABC123:0"
    assert (answer.partner_code, answer.interface_code) == ("ABC123", "CSO1100A")
    content = house.store.objects[answer.object_key]
    assert answer.object_key == f"answers/{key}/{answer.name}/{answer.sha256}"
    assert (answer.sha256, answer.size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    assert b"IRR_VIDE" in content and name(5).encode() in content


def test_answers_of_one_kind_are_numbered_in_the_order_of_landing(house: House) -> None:
    keys = [house.land(name(number), b"") for number in (3, 4)]
    afnor = house.land(name(1, "FSO1150A"), b"")
    nameless = house.land("n'importe quoi.xml", XML)
    unknown = house.land(name(1, "FSO9999Z"), XML)
    house.admit()
    names = {key: house.book.refusals[key][3][0].name for key in (*keys, afnor, nameless, unknown)}
    assert [names[key][-15:] for key in keys] == [f"{1:015d}", f"{2:015d}"]
    assert names[afnor].startswith("CSO1150A_") and house.book.refusals[afnor][2] == "501"
    assert names[nameless].startswith("CSO0000A_")
    assert names[unknown].startswith("CSO9999Z_")
    assert all(len(answer_name) == 41 for answer_name in names.values())


def test_too_many_files_for_the_interface_are_all_counted(house: House) -> None:
    key = house.land(name(1), tar([(f"{position}.xml", XML) for position in range(503)]))
    house.admit()
    motive, detail, _, _ = house.book.refusals[key]
    assert motive == "IRR_TAILLE"
    assert "503 files" in detail and "allows 500" in detail


class Scanner:
    def __init__(self) -> None:
        self.scanned: list[bytes] = []

    def scan(self, stream: BinaryIO) -> str | None:
        self.scanned.append(stream.read())
        return "Eicar-Test" if b"EICAR" in self.scanned[-1] else None


def test_an_antivirus_sees_every_byte_and_its_finding_refuses(house: House) -> None:
    clean, dirty = house.land(name(1), XML), house.land(name(2), XML + b"EICAR")
    scanner = Scanner()
    house.admit(antivirus=scanner)
    assert scanner.scanned == [XML, XML + b"EICAR"]
    assert house.book.flow(clean).status is FlowStatus.ADMITTED
    motive, detail, _, _ = house.book.refusals[dirty]
    assert motive == "IRR_ANTIVIRUS" and "Eicar-Test" in detail


def test_without_antivirus_nothing_is_claimed(house: House) -> None:
    key = house.land(name(1), XML + b"EICAR")
    house.admit()
    assert house.book.flow(key).status is FlowStatus.ADMITTED


def test_damage_of_ours_is_never_answered_as_the_partners(house: House) -> None:
    damaged = house.land(name(1), XML)
    house.store.objects[f"landing/{house.book.flow(damaged).sha256}"] = XML[:-1]
    sound = house.land(name(2), XML + b"\n")
    with pytest.raises(TerminalError, match="1 others were decided") as caught:
        house.admit()
    assert damaged in caught.value.where
    assert house.book.flow(damaged).status is FlowStatus.LANDED
    assert house.book.flow(sound).status is FlowStatus.ADMITTED
    assert not house.book.refusals
