"""The scanner in Python: the one to read, and the one that reads where there is no C compiler."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from operator import length_hint
from typing import Any

from pipelines.parsing.path_tables import shared_paths
from pipelines.parsing.scanner.assembly import Read, assembled
from pipelines.parsing.scanner.automaton import SchemaAutomaton
from pipelines.parsing.scanner.documents import GREATER, MARK, Opened, opened
from pipelines.parsing.scanner.memo import (
    BYTES_A_LESSON,
    CLOSE,
    CLOSE_EARLY,
    CLOSE_LEAF,
    LESSONS_FIRST,
    Memo,
    State,
    trailing_blank,
)
from pipelines.parsing.scanner.origin import bases
from pipelines.parsing.scanner.reading import Reading
from pipelines.parsing.scanner.schema_index import SchemaIndex
from pipelines.parsing.scanner.tags import Unread

TEXT_BYTES_MAX = 9_000_000
"""libxml2 refuses a text above 10,000,000 bytes in documents that are no larger."""

_REFERENCE = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,9})|#x([0-9a-fA-F]{1,8}));")
_PREDEFINED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class PythonScanner:
    """`Scanner` by remembered pieces: the inner loop is a dictionary look-up and a few appends a tag. Threads take
    turns."""

    def __init__(self, automaton: SchemaAutomaton) -> None:
        self._index = SchemaIndex(automaton)
        self._lock = threading.Lock()
        self._memo = Memo(shared_paths(), self._index)

    def read(self, documents: Sequence[bytes]) -> Reading:
        """The documents in tables.

        Errors   ContractBroken when they have 2**31 bytes or more in all.
        Cost     a quarter of parsing, validating and shredding, when their tags are known.
        """
        starts = bases(documents)
        with self._lock:
            self._renew(int(starts[-1]))
            read = Read(documents, starts, self._memo)
            for number, data in enumerate(documents):
                found = opened(data)
                if found is not None:
                    self._read_one(number, found, read)
            return assembled(read)

    def _renew(self, size: int) -> None:
        """Gives lessons for the bytes sent, and forgets what has grown too much or counts paths no more in use."""
        paths = shared_paths()
        if self._memo.full:
            self._memo = Memo(paths, self._index)
        elif paths is not self._memo.dictionary:
            # Whoever sends paths without end must not earn lessons by it.
            self._memo = Memo(paths, self._index, self._memo.lessons)
        self._memo.forget_pieces()
        self._memo.lessons = min(LESSONS_FIRST, self._memo.lessons + size // BYTES_A_LESSON)

    def _read_one(self, number: int, found: Opened, read: Read) -> None:
        walk = _Walk(self._memo)
        try:
            walk.over(found.pieces)
            values = _values(walk.values, found)
        except (Unread, StopIteration, IndexError):
            return
        read.add(number, walk.numbers, values, found.marked, flawed=walk.flawed)


class _Walk:
    """One document: the numbers of its elements, and the values of attributes and leaves, in order."""

    def __init__(self, memo: Memo) -> None:
        self.numbers: list[int] = []
        self.values: list[str] = []
        self.flawed = False
        self._memo = memo

    def over(self, pieces: list[str]) -> None:
        """Reads all pieces.

        Errors   Unread, StopIteration (it stops inside an element), IndexError (more end tags than start tags).
        """
        states: list[State] = []
        number_of, value_of, values_of = self.numbers.append, self.values.append, self.values.extend
        enter, leave = states.append, states.pop
        state: Any = self._memo.start
        rest: Any = iter(pieces)
        for piece in rest:
            end, number, values, behind, inside, cut = state[piece]
            if end:
                number_of(number)
                if values:
                    values_of(values)
                text = next(rest)
                if text.endswith(end):
                    value_of(text[:cut])
                    state = behind
                elif (bare := trailing_blank(text, end)) is not None:
                    value_of(bare)
                    state = behind
                else:
                    # No leaf: the piece is a child's, and read again inside.
                    self.numbers[-1] += 1
                    enter(behind)
                    state = inside
                    rest.__setstate__(len(pieces) - length_hint(rest) - 1)
            elif inside is not None:
                number_of(number)
                if values:
                    values_of(values)
                enter(behind)
                state = inside
            elif number >= 0:
                number_of(number)
                values_of(values)
                state = behind
            else:
                if number != CLOSE:
                    self._odd_close(number, values)
                state = leave()
        if state is not self._memo.end or states:
            raise Unread

    def _odd_close(self, step: int, values: tuple[str, ...]) -> None:
        if step == CLOSE_EARLY:
            self.flawed = True
        elif step == CLOSE_LEAF:
            self.numbers[-1] -= 1
            self.values.extend(values)


def _values(values: list[str], found: Opened) -> list[str]:
    """The values with marks cut and references resolved. Unread when one is too long or holds no legal reference."""
    data = found.marked
    if len(data) > TEXT_BYTES_MAX and any(
        4 * len(value) > TEXT_BYTES_MAX and len(value.encode()) > TEXT_BYTES_MAX for value in values
    ):
        raise Unread
    if found.greater:
        values = [value.replace(GREATER, ">") for value in values]
    if b"&" in data:
        values = [_resolved(value) if "&" in value else value for value in values]
    if MARK.encode() in data:
        values = [value.replace(MARK, "") for value in values]
    return values


def _resolved(value: str) -> str:
    text, count = _REFERENCE.subn(_character, value)
    if count != value.count("&"):
        raise Unread
    return text


def _character(match: re.Match[str]) -> str:
    name, decimal, hexadecimal = match.groups()
    if name is not None:
        return _PREDEFINED[name]
    code = int(decimal) if decimal is not None else int(hexadecimal, 16)
    if code in {9, 10, 13} or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF:
        return chr(code)
    raise Unread
