"""Runs a native scanner that was built with sanitizers: `python -m tests.hostile.scanner_memory LIBRARY COUNT SEED`.

The sanitizers end the process at the first byte read or written where none may be. Each document lies in memory of its
own, exactly as long as it is: no terminator, no padding.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipelines.parsing.path_tables import PathDictionary
from pipelines.parsing.scanner import native
from tests.hostile.scanner_mutants import SEEDS, mutants
from tests.unit.scanner_oracle import automaton

_LIBC = ctypes.CDLL(None)
_LIBC.malloc.restype = ctypes.c_void_p
_LIBC.malloc.argtypes = [ctypes.c_size_t]
_LIBC.free.argtypes = [ctypes.c_void_p]


def scanned(scanner: native.NativeScanner, documents: list[bytes]) -> list[int]:
    """The statuses of documents that lie apart in memory."""
    pointers = (ctypes.c_void_p * len(documents))()
    for number, data in enumerate(documents):
        pointers[number] = _LIBC.malloc(max(1, len(data)))
        ctypes.memmove(pointers[number], data, len(data))
    lengths = np.array([len(data) for data in documents], np.int64)
    statuses = np.zeros(len(documents), np.int8)
    # Past the wrapper, the library finds paths that no dictionary holds.
    scanner._paths = None
    result = scanner._library.relais_scan(
        scanner._scanner, pointers, lengths.ctypes.data, len(documents), statuses.ctypes.data
    )
    for pointer in pointers:
        _LIBC.free(pointer)
    if result:
        raise MemoryError
    return statuses.tolist()


def cases(count: int, seed: int) -> Iterator[bytes]:
    """Every beginning of the small invoices, then mutants of them."""
    for source in SEEDS:
        for length in range(len(source)):
            yield source[:length]
    yield from mutants(count, seed)


def exhausted(library: ctypes.CDLL) -> int:
    """How many requests for memory were refused, one by one: each is a MemoryError, and the next batch is as ever."""
    wanted = None
    refused = 0
    for requests in range(10_000):
        library.grant(ctypes.c_int64(requests))
        try:
            scanner = native.NativeScanner(automaton(), library)
        except MemoryError:
            refused += 1
            continue
        try:
            scanner._catch_up(PathDictionary())
            scanned(scanner, [*SEEDS, *mutants(40, 5)])
            wanted = requests
        except MemoryError:
            refused += 1
        library.grant(ctypes.c_int64(2**62))
        again = scanned(scanner, list(SEEDS))
        assert again == [2, 2, 2], again
        if wanted is not None:
            return refused
    raise AssertionError("memory is asked for without end")


def main(library_path: Path, count: int, seed: int) -> None:
    library = native.loaded(library_path)
    assert library is not None
    scanner = native.NativeScanner(automaton(), library)
    done, batch = 0, []
    statuses = np.zeros(3, int)
    for document in cases(count, seed):
        batch.append(document)
        if len(batch) == 250:
            told = scanned(scanner, batch)
            assert scanner.read(batch).statuses.tolist() == told
            statuses += np.bincount(told, minlength=3)
            done, batch = done + len(batch), []
    print(f"cases={done} statuses={statuses.tolist()} refused={exhausted(library)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
