"""Archives made byte by byte, so that each can lie in one place."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile

INVOICES = [(f"facture_{n}.xml", b"<Invoice>%d</Invoice>" % n * (40 + n)) for n in range(5)]


def header(
    name: bytes,
    size: int | bytes = 0,
    kind: bytes = b"0",
    *,
    link: bytes = b"",
    magic: bytes = b"ustar\x0000",
    signed: bool = False,
) -> bytes:
    size_field = size if isinstance(size, bytes) else b"%011o\0" % size
    block = bytearray(512)
    block[0 : len(name)] = name
    block[100:108] = b"0000644\0"
    block[124:136] = size_field
    block[136:148] = b"00000000000\0"
    block[156:157] = kind
    block[157 : 157 + len(link)] = link
    block[257:265] = magic
    block[148:156] = b" " * 8
    total = sum(block) - (256 * sum(byte >= 128 for byte in block) if signed else 0)
    block[148:156] = b"%06o\0 " % total
    return bytes(block)


def blocks(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


def entry(name: bytes, content: bytes = b"<a/>", kind: bytes = b"0") -> bytes:
    return header(name, len(content), kind) + blocks(content)


def pax(*records: tuple[str, str], kind: bytes = b"x") -> bytes:
    content = b""
    for keyword, value in records:
        body = f" {keyword}={value}\n".encode()
        length = len(body) + 1
        while len(str(length)) + len(body) != length:
            length = len(str(length)) + len(body)
        content += str(length).encode() + body
    return entry(b"PaxHeader", content, kind)


END = bytes(1024)


def tar(*parts: bytes) -> bytes:
    return b"".join(parts) + END


def plain_tar(invoices: list[tuple[str, bytes]] = INVOICES, tar_format: int = tarfile.PAX_FORMAT) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tar_format) as archive:
        for name, content in invoices:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


def tar_gz(data: bytes | None = None) -> bytes:
    return gzip.compress(plain_tar() if data is None else data, mtime=0)


def plain_zip(invoices: list[tuple[str, bytes]] = INVOICES, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in invoices:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return target.getvalue()


def patched(data: bytes, at: int, field: bytes) -> bytes:
    return data[:at] + field + data[at + len(field) :]


def zip_row(data: bytes) -> int:
    """Where the first row of the central directory begins."""
    return data.index(b"PK\x01\x02")


def zip_end(data: bytes) -> int:
    return data.rindex(b"PK\x05\x06")


def zip64(data: bytes, *, count: int | None = None, at: int | None = None, length: int = 44) -> bytes:
    """The zip with a zip64 end record and locator before its end record."""
    end = zip_end(data)
    _, _, _, _, entries, size, start, _ = struct.unpack("<4s4H2LH", data[end : end + 22])
    entries = entries if count is None else count
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", length, 45, 45, 0, 0, entries, entries, size, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end if at is None else at, 1)
    full = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return data[:end] + record + locator + full
