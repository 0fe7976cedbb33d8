"""Hostile flows: archives that lie, hide, swell or reach out, and bytes that are two things at once."""

from __future__ import annotations

import gzip
import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator

from data_contracts.limits import MEMBER_BYTES_MAX, MEMBERS_MAX
from tests.hostile.archives import (
    END,
    entry,
    header,
    patched,
    pax,
    plain_tar,
    plain_zip,
    tar,
    tar_gz,
    zip64,
    zip_end,
    zip_row,
)
from tests.hostile.case import Case, Road

NAMES = {
    "parent folder": "../../evil.xml",
    "parent folder within": "a/../../evil.xml",
    "absolute": "/evil.xml",
    "network share": "//host/evil.xml",
    "drive": "C:\\evil.xml",
    "drive, no slash": "c:evil.xml",
    "backslashes": "a\\..\\evil.xml",
    "line feed": "evil\n.xml",
    "escape": "evil\x1b[2J.xml",
    "right to left": "facture\u202elmx.exe",
    "zero width": "evil\u200b.xml",
    "byte order mark": "\ufeffevil.xml",
    "256 bytes": "x" * 252 + ".xml",
    "256 bytes of accents": "é" * 126 + ".xml",
    "empty part": "a//evil.xml",
    "only a dot": ".",
}


def in_both(name: str) -> Iterator[tuple[str, bytes]]:
    several = [("a.xml", b"<a/>"), (name, b"<b/>")]
    yield "tar.gz", tar_gz(plain_tar(several))
    yield "zip", plain_zip(several)


def lying(offset: int, value: int, data: bytes) -> bytes:
    """A zip of one entry whose local header and directory both say so of its size."""
    field = struct.pack("<L", value)
    return patched(patched(data, 22, field), zip_row(data) + 24, field)


def flagged(local: int, central: int, field: bytes) -> bytes:
    data = plain_zip()
    return patched(patched(data, local, field), zip_row(data) + central, field)


def overlapping() -> bytes:
    data = plain_zip([("a.xml", b"<a/>"), ("b.xml", b"<a/>")])
    second = data.index(b"PK\x01\x02", zip_row(data) + 1)
    return patched(data, second + 42, bytes(4))


def quoted_overlap(count: int = 1_000) -> bytes:
    """Each stored entry holds all later local entries whole: few bytes unpack to many."""
    kernel = zlib.compress(bytes(900_000), 9)[2:-4]
    crc, size = zlib.crc32(bytes(900_000)), 900_000
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 33, crc, len(kernel), size, 5, 0)
    body = b"".join(local + b"%05d" % number for number in range(count)) + kernel
    rows = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 33, crc, len(kernel), size, 5, 0, 0, 0, 0, 0, 35 * n)
        + b"%05d" % n
        for n in range(count)
    )
    return body + rows + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(rows), len(body), 0)


