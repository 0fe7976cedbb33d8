"""One invoice a document: a CPPFactureMixte of several invoices becomes as many documents of one.

Each invoice has its own recipient, who must see no other. The bytes of an invoice stay as they are, on their lines;
what stood before and after all of them stands around each.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from lxml import etree

from data_contracts.limits import MEMBERS_MAX
from data_contracts.refusals import DocumentUnreadable
from pipelines.parsing.large_documents import is_large
from pipelines.parsing.xml_gate import gated, refuse_malformed, screen

GROWTH_MAX = 4
"""How many times its size a file may grow to when it is taken apart: what is repeated is an envelope of a kilobyte."""

UNIT = "CPPFactureMixteUnitaire"
"""The element of one invoice."""
PLACED_BELOW = 2
"""Elements above it: CPPFactures, and the root."""

_OPEN, _CLOSE = b"<CPPFactureMixteUnitaire", b"</CPPFactureMixteUnitaire>"
_COUNTER = re.compile(rb"(<CPPFactures\s[^<>]*?Compteur\s*=\s*)([\"'])\s*0*(\d{1,6})\s*\2")
_BETWEEN = re.compile(rb"\s*")


def documents_of(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """The documents of a file of CPPFactureMixte, each with its name: the file itself, or one for each invoice in it.

    Shape    invoice n of a file is named `file#n`. A file of which it is not plain which bytes are whose, or whose
             counter is wrong, stays whole: the check of its structure says what is wrong with it.
    Cost     one parse of a file with several invoices; of a large one, the memory of one invoice.
    """
    spans = _spans(data)
    if spans is None:
        yield name, data
        return
    head, tail = data[: spans[0][0]], data[spans[-1][1] :]
    if not _agrees(data, spans, head + tail):
        yield name, data
        return
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


def _agrees(data: bytes, spans: list[tuple[int, int]], around: bytes) -> bool:
    """Whether the parsed document holds so many invoices too, side by side, and says so."""
    count = len(spans)
    counter = _COUNTER.search(data)
    if counter is None or int(counter[3]) != count or counter.start() > data.find(_OPEN):
        return False
    # Trees of one invoice each, with what stands around it, are as small as those of a document.
    if is_large(data) and (is_large(around) or any(is_large(data[start:end]) for start, end in spans)):
        return False
    try:
        everywhere, placed = _streamed_counts(data) if is_large(data) else _counts(gated(data).getroot())
    except DocumentUnreadable:
        return False
    return everywhere == placed == count


def _counts(root: etree._Element) -> tuple[int, int]:
    """How many invoices there are anywhere, and how many where they belong."""
    return sum(1 for _ in root.iter(UNIT)), len(root.findall(f"CPPFactures/{UNIT}"))


def _streamed_counts(data: bytes) -> tuple[int, int]:
    """As `_counts`, of a large document: the tree of one invoice at a time is in memory."""
    screen(data)
    everywhere = placed = 0
    ended = etree.iterparse(
        io.BytesIO(data), tag=UNIT, resolve_entities=False, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        for _, unit in ended:
            above = [parent.tag for parent in unit.iterancestors()]
            everywhere += 1
            placed += len(above) == PLACED_BELOW and above[0] == "CPPFactures"
            unit.clear(keep_tail=True)
            while (before := unit.getprevious()) is not None:
                before.getparent().remove(before)
    except etree.XMLSyntaxError as error:
        refuse_malformed(error.msg, error.lineno)
    return everywhere, placed
