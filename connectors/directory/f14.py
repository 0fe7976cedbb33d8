"""F14, the directory as the public portal publishes it: read as a stream, in memory that does not grow with the file.

Expat tells what stands in the file, one element after another. A document type is refused before anything it declares
is read; so is everything else that would make a small file large, or a name, a text or a tag without end.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NoReturn
from xml.parsers import expat

from connectors.directory.f14_entries import ENTRIES, FIELDS, SCHEME, Corrupt
from connectors.directory.refused import DirectoryRefused
from connectors.directory.tables import Row

ROOT = "AnnuaireConsultationF14"
CHUNK_BYTES = 1 << 20
ENDLESS_BYTES = 4 << 20
"""Bytes of a tag, or of a text, after which a file is no directory. The longest field has 255 characters."""

FILE_BYTES_MAX = 100_000_000_000
"""Ten times the file of July 2025, which had 10 GB."""

DEPTH_MAX = 6
STRANGE_NAMES_MAX = 100
ENCODINGS = frozenset({"utf-8", "us-ascii", "iso-8859-1"})
_HEADINGS = ("HorodateProduction", "DernierHorodateProduction", "TypeFlux")
_STAMP = re.compile(r"[0-9]{14}").fullmatch
_TWICE = "twice"
ENTRY_DEPTH = 3


@dataclass(frozen=True)
class Fault:
    """An entry left out: the nth of its block, where it ends in the file, its field, value, and what is wrong."""

    block: str
    entry: int
    line: int
    instance: str
    field: str
    value: str
    why: str


@dataclass(frozen=True)
class Heading:
    """When a file was produced, as 14 digits; after which other one it says what changed; whether it says all."""

    produced_at: str
    after: str | None
    full: bool


@dataclass
class Read:
    """What was read so far, and is not yet taken: rows by table, faults, and names that the format does not know."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    strange: dict[str, int] = field(default_factory=dict)
    entries: dict[str, int] = field(default_factory=dict)