def many_zip_entries() -> bytes:
    """More entries than allowed, all of them there."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(MEMBERS_MAX + 1):
            archive.writestr(zipfile.ZipInfo(f"{number}.xml"), b"<a/>")
    return target.getvalue()


def many_tar_entries() -> bytes:
    return gzip.compress(b"".join(entry(b"%d.xml" % n) for n in range(MEMBERS_MAX + 1)) + END, 6)


def deflated_zeros(count: int, first: bytes = b"") -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = packer.compress(first)
    packed += b"".join(packer.compress(bytes(1_000_000)) for _ in range(count // 1_000_000))
    return packed + packer.flush()


def linked() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        link = zipfile.ZipInfo("evil.xml")
        link.create_system = 3
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return target.getvalue()


def twins(first: str, second: str) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return plain_zip([(first, b"<a/>"), (second, b"<b/>")])


def sparse() -> bytes:
    told = pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", str(10**12)))
    return tar_gz(tar(told, entry(b"a.xml", b"1\n0\n0\n")))


def crossed(data: bytes) -> bytes:
    at = zip_row(data)
    return patched(patched(data, 14, b"\1\2\3\4"), at + 16, b"\1\2\3\4")


def damaged_amount() -> bytes:
    packed = gzip.compress(plain_tar([("f.xml", b"<Amount>100.00</Amount>")]), compresslevel=0, mtime=0)
    return packed.replace(b"100.00", b"900.00")


def counted(field: bytes, data: bytes) -> bytes:
    at = zip_end(data) + 8
    return patched(patched(data, at, field), at + 2, field)


def hidden_between() -> bytes:
    data = plain_zip([("a.xml", b"<a/>" * 9)], zipfile.ZIP_STORED)
    row = zip_row(data)
    hidden = data[:row] + b"hidden" + data[row:]
    return patched(hidden, zip_end(hidden) + 16, struct.pack("<L", row + 6))


def kinds() -> Iterator[Case]:
    told = {
        "1": "a hard link",
        "2": "a symbolic link",
        "3": "a character device",
        "4": "a block device",
        "6": "a named pipe",
        "7": "a contiguous file",
        "D": "incremental folder dump",
        "M": "continuation of another volume",
        "S": "a sparse file",
        "V": "a volume label",
        "z": "an entry of kind",
    }
    for kind, said in told.items():
        hostile = header(b"evil", 0, kind.encode(), link=b"/etc/passwd")
        yield Case(
            Road.FLOW,
            f"tar entry: {said}",
            "IRR_EXTRAC",
            said,
            lambda hostile=hostile: tar_gz(tar(hostile)),  # type: ignore[misc]
        )


def named() -> Iterator[Case]:
    for what, name in NAMES.items():
        for kind, data in in_both(name):
            yield Case(Road.FLOW, f"name in {kind}: {what}", "IRR_NOM_F", "a file name", lambda data=data: data)  # type: ignore[misc]


def flow(name: str, motive: str, said: str, build: object) -> Case:
    assert callable(build)
    return Case(Road.FLOW, name, motive, said, build)


FLOW_CASES = (
    flow("empty", "IRR_VIDE", "no byte", lambda: b""),
    flow("neither XML nor archive", "IRR_TYPE", "neither XML", lambda: b"\x7fELF" + bytes(100)),
    flow("tar.gz: two streams", "IRR_EXTRAC", "second gzip stream", lambda: tar_gz() + tar_gz()),
    flow("tar.gz: bytes behind", "IRR_EXTRAC", "bytes follow", lambda: tar_gz() + b"x"),
    flow("tar.gz: zeros behind", "IRR_EXTRAC", "bytes follow", lambda: tar_gz() + bytes(512)),
    flow("tar.gz: zip behind", "IRR_EXTRAC", "bytes follow", lambda: tar_gz() + plain_zip()),
    flow("tar.gz: one amount changed", "IRR_EXTRAC", "gzip checksum", damaged_amount),
    flow("tar.gz: wrong checksum", "IRR_EXTRAC", "gzip checksum", lambda: patched(d := tar_gz(), len(d) - 8, bytes(4))),
    flow("tar.gz: wrong length", "IRR_EXTRAC", "gzip length", lambda: patched(d := tar_gz(), len(d) - 4, bytes(4))),
    flow("tar.gz: cut in its trailer", "IRR_EXTRAC", "cut", lambda: tar_gz()[:-4]),
    flow("tar.gz: cut in its data", "IRR_EXTRAC", "cut", lambda: tar_gz()[:200]),
    flow("tar.gz: endless name", "IRR_EXTRAC", "oversized", lambda: b"\x1f\x8b\x08\x08" + bytes(6) + b"a" * 100_000),
    flow("gzip: no tar in it", "IRR_TYPE", "no tar", lambda: gzip.compress(b"<Invoice/>" * 99)),
    flow("gzip: a zip in it", "IRR_TYPE", "no tar", lambda: gzip.compress(plain_zip())),
    flow("gzip: a gzip in it", "IRR_TYPE", "no tar", lambda: gzip.compress(tar_gz())),
    flow("gzip bomb", "IRR_TAILLE", "200 times", lambda: deflated_zeros(300_000_000, header(b"a.xml", 99_000_000))),
    flow("gzip bomb before any tar", "IRR_VIDE", "no file", lambda: deflated_zeros(1_000_000)),
    flow("gzip bomb of zeros", "IRR_TAILLE", "200 times", lambda: deflated_zeros(200_000_000)),
    flow("tar: no end", "IRR_EXTRAC", "two zero blocks", lambda: entry(b"a.xml") + bytes(512)),
    flow("tar: cut between files", "IRR_EXTRAC", "cut", lambda: plain_tar()[:1024]),
    flow("tar: a tar behind", "IRR_EXTRAC", "follow the end of the tar", lambda: plain_tar() + plain_tar()),
    flow("tar: padded without end", "IRR_EXTRAC", "follow the end", lambda: tar(entry(b"a.xml")) + bytes(200_000_000)),
    flow("tar: wrong checksum", "IRR_EXTRAC", "checksum", lambda: tar(entry(b"a"), patched(entry(b"b"), 0, b"c"))),
    flow("tar: negative size", "IRR_EXTRAC", "negative", lambda: tar(header(b"a.xml", b"\xff" * 10 + b"\xfe\0"))),
    flow(
        "tar: size of a terabyte",
        "IRR_TAILLE_F",
        "bytes, 100000000",
        lambda: tar(header(b"a", b"\x80" + bytes(6) + b"\1" + bytes(4))),
    ),
    flow("tar: file beyond 100 MB", "IRR_TAILLE_F", "a.xml", lambda: tar_gz(header(b"a.xml", MEMBER_BYTES_MAX + 1))),
    flow("tar: sparse of a terabyte", "IRR_EXTRAC", "a sparse file", sparse),
    flow("tar: pax path", "IRR_NOM_F", "'..'", lambda: tar(pax(("path", "../../evil")), entry(b"a.xml"))),
    flow(
        "tar: pax comment of 5 MB",
        "IRR_EXTRAC",
        "64000 bytes",
        lambda: tar_gz(tar(pax(("comment", "x" * 5_000_000)), entry(b"a"))),
    ),
    flow("tar: pax without end", "IRR_EXTRAC", "64000 bytes", lambda: tar(*[pax(("c", "x"))] * 5_000, entry(b"a.xml"))),
    flow(
        "tar: pax malformed", "IRR_EXTRAC", "malformed", lambda: tar(entry(b"p", b"99 path=a\n", b"x"), entry(b"a.xml"))
    ),
    flow("tar: pax says twice", "IRR_EXTRAC", "twice", lambda: tar(pax(("path", "a"), ("path", "b")), entry(b"c"))),
    flow(
        "tar: pax renames every file", "IRR_EXTRAC", "global", lambda: tar(pax(("path", "a"), kind=b"g"), entry(b"c"))
    ),
    flow("tar: GNU name of 10 GB", "IRR_EXTRAC", "64000 bytes", lambda: tar(header(b"p", 10**9, b"L"))),
    flow("tar: name with NUL by pax", "IRR_NOM_F", "control", lambda: tar(pax(("path", "a\0b.xml")), entry(b"a.xml"))),
    flow("tar: name not UTF-8", "IRR_NOM_F", "not UTF-8", lambda: tar(entry(b"factur\xe9.xml"))),
    flow("tar: folder with content", "IRR_EXTRAC", "folder", lambda: tar(entry(b"d/", b"<a/>", b"5"))),
    flow("tar: 50,001 files", "IRR_TAILLE", "more than 50000", many_tar_entries),
    flow("tar: no file", "IRR_VIDE", "no file", lambda: bytes(10_240)),
    flow("tar: empty file", "IRR_VIDE_F", "empty", lambda: plain_tar([("a.xml", b"")])),
    flow("zip: cut", "IRR_EXTRAC", "cut", lambda: plain_zip()[:-30]),
    flow("zip: bytes behind", "IRR_EXTRAC", "bytes follow", lambda: plain_zip() + b"x"),
    flow("zip: zeros behind", "IRR_EXTRAC", "cut", lambda: plain_zip() + bytes(100_000)),
    flow("zip: bytes before", "IRR_TYPE", "neither XML", lambda: b"MZ" + plain_zip()),
    flow(
        "zip: a zip before",
        "IRR_EXTRAC",
        "bytes precede",
        lambda: (z := plain_zip([("b", b"<b/>")]))[: zip_row(z)] + plain_zip(),
    ),
    flow("zip: bytes between", "IRR_EXTRAC", "belong to no file", hidden_between),
    flow(
        "zip: two ends",
        "IRR_EXTRAC",
        "two ends",
        lambda: patched(z := plain_zip(), len(z) - 2, b"\x16\0") + z[zip_end(z) :],
    ),
    flow(
        "zip: several parts",
        "IRR_EXTRAC",
        "one part of several",
        lambda: patched(z := plain_zip(), zip_end(z) + 4, b"\1\0"),
    ),
    flow("zip: entries overlap", "IRR_EXTRAC", "overlap", overlapping),
    flow("zip: a thousand entries share one kernel", "IRR_TAILLE", "200 times", quoted_overlap),
    flow("zip: bomb", "IRR_TAILLE", "200 times", lambda: plain_zip([("bomb.xml", bytes(99_000_000))])),
    flow(
        "zip: says less than it holds",
        "IRR_EXTRAC",
        "size announced",
        lambda: lying(0, 10, plain_zip([("a", b"<a/>" * 5_000_000)])),
    ),
    flow(
        "zip: says more than it holds",
        "IRR_EXTRAC",
        "size announced",
        lambda: lying(0, 81, plain_zip([("a", b"<a/>" * 20)])),
    ),
    flow("zip: wrong checksum", "IRR_EXTRAC", "checksum of a file", lambda: crossed(plain_zip())),
    flow("zip: header and directory disagree", "IRR_EXTRAC", "disagree", lambda: patched(plain_zip(), 30, b"g")),
    flow("zip: encrypted", "IRR_EXTRAC", "encrypted", lambda: flagged(6, 8, b"\1\0")),
    flow("zip: strongly encrypted", "IRR_EXTRAC", "encrypted", lambda: flagged(6, 8, b"\x41\0")),
    flow("zip: unknown method", "IRR_EXTRAC", "store and deflate", lambda: flagged(8, 10, b"\x63\0")),
    flow("zip: bzip2", "IRR_EXTRAC", "bzip2", lambda: plain_zip(method=zipfile.ZIP_BZIP2)),
    flow("zip: symbolic link", "IRR_EXTRAC", "symbolic link", linked),
    flow("zip: 50,001 files", "IRR_TAILLE", "50001", many_zip_entries),
    flow("zip: announces 65,535 entries", "IRR_TAILLE", "65535", lambda: counted(b"\xff\xff", plain_zip())),
    flow("zip: announces a billion entries", "IRR_TAILLE", "1000000000", lambda: zip64(plain_zip(), count=10**9)),
    flow("zip: announces fewer entries", "IRR_EXTRAC", "more than the entries", lambda: counted(b"\4\0", plain_zip())),
    flow("zip: announces more entries", "IRR_EXTRAC", "malformed", lambda: counted(b"\6\0", plain_zip())),
    flow("zip: zip64 end elsewhere", "IRR_EXTRAC", "zip64", lambda: zip64(plain_zip(), at=0)),
    flow("zip: zip64 end of any length", "IRR_EXTRAC", "zip64", lambda: zip64(plain_zip(), length=2**63)),
    flow(
        "zip: zip64 field missing",
        "IRR_EXTRAC",
        "zip64 field",
        lambda: patched(z := plain_zip(), zip_row(z) + 20, b"\xff" * 4),
    ),
    flow("zip: twins", "IRR_NOM_F", "same name", lambda: twins("a.xml", "a.xml")),
    flow("zip: twins but for case", "IRR_NOM_F", "same name", lambda: twins("a.xml", "A.XML")),
    flow("zip: twins but for accents", "IRR_NOM_F", "same name", lambda: twins("é.xml", "e\u0301.xml")),
    flow("zip: no file", "IRR_VIDE", "no file", lambda: plain_zip([])),
    flow("zip: folder with content", "IRR_EXTRAC", "folder", lambda: plain_zip([("d/", b"<a/>")])),
    flow("PDF, then zip, under an archive's name", "IRR_TYPE", "neither XML", lambda: b" %PDF-1.7\n" + plain_zip()),
    *kinds(),
    *named(),
)
