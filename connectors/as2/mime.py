"""MIME entities as exact bytes: signatures are over bytes, so nothing is written anew that a partner wrote."""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from itertools import pairwise

from connectors.as2.asn1_structure import Buffer
from connectors.as2.dispositions import malformed
from connectors.as2.limits import HEADER_BYTES_MAX, HEADERS_MAX

CRLF = b"\r\n"
DELIMITERS_LOOKED_AT_MAX = 10_000
"""Places that look like a delimiter of a multipart; in a message of good faith there are three."""
SPACE_AFTER_DELIMITER_MAX = 80
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_FIELD = re.compile(rb"[!-9;-~]+:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*")
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_BASE64_SPACE = b" \t\r\n"


@dataclass(frozen=True)
class Entity:
    """An entity between two places of `data`; its body starts at `body_start`. Header names are in lower case."""

    data: bytes | bytearray
    start: int
    body_start: int
    end: int
    headers: Mapping[str, str]

    @property
    def raw(self) -> memoryview:
        """Headers and body as they came."""
        return memoryview(self.data)[self.start : self.end]

    @property
    def body(self) -> memoryview:
        """The body as it came."""
        return memoryview(self.data)[self.body_start : self.end]

    @property
    def content_type(self) -> str:
        """`type/subtype` in lower case; that of RFC 2045, 5.2 when none is said."""
        return self.headers.get("content-type", "text/plain").partition(";")[0].strip().lower()

    def parameter(self, header: str, name: str) -> str:
        """A parameter of a header; empty if it is not there. Names of RFC 2231 are understood."""
        message = Message()
        message["X"] = self.headers.get(header, "")
        value = message.get_param(name, "", header="X")
        if isinstance(value, tuple):
            charset, _, coded = value
            try:
                return coded.encode("latin-1", "replace").decode(charset or "utf-8", "replace")
            except LookupError:
                return coded
        return str(value)

    def content(self) -> Buffer:
        """The body, its transfer encoding taken off.

        Errors   MessageRefused for an encoding that is unknown or broken.
        """
        encoding = self.headers.get("content-transfer-encoding", "binary").strip().lower()
        if encoding in ("binary", "8bit", "7bit"):
            return self.body
        if encoding == "base64":
            packed = bytes(self.body).translate(None, _BASE64_SPACE)
            try:
                return binascii.a2b_base64(packed, strict_mode=True)
            except binascii.Error as error:
                raise malformed("as2-base64") from error
        if encoding == "quoted-printable":
            return binascii.a2b_qp(bytes(self.body))
        raise malformed("as2-transfer-encoding")


def parsed(data: bytes | bytearray, start: int = 0, end: int | None = None) -> Entity:
    """The entity that lies between two places.

    Errors   MessageRefused when its headers are not headers, or too many, or too long.
    """
    end = len(data) if end is None else end
    bound = min(end, start + HEADER_BYTES_MAX)
    if data[start : start + 2] == CRLF:
        return Entity(data, start, start + 2, end, {})
    found = _END_OF_HEADERS.search(data, start, bound)
    if found is None:
        raise malformed("as2-mime-headers")
    return Entity(data, start, found.end(), end, _headers(bytes(data[start : found.start()])))


def with_headers(headers: Mapping[str, str], body: bytes | bytearray) -> Entity:
    """The entity that a body makes with headers that came apart from it, as HTTP carries them."""
    return Entity(body, 0, 0, len(body), {name.lower(): value for name, value in headers.items()})


def two_parts(entity: Entity) -> tuple[Entity, Entity]:
    """Both parts of a multipart/signed, RFC 1847.

    Errors   MessageRefused when there are not exactly two.
    """
    boundary = entity.parameter("content-type", "boundary")
    if not _BOUNDARY.fullmatch(boundary):
        raise malformed("as2-no-boundary")
    places = _delimiters(entity, b"--" + boundary.encode())
    if len(places) != 3 or not places[2][2] or places[0][2] or places[1][2]:
        raise malformed("as2-two-parts")
    first = parsed(entity.data, places[0][1], places[1][0])
    return first, parsed(entity.data, places[1][1], places[2][0])


def parts(entity: Entity, most: int) -> list[Entity]:
    """The parts of a multipart, at most so many.

    Errors   MessageRefused when it has no boundary, no end, or more parts.
    """
    boundary = entity.parameter("content-type", "boundary")
    if not _BOUNDARY.fullmatch(boundary):
        raise malformed("as2-no-boundary")
    places = _delimiters(entity, b"--" + boundary.encode(), most)
    if len(places) < 2 or not places[-1][2]:
        raise malformed("as2-no-end")
    return [parsed(entity.data, here[1], there[0]) for here, there in pairwise(places)]


def _delimiters(entity: Entity, line: bytes, most: int = 2) -> list[tuple[int, int, bool]]:
    """Where each delimiter begins with the line end before it, where it ends, and whether it is the last one."""
    data = entity.data
    found: list[tuple[int, int, bool]] = []
    place = entity.body_start
    for _ in range(DELIMITERS_LOOKED_AT_MAX):
        place = data.find(line, place, entity.end)
        if place < 0 or len(found) > most:
            return found
        at_start = place == entity.body_start or data[place - 1 : place] == b"\n"
        after = place + len(line)
        is_last = data[after : after + 2] == b"--"
        rest = _rest_of_line(data, after + (2 if is_last else 0), entity.end)
        if not at_start or rest is None:
            place = after
            continue
        begin = max(entity.body_start, place - (2 if data[place - 2 : place] == CRLF else 1))
        found.append((begin, rest, is_last))
        if is_last:
            return found
        place = rest
    raise malformed("as2-separator")


def _rest_of_line(data: bytes | bytearray, at: int, end: int) -> int | None:
    """Where the next line starts, if nothing but space is left of this one."""
    stop = min(end, at + SPACE_AFTER_DELIMITER_MAX)
    eol = data.find(b"\n", at, stop)
    last = stop if eol < 0 else eol
    if data[at:last].strip(b" \t\r") or (eol < 0 and stop < end):
        return None
    return end if eol < 0 else eol + 1


def _headers(block: bytes) -> dict[str, str]:
    fields = _FIELD.findall(block)
    # What lies between fields is their line ends and nothing else: no line is read that is not one.
    if len(fields) > HEADERS_MAX or len(block) - sum(map(len, fields)) > 2 * len(fields):
        raise malformed("as2-mime-header-lines")
    message = BytesHeaderParser(policy=compat32).parsebytes(block + CRLF + CRLF)
    return {name.lower(): unfolded(str(value)) for name, value in reversed(message.items())}


def unfolded(value: str) -> str:
    """A header's value on one line, without control characters."""
    return "".join(char if char.isprintable() else " " for char in value.replace("\r\n", "").replace("\n", "")).strip()


def written(headers: Mapping[str, str], *body: Buffer) -> list[Buffer]:
    """Headers and body of an entity of ours, to be joined."""
    for name, value in headers.items():
        assert _TOKEN.fullmatch(name) and value.isprintable(), f"header {name}"
    block = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return [block.encode(), CRLF, *body]


def base64_lines(data: bytes) -> bytes:
    """Base64 in lines of 64 characters."""
    plain = binascii.b2a_base64(data, newline=False)
    return CRLF.join(plain[at : at + 64] for at in range(0, len(plain), 64))
