"""The file of a proof: a line of canonical JSON, then the parts that it lists, then the SHA-256 of all before.

Nothing in it is slack: a byte that is changed anywhere changes something that is checked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, BinaryIO

from data_contracts.evidence import canonical

FORMAT = "relais-evidence/1"
MANIFEST_BYTES_MAX = 256_000_000
"""Bytes of the first line: 50,000 members with outcomes and long names stay under 40 MB."""
CHUNK_BYTES = 1 << 20
DIGEST_BYTES = 64
RECEIVED, DOCUMENT = "received", "document"
"""Names of the parts that are no answers: the flow as it was received, the bytes of one invoice."""

Opener = Callable[[], AbstractContextManager[BinaryIO]]
Part = tuple[str, int, Opener]
"""Name, size in bytes, and how its bytes are read."""


class Damaged(Exception):
    """A proof file that cannot be read as one. `str()` names the place."""


def write_proof(file: BinaryIO, manifest: dict[str, Any], parts: Sequence[Part]) -> None:
    """Nothing; the proof is written. Memory: the manifest and one chunk."""
    whole = hashlib.sha256()
    listed = manifest | {"format": FORMAT, "parts": [[name, size] for name, size, _ in parts]}

    def put(data: bytes) -> None:
        whole.update(data)
        file.write(data)

    put(canonical(listed) + b"\n")
    for name, size, opener in parts:
        written = 0
        with opener() as stream:
            while chunk := stream.read(min(CHUNK_BYTES, size - written)):
                put(chunk)
                written += len(chunk)
        assert written == size, f"part {name} has {written} bytes of {size}"
    file.write(whole.hexdigest().encode())


class ProofFile:
    """A proof file, read once from start to end: first `manifest`, then `parts()`, then `whole()`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        line = file.readline(MANIFEST_BYTES_MAX)
        self._digest.update(line)
        self.manifest = _parsed(line)

    def parts(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Each part's name and its chunks, which are to be drawn before the next part. Damaged if bytes are missing."""
        for name, size in self.manifest["parts"]:
            yield name, self._chunks(name, size)

    def whole(self) -> bool:
        """Whether the file ends with its own digest, and nothing follows."""
        return self._file.read(DIGEST_BYTES + 1) == self._digest.hexdigest().encode()

    def _chunks(self, name: str, size: int) -> Iterator[bytes]:
        left = size
        while left:
            chunk = self._file.read(min(CHUNK_BYTES, left))
            if not chunk:
                raise Damaged(f"part {name}: the file ends {left} bytes early")
            self._digest.update(chunk)
            left -= len(chunk)
            yield chunk


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        manifest = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Damaged("the first line is not the manifest of a proof") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise Damaged("the first line is not a manifest of this format")
    if canonical(manifest) + b"\n" != line:
        raise Damaged("the manifest is not written as it was")
    parts = manifest.get("parts")
    if not isinstance(parts, list) or not all(_listed(part) for part in parts):
        raise Damaged("the manifest does not list its parts")
    return manifest


def _listed(part: object) -> bool:
    return (
        isinstance(part, list) and len(part) == 2 and isinstance(part[0], str) and type(part[1]) is int and part[1] >= 0
    )