class F14:
    """One F14 being read. `loaded` goes into every row.

    Errors   DirectoryRefused when the file is not well-formed, no F14, or hostile; where names the line.
    Cost     about 8 microseconds an entry; memory of one chunk, whatever the size of the file.
    """

    def __init__(self, stream: BinaryIO, name: str, loaded: int = 0) -> None:
        self._stream = stream
        self._name = name
        self._loaded = loaded
        self._fed = 0
        self._depth = 0
        self._texts: list[str] = []
        self._fields: dict[str, str] = {}
        self._headings: dict[str, str] = {}
        self._block: str | None = None
        self._blocks: set[str] = set()
        self._heading: Heading | None = None
        self._read = Read()
        self._parser = self._made()

    def heading(self) -> Heading:
        """What the file says of itself, read from its beginning."""
        while self._heading is None:
            if not self._feed():
                self._refuse("the file says nothing of itself", remedy="ask for the file again")
        return self._heading

    def chunks(self) -> Iterator[Read]:
        """What each chunk of the file holds, until its end. `heading` comes first."""
        while True:
            more = self._feed()
            yield self._taken()
            if not more:
                return

    def _taken(self) -> Read:
        read = self._read
        self._read = Read(strange=read.strange, entries=read.entries)
        return read

    def _feed(self) -> bool:
        try:
            chunk = self._stream.read(CHUNK_BYTES)
        except (OSError, EOFError, zlib.error) as error:
            self._refuse("the file cannot be read", value=str(error), remedy="ask for the file again: it may be cut")
        if self._fed == 0 and (b"\0" in chunk[:4] or chunk[:2] in {b"\xff\xfe", b"\xfe\xff"}):
            self._refuse("the encoding is not UTF-8, US-ASCII or ISO-8859-1", value="UTF-16 / UTF-32")
        try:
            self._parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            what = expat.errors.messages[error.code] if error.code in expat.errors.messages else str(error)
            self._refuse("the file is not well-formed", value=what, remedy="ask for the file again: it may be cut")
        self._fed += len(chunk)
        unread = self._fed - max(self._parser.CurrentByteIndex, 0)
        if unread > ENDLESS_BYTES or sum(map(len, self._texts)) > ENDLESS_BYTES:
            self._refuse("a tag or a text does not end", value=f"more than {ENDLESS_BYTES} bytes")
        if self._fed > FILE_BYTES_MAX:
            self._refuse("the file is too large", value=f"more than {FILE_BYTES_MAX} bytes")
        return bool(chunk)

    def _made(self) -> Any:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.XmlDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._begun
        parser.EndElementHandler = self._ended
        parser.CharacterDataHandler = self._texts.append
        return parser

    def _declared(self, version: str, encoding: str | None, standalone: int) -> None:
        if version != "1.0" or (encoding or "utf-8").lower() not in ENCODINGS:
            self._refuse("the XML is not version 1.0 in UTF-8, US-ASCII or ISO-8859-1", value=f"{version} {encoding}")

    def _doctype(self, *_: object) -> None:
        self._refuse("the file has a DOCTYPE, which no directory file uses")

    def _begun(self, name: str, attributes: list[str]) -> None:
        self._texts.clear()
        self._depth += 1
        if self._depth > ENTRY_DEPTH:
            if self._depth > DEPTH_MAX:
                self._refuse("elements are nested too deeply", value=name)
            if name not in FIELDS:
                self._noted(name)
            for at in range(0, len(attributes), 2):
                if attributes[at] == SCHEME:
                    self._fields[f"{name}@{SCHEME}"] = attributes[at + 1]
                else:
                    self._noted(f"@{attributes[at]}")
        else:
            self._opened(name)

    def _opened(self, name: str) -> None:
        if self._depth == ENTRY_DEPTH:
            if self._block is None or name != ENTRIES[self._block][0]:
                self._refuse("an element is out of place", value=name)
            self._fields = {}
        elif self._depth == 1:
            if name != ROOT:
                self._refuse(f"the root element is not {ROOT}", value=name, remedy="give an F14 directory file")
        elif name in ENTRIES:
            self._head()
            if name in self._blocks:
                self._refuse("a block occurs twice", value=name)
            self._blocks.add(name)
            self._block = name
        elif name not in _HEADINGS or name in self._headings:
            self._refuse("an element is out of place", value=name)

    def _ended(self, name: str) -> None:
        if self._depth > ENTRY_DEPTH:
            if name in self._fields:
                self._fields[_TWICE] = name
            self._fields[name] = "".join(self._texts).strip()
        elif self._depth == ENTRY_DEPTH:
            self._entered()
        elif self._depth == 2 and self._block is None:
            self._headings[name] = "".join(self._texts).strip()
        elif self._depth == 2:
            self._block = None
        else:
            self._head()
        self._texts.clear()
        self._depth -= 1

    def _entered(self) -> None:
        block = self._block
        assert block is not None, "an entry outside a block"
        nth = self._read.entries[block] = self._read.entries.get(block, 0) + 1
        _, table, read = ENTRIES[block]
        fields = self._fields
        try:
            if _TWICE in fields:
                raise Corrupt(fields[_TWICE], fields[fields[_TWICE]], "occurs twice")
            row = read(fields, self._loaded)
        except Corrupt as fault:
            number, instance = self._parser.CurrentLineNumber, fields.get("IdInstance", "")[:20]
            told = Fault(block, nth, number, instance, fault.field, fault.value[:100], fault.why)
            self._read.faults.append(told)
            return
        self._read.rows.setdefault(table.name, []).append(row)

    def _head(self) -> None:
        if self._heading is not None:
            return
        given = self._headings
        produced_at, after, kind = (given.get(name) for name in _HEADINGS)
        if kind not in {"C", "D"}:
            self._refuse("TypeFlux is neither C nor D", value=kind or "")
        for stamp in (produced_at, after if kind == "D" else produced_at):
            if stamp is None or _STAMP(stamp) is None:
                self._refuse("a time of production is not AAAAMMJJHHMMSS", value=stamp or "")
        assert produced_at is not None
        self._heading = Heading(produced_at, after, kind == "C")

    def _noted(self, name: str) -> None:
        strange = self._read.strange
        strange[name] = strange.get(name, 0) + 1
        if len(strange) > STRANGE_NAMES_MAX:
            self._refuse("the file is full of names that the format does not know", value=name[:100])

    def _refuse(self, what: str, *, value: str = "", remedy: str = "") -> NoReturn:
        where = f"{self._name}, line {self._parser.CurrentLineNumber}" if hasattr(self, "_parser") else self._name
        raise DirectoryRefused(what, where=where, value=value[:200], remedy=remedy or "give an F14 of its publisher")
