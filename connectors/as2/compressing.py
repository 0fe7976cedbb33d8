"""Compression: CMS CompressedData, RFC 3274."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from asn1crypto import cms, core

from connectors.as2.asn1_structure import OCTET_STRING, SEQUENCE, TAGGED, Asn1Refused, Buffer, element, structure
from connectors.as2.dispositions import Disposition, MessageRefused
from connectors.as2.limits import PAYLOAD_BYTES_MAX
from data_contracts.limits import MEMBER_RATIO_MAX, RATIO_FREE_BYTES

LEVEL = 6
CHUNK_BYTES = 1 << 20
_COMPRESSED = core.ObjectIdentifier("1.2.840.113549.1.9.16.1.9").dump()
_DATA = core.ObjectIdentifier("1.2.840.113549.1.7.1").dump()
_ZLIB = cms.CompressionAlgorithm({"algorithm": "zlib"}).dump()
_VERSION_0 = core.Integer(0).dump()


def compress(parts: Sequence[Buffer]) -> bytes:
    """The DER of the compressed parts."""
    engine = zlib.compressobj(LEVEL)
    pieces: list[Buffer] = [engine.compress(part) for part in parts]
    pieces.append(engine.flush())
    content = element(SEQUENCE, [_DATA, *element(TAGGED, element(OCTET_STRING, pieces))])
    compressed = element(SEQUENCE, [_VERSION_0, _ZLIB, *content])
    return b"".join(element(SEQUENCE, [_COMPRESSED, *element(TAGGED, compressed)]))


def decompress(data: Buffer) -> bytearray:
    """What was compressed, within `PAYLOAD_BYTES_MAX` and, beyond the first megabyte, a ratio.

    Errors   MessageRefused: decompression-failed.
    """
    try:
        read = structure(data)
        content = cms.ContentInfo.load(read.der, strict=True)
        if content["content_type"].native != "compressed_data":
            raise Asn1Refused("not compressed data")
        compressed = content["content"]
        if compressed["compression_algorithm"]["algorithm"].native != "zlib":
            raise Asn1Refused("compressed with another algorithm than zlib")
        return _inflated(read.content(compressed["encap_content_info"]["content"].native))
    except (ValueError, TypeError, KeyError, OverflowError, zlib.error) as error:
        raise MessageRefused.saying(
            Disposition.DECOMPRESSION, "as2-decompression", value=f"{type(error).__name__}: {error}"
        ) from error


def _inflated(data: Buffer) -> bytearray:
    limit = min(PAYLOAD_BYTES_MAX, max(RATIO_FREE_BYTES, MEMBER_RATIO_MAX * len(data)))
    view = memoryview(data)
    engine = zlib.decompressobj()
    plain = bytearray()
    for start in range(0, len(view), CHUNK_BYTES):
        rest: Buffer = view[start : start + CHUNK_BYTES]
        while rest and not engine.eof:
            plain += engine.decompress(rest, CHUNK_BYTES)
            rest = engine.unconsumed_tail
            if len(plain) > limit:
                raise ValueError(f"more than {limit} bytes come out of {len(data)}")
        if engine.unused_data or rest:
            raise ValueError("bytes follow the compressed ones")
    while not engine.eof:
        chunk = engine.decompress(b"", CHUNK_BYTES)
        if not chunk:
            raise ValueError("cut short")
        plain += chunk
        if len(plain) > limit:
            raise ValueError(f"more than {limit} bytes come out of {len(data)}")
    return plain
