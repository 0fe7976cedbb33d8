"""Content is told from bytes alone."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import pytest

from pipelines.admission.content import HEAD_BYTES, Content, content_of


def _tar(tar_format: int) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tar_format) as archive:
        info = tarfile.TarInfo("a.xml")
        info.size = 4
        archive.addfile(info, io.BytesIO(b"<a/>"))
    return target.getvalue()


def _zip(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), b"<a/>")  # the same bytes at any time: they name the test
    return target.getvalue()


def _unmarked_tar() -> bytes:
    data = bytearray(_tar(tarfile.USTAR_FORMAT))
    data[257:265] = bytes(8)
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    return bytes(data)


XML = '<?xml version="1.0"?><Invoice/>'


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (b"", Content.EMPTY),
        (gzip.compress(b"", mtime=0), Content.GZIP),
        (_tar(tarfile.PAX_FORMAT), Content.TAR),
        (_tar(tarfile.GNU_FORMAT), Content.TAR),
        (_unmarked_tar(), Content.TAR),
        (bytes(10_240), Content.TAR),
        (_zip("a.xml"), Content.ZIP),
        (_zip(), Content.ZIP),
        (b"%PDF-1.7\n", Content.PDF),
        (XML.encode(), Content.XML),
        (XML.encode("utf-8-sig"), Content.XML),
        (b"\r\n\t " + XML.encode(), Content.XML),
        (XML.encode("utf-16"), Content.XML),
        (XML.encode("utf-16-be"), Content.XML),
        (XML.encode("utf-16-le"), Content.XML),
        (XML.encode("utf-32"), Content.XML),
        (b"<Invoice/>", Content.XML),
        (b"<!-- a --><Invoice/>", Content.XML),
        ("<Été/>".encode(), Content.XML),
        (b"<", Content.OTHER),
        (b"< a", Content.OTHER),
        (b"<<", Content.OTHER),
        (b"hello", Content.OTHER),
        (b" %PDF-1.7", Content.OTHER),
        (b"\x89PNG\r\n\x1a\n", Content.OTHER),
        (b"UNB+UNOC:3'", Content.OTHER),
        (b'{"a": 1}', Content.OTHER),
        (bytes(100), Content.OTHER),
        (b"\xff\xfe", Content.OTHER),
        (b" " * HEAD_BYTES, Content.OTHER),
    ],
    ids=lambda value: value.value if isinstance(value, Content) else ascii(value[:24]),
)
def test_content_is_told_from_the_first_bytes(data: bytes, content: Content) -> None:
    assert content_of(data[:HEAD_BYTES]) is content


def test_the_first_bytes_decide_for_a_file_that_could_be_two_things() -> None:
    assert content_of(b"%PDF-1.7\n" + _zip("a.xml")) is Content.PDF
    assert content_of(b"<a/>" + _zip("a.xml")) is Content.XML
