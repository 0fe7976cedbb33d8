"""One mailbox over all channels: routing, order, and what one unreachable partner does to the others: nothing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.local_drop import LocalMailbox
from connectors.mailboxes import Mailboxes
from data_contracts.errors import ConfigurationError, PartnerRefused, PartnerUnavailable
from data_contracts.ports import Deposit


class Channel(LocalMailbox):
    """A channel that lists what lies in its folder, then fails if it is told to."""

    def __init__(self, root: Path, failure: Exception | None = None) -> None:
        super().__init__(root)
        self.failure = failure
        self.closed = 0

    def incoming(self) -> Iterator[Deposit]:
        yield from super().incoming()
        if self.failure is not None:
            raise self.failure

    def close(self) -> None:
        self.closed += 1


def dropped(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name.replace("/", "/in/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    root.mkdir(exist_ok=True)
    return root


def listed(mailbox: Mailboxes) -> list[str]:
    return [f"{row.partner_code}/{row.name}" for row in mailbox.incoming()]


def test_every_partner_is_reached_by_its_own_channel(tmp_path: Path) -> None:
    local = LocalMailbox(dropped(tmp_path / "local", "AAA001/x", "DDD001/x"))
    far = Channel(dropped(tmp_path / "far", "BBB001/b", "BBB001/a", "CCC001/x"))
    boxes = Mailboxes(local, lambda: {"far": (frozenset({"BBB001", "CCC001"}), far)})
    assert listed(boxes) == ["AAA001/x", "BBB001/a", "BBB001/b", "CCC001/x", "DDD001/x"]
    for deposit in boxes.incoming():
        with boxes.open(deposit) as stream:
            assert stream.read().decode() == f"{deposit.partner_code}/{deposit.name}"
        boxes.remove(deposit)
    assert listed(boxes) == []
    for partner_code, place in (("AAA001", "local"), ("BBB001", "far")):
        for part in ("1-1", "1-2"):
            boxes.stage(partner_code, "answer", part, io.BytesIO(b"ok"))
        boxes.publish(partner_code, "answer", "1-1")
        boxes.discard(partner_code, "answer", "1-2")
        assert (tmp_path / place / partner_code / "out" / "answer").read_bytes() == b"ok"


@pytest.mark.parametrize("failure", [PartnerUnavailable("gone"), PartnerRefused("not known")])
def test_one_failure_waits_for_all_other_files(tmp_path: Path, failure: Exception) -> None:
    local = LocalMailbox(dropped(tmp_path / "local", "AAA001/x", "ZZZ001/x"))
    broken = Channel(dropped(tmp_path / "broken", "BBB001/x"), failure)
    whole = Channel(dropped(tmp_path / "whole", "CCC001/x"))
    boxes = Mailboxes(local, lambda: {"a": (frozenset({"BBB001"}), broken), "b": (frozenset({"CCC001"}), whole)})
    got = []
    with pytest.raises(type(failure)):
        for deposit in boxes.incoming():
            got.append(deposit.partner_code)
    assert got == ["AAA001", "BBB001", "CCC001", "ZZZ001"]


def test_a_refusal_is_told_before_what_passes_by_itself(tmp_path: Path) -> None:
    quiet = Channel(dropped(tmp_path / "quiet"), PartnerUnavailable("gone"))
    refusing = Channel(dropped(tmp_path / "refusing"), PartnerRefused("not known"))
    kinds = {"a": (frozenset({"AAA001"}), quiet), "b": (frozenset({"BBB001"}), refusing)}
    with pytest.raises(PartnerRefused):
        listed(Mailboxes(LocalMailbox(dropped(tmp_path / "local")), lambda: kinds))


def test_a_local_drop_beside_a_channel_is_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    local = LocalMailbox(dropped(tmp_path / "local", "BBB001/x"))
    boxes = Mailboxes(local, lambda: {"far": (frozenset({"BBB001"}), Channel(dropped(tmp_path / "far")))})
    assert listed(boxes) == []
    assert "BBB001" in caplog.text


def test_channels_are_opened_once_when_first_used_and_closed(tmp_path: Path) -> None:
    opened: list[Channel] = []

    def open_all() -> dict[str, tuple[frozenset[str], Channel]]:
        opened.append(Channel(dropped(tmp_path / "far")))
        return {"far": (frozenset({"BBB001"}), opened[-1])}

    boxes = Mailboxes(LocalMailbox(dropped(tmp_path / "local")), open_all)
    boxes.close()
    assert not opened
    assert listed(boxes) == []
    boxes.discard("BBB001", "x", "1-1")
    boxes.close()
    boxes.close()
    assert [channel.closed for channel in opened] == [1]
    assert listed(boxes) == []
    assert len(opened) == 2


def test_a_partner_with_two_channels_is_a_mistake(tmp_path: Path) -> None:
    channel = Channel(dropped(tmp_path / "far"))
    kinds = {"as2": (frozenset({"BBB001"}), channel), "sftp": (frozenset({"BBB001"}), channel)}
    with pytest.raises(ConfigurationError, match=r"as2, sftp"):
        Mailboxes(LocalMailbox(tmp_path), lambda: kinds).discard("BBB001", "x", "1-1")
