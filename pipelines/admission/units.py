"""One invoice a document: a CPPFactureMixte of several invoices becomes as many documents of one.

Each invoice has its own recipient, who must see no other. The bytes of an invoice stay as they are, on their lines;
what stood before and after all of them stands around each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from data_contracts.errors import DocumentUnreadable
from data_contracts.limits import MEMBERS_MAX
from pipelines.parsing.xml_gate import gated

GROWTH_MAX = 4
"""How many times its size a file may grow to when it is taken apart: what is repeated is an envelope of a kilobyte."""

_OPEN, _CLOSE = b"<CPPFactureMixteUnitaire", b"</CPPFactureMixteUnitaire>"
_COUNTER = re.compile(rb"(<CPPFactures\s[^<>]*?Compteur\s*=\s*)([\"'])\s*0*(\d{1,6})\s*\2")
_BETWEEN = re.compile(rb"\s*")


def documents_of(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """The documents of a file of CPPFactureMixte, each with its name: the file itself, or one for each invoice in it.

    Shape    invoice n of a file is named `file#n`. A file of which it is not plain which bytes are whose, or whose
             counter is wrong, stays whole: the check of its structure says what is wrong with it.
    Cost     one parse of a file with several invoices.
    """
    spans = _spans(data)
    if spans is None or not _agrees(data, len(spans)):
        yield name, data
        return
    head, tail = data[: spans[0][0]], data[spans[-1][1] :]
    head = _COUNTER.sub(rb"\g<1>\g<2>1\g<2>", head, count=1)
    if (len(head) + len(tail)) * len(spans) > GROWTH_MAX * len(data):
        yield name, data
        return
    # Empty lines stand for the invoices before each, so that findings name the sender's own lines.
    lines_kept = data.count(b"\n") * len(spans) <= GROWTH_MAX * len(data)
    above = 0
    for number, (start, end) in enumerate(spans, start=1):
        yield f"{name}#{number}", head + b"\n" * (above if lines_kept else 0) + data[start:end] + tail
        following = spans[number][0] if number < len(spans) else end
        above += data.count(b"\n", start, following)


def _spans(data: bytes) -> list[tuple[int, int]] | None:
    """Where each invoice begins and ends; None for fewer than two, or where anything else stands between them."""
    if data.count(_OPEN) < 2 or data.count(_OPEN) > MEMBERS_MAX:
        return None
    spans: list[tuple[int, int]] = []
    at = data.find(_OPEN)
    while data.startswith(_OPEN, at):
        end = data.find(_CLOSE, at)
        if end < 0:
            return None
        end += len(_CLOSE)
        spans.append((at, end))
        between = _BETWEEN.match(data, end)
        assert between is not None, "no space is a match too"
        at = between.end()
    return spans if len(spans) == data.count(_OPEN) else None


def _agrees(data: bytes, count: int) -> bool:
    """Whether the parsed document holds so many invoices too, side by side, and says so."""
    counter = _COUNTER.search(data)
    if counter is None or int(counter[3]) != count or counter.start() > data.find(_OPEN):
        return False
    try:
        root = gated(data).getroot()
    except DocumentUnreadable:
        return False
    everywhere = sum(1 for _ in root.iter("CPPFactureMixteUnitaire"))
    return len(root.findall("CPPFactures/CPPFactureMixteUnitaire")) == everywhere == count
