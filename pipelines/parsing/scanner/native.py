"""The scanner in C: a shared library without Python in it, built when Relais is installed where a compiler is."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Sequence
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from data_contracts import limits
from pipelines.parsing.path_tables import INT, PATHS_MAX, Array, Batch, PathDictionary, Strings, shared_paths
from pipelines.parsing.scanner.automaton import SchemaAutomaton
from pipelines.parsing.scanner.origin import ScannedOrigin, bases
from pipelines.parsing.scanner.reading import Reading

LIBRARY = "_native"
FACE_VERSION = 2
"""Of the functions below: a library left over from another version is not used."""

TEXT_BYTES_MAX = 9_000_000
"""libxml2 refuses a text of more than 10,000,000 bytes in a document that it does not take for a huge one."""

_PIECE_BYTES = 1 << 18
"""Strings are decoded by pieces of about so many bytes: one wide character makes a whole piece wide."""


class _Opening(ctypes.Structure):
    """`Opening` of scanner.c."""

    _fields_ = (
        ("seed", ctypes.c_uint64),
        ("document_bytes", ctypes.c_uint64),
        ("depth", ctypes.c_uint64),
        ("attributes", ctypes.c_uint64),
        ("elements", ctypes.c_uint64),
        ("text_bytes", ctypes.c_uint64),
        ("declarations", ctypes.c_uint64),
        ("paths", ctypes.c_uint64),
        ("known_paths", ctypes.c_uint64),
        ("names", ctypes.c_char_p),
        ("name_bytes", ctypes.c_uint64),
        ("name_count", ctypes.c_uint64),
        ("roots", ctypes.c_void_p),
        ("edges", ctypes.c_void_p),
        ("types", ctypes.c_void_p),
        ("schema_attributes", ctypes.c_void_p),
        ("accepting", ctypes.c_void_p),
        ("root_count", ctypes.c_uint64),
        ("edge_count", ctypes.c_uint64),
        ("type_count", ctypes.c_uint64),
        ("schema_attribute_count", ctypes.c_uint64),
        ("state_count", ctypes.c_uint64),
    )


_POINTER = ctypes.c_void_p
_FACE: dict[str, tuple[Any, list[Any]]] = {
    "relais_scanner_open": (_POINTER, [ctypes.POINTER(_Opening)]),
    "relais_scanner_close": (None, [_POINTER]),
    "relais_paths_forget": (ctypes.c_int64, [_POINTER]),
    "relais_path_add": (
        ctypes.c_int64,
        [_POINTER, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_int32],
    ),
    "relais_path_count": (ctypes.c_uint64, [_POINTER]),
    "relais_path": (None, [_POINTER, ctypes.c_uint32, *[_POINTER] * 6]),
    "relais_scan": (ctypes.c_int64, [_POINTER, _POINTER, _POINTER, ctypes.c_int64, _POINTER]),
    "relais_sizes": (None, [_POINTER, _POINTER]),
    "relais_columns": (None, [_POINTER, *[_POINTER] * 4]),
    "relais_strings": (_POINTER, [_POINTER]),
    "relais_batch_end": (None, [_POINTER]),
}


def available() -> bool:
    """Whether the library is built, and of this version."""
    return _library() is not None


@cache
def _library() -> ctypes.CDLL | None:
    for suffix in EXTENSION_SUFFIXES:
        path = Path(__file__).with_name(LIBRARY + suffix)
        if path.is_file():
            return loaded(path)
    return None


def loaded(path: Path) -> ctypes.CDLL | None:
    """The library in a file, its functions declared; None when it cannot be loaded here or has another version."""
    try:
        library = ctypes.CDLL(str(path))
        library.relais_scanner_version.restype = ctypes.c_int64
        if library.relais_scanner_version() != FACE_VERSION:
            return None
    except (OSError, AttributeError):
        return None
    for name, (result, arguments) in _FACE.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class NativeScanner:
    """A `Scanner` for one automaton. Threads take turns."""

    def __init__(self, automaton: SchemaAutomaton, library: ctypes.CDLL | None = None) -> None:
        found = _library() if library is None else library
        if found is None:
            raise RuntimeError("the native scanner is not built")
        self._library = found
        self._lock = threading.Lock()
        self._paths: PathDictionary | None = None
        self._scanner = _opened(found, automaton)

    def __del__(self) -> None:
        # It is not there when the scanner could not be opened.
        if hasattr(self, "_scanner"):
            self._library.relais_scanner_close(self._scanner)

    def read(self, documents: Sequence[bytes]) -> Reading:
        """The documents in tables of the process's shared paths.

        Errors   ContractBroken for a batch of 2**31 bytes; MemoryError when there is not enough.
        Cost     about 2 ns a byte; the interpreter is free for other threads meanwhile.
        """
        starts = bases(documents)
        with self._lock:
            paths = shared_paths()
            try:
                return self._read(documents, starts, paths)
            finally:
                self._library.relais_batch_end(self._scanner)

    def _read(self, documents: Sequence[bytes], starts: Array, paths: PathDictionary) -> Reading:
        self._catch_up(paths)
        count = len(documents)
        statuses = np.zeros(count, np.int8)
        pointers = (ctypes.c_char_p * count)(*documents)
        lengths = np.diff(starts).astype(np.int64)
        known = self._library.relais_path_count(self._scanner)
        # Whatever ends this early, the library may then hold paths that the dictionary does not.
        self._paths = None
        failed = self._library.relais_scan(self._scanner, pointers, lengths.ctypes.data, count, statuses.ctypes.data)
        if failed:
            raise MemoryError("no memory to read a batch of documents")
        sizes = np.zeros(4, np.uint64)
        self._library.relais_sizes(self._scanner, sizes.ctypes.data)
        rows, path_count, _, string_bytes = sizes.tolist()
        columns = self._columns(rows, path_count, self._handed_over(paths, known, path_count))
        strings = _strings(self._library.relais_strings(self._scanner), string_bytes)
        return Reading(statuses, Batch(paths, Strings(strings), count, columns, ScannedOrigin(documents, starts)))

    def _catch_up(self, paths: PathDictionary) -> None:
        """Brings the library's paths in step with the dictionary: other readers add paths, and it may be a new one."""
        if self._paths is not paths:
            self._paths = None
            self._checked(self._library.relais_paths_forget(self._scanner))
        for number in range(self._library.relais_path_count(self._scanner), len(paths)):
            name = paths.names[number].encode()
            attribute = name.startswith(b"@")
            text = name[1:] if attribute else name
            added = self._library.relais_path_add(self._scanner, paths.parents[number], text, len(text), int(attribute))
            self._checked(added)
            assert added == number, "paths are numbered as they come"
        self._paths = paths

    def _handed_over(self, paths: PathDictionary, known: int, count: int) -> Sequence[int]:
        """The numbers in the dictionary of the library's paths, which are added to it where they are new.

        They are the same unless another thread added paths meanwhile: then the library starts anew next time.
        """
        numbers: Sequence[int] = range(count)
        if known < count:
            mapped = list(range(known))
            for number in range(known, count):
                parent, name = self._path(number)
                mapped.append(paths.child(mapped[parent], name))
            if mapped != list(numbers):
                return mapped
        self._paths = paths
        return numbers

    def _path(self, number: int) -> tuple[int, str]:
        parent, attribute = ctypes.c_uint32(), ctypes.c_int32()
        namespace, local = ctypes.c_void_p(), ctypes.c_void_p()
        namespace_bytes, local_bytes = ctypes.c_uint64(), ctypes.c_uint64()
        told = (parent, attribute, namespace, namespace_bytes, local, local_bytes)
        self._library.relais_path(self._scanner, number, *(ctypes.byref(part) for part in told))
        name = ctypes.string_at(local.value or 0, local_bytes.value).decode()
        if namespace_bytes.value:
            name = f"{{{ctypes.string_at(namespace.value or 0, namespace_bytes.value).decode()}}}{name}"
        return parent.value, f"@{name}" if attribute.value else name

    def _columns(self, rows: int, path_count: int, numbers: Sequence[int]) -> dict[int, tuple[Array, Array, Array]]:
        parents, texts, orders = (np.empty(rows, INT) for _ in range(3))
        starts = np.empty(path_count + 1, np.int64)
        pointers = (column.ctypes.data for column in (parents, texts, orders, starts))
        self._library.relais_columns(self._scanner, *pointers)
        cuts = starts.tolist()
        return {
            numbers[path]: (parents[start:end], texts[start:end], orders[start:end])
            for path, (start, end) in enumerate(pairwise(cuts))
            if start < end
        }

    def _checked(self, result: int) -> None:
        if result < 0:
            self._paths = None
            raise MemoryError("no memory for the paths of documents")


def _opened(library: ctypes.CDLL, automaton: SchemaAutomaton) -> int:
    """A scanner of the library. Its seed is secret and changes nothing that is read: senders cannot aim at a table."""
    names = b"".join(name.encode() + b"\0" for name in automaton.names)
    tables = [automaton.roots, automaton.edges, automaton.types, automaton.attributes]
    arrays: list[Array] = [np.ascontiguousarray(table, np.int32) for table in tables]
    arrays.append(np.ascontiguousarray(automaton.accepting, np.uint8))
    opening = _Opening(
        int.from_bytes(os.urandom(8), "little"),
        limits.MEMBER_BYTES_MAX,
        limits.XML_DEPTH_MAX,
        limits.XML_ATTRIBUTES_MAX,
        limits.XML_ELEMENTS_MAX,
        TEXT_BYTES_MAX,
        limits.XML_DECLARATIONS_MAX,
        limits.XML_PATHS_MAX,
        PATHS_MAX,
        names,
        len(names),
        len(automaton.names),
        *(array.ctypes.data for array in arrays),
        *(len(array) for array in arrays),
    )
    scanner = library.relais_scanner_open(ctypes.byref(opening))
    if not scanner:
        raise MemoryError("no memory for a scanner, or an automaton whose tables do not fit each other")
    return int(scanner)


def _strings(address: int, length: int) -> list[str]:
    """The strings that lie there one behind the other, a NUL behind each."""
    data = memoryview((ctypes.c_char * length).from_address(address)).cast("B")
    strings: list[str] = []
    start = 0
    while start < length:
        end = min(start + _PIECE_BYTES, length)
        while data[end - 1]:
            end += 1
        strings += str(data[start : end - 1], "utf-8").split("\0")
        start = end
    return strings
