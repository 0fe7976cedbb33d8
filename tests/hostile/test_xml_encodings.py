"""XML in encodings and versions that hide text, and XML that is not well-formed."""

from __future__ import annotations

import pytest

from pipelines.parsing.xml_gate import gated, line_of
from tests.hostile.document_refusals import refusal

DECLARED = '<?xml version="1.0" encoding="{0}"?><z>é</z>'


@pytest.mark.parametrize(
    "data",
    [
        DECLARED.format("UTF-16").encode("utf-16"),
        DECLARED.format("UTF-8").encode("utf-16"),
        "<z/>".encode("utf-16-le"),
        "<z/>".encode("utf-16-be"),
        DECLARED.format("UTF-32").encode("utf-32"),
        "<z/>".encode("utf-32-be"),
        '<!DOCTYPE z SYSTEM "file:///x"><z/>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="UTF-7"?><z>+AOk-</z>',
        b'<?xml version="1.0" encoding="cp037"?><z/>'.decode().encode("cp037"),
        b'<?xml version="1.0" encoding="Shift_JIS"?><z/>',
        b'<?xml version="1.0" encoding="x-unknown"?><z/>',
        b"\xef\xbb\xbf" + DECLARED.format("ISO-8859-1").encode(),
        DECLARED.format("US-ASCII").encode(),
        DECLARED.format("UTF-8").encode("latin-1"),
        b"<z>\xc0\xaf</z>",
        b"<z>\xed\xa0\x80</z>",
        b"<z>\xf4\x90\x80\x80</z>",
    ],
)
def test_encodings_that_hide_or_lie_are_refused(data: bytes) -> None:
    assert refusal(data).motive == "IRR_SYNTAX"


@pytest.mark.parametrize(
    "data",
    [
        DECLARED.format("UTF-8").encode(),
        DECLARED.format("utf-8").encode(),
        b"\xef\xbb\xbf" + DECLARED.format("UTF-8").encode(),
        DECLARED.format("ISO-8859-1").encode("latin-1"),
        b"<?xml version='1.0' encoding='us-ascii' standalone='yes' ?><z>&#233;</z>",
        "<z>é</z>".encode(),
    ],
)
def test_encodings_of_real_invoices_are_read(data: bytes) -> None:
    assert gated(data).getroot().text == "é"


@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0", "", "1.0 "])
def test_versions_other_than_1_0_are_refused(version: str) -> None:
    assert refusal(f'<?xml version="{version}"?><z/>'.encode()).motive == "IRR_SYNTAX"


@pytest.mark.parametrize(
    "data",
    [
        b"<z>\0</z>",
        b"<z>&#0;</z>",
        b"<z>&#1;</z>",
        b"<z>\x01</z>",
        b"<z>&#xFFFE;</z>",
        b"<z/>x",
        b"<z/><z/>",
        b"<z/>\0",
        b' <?xml version="1.0"?><z/>',
        b"<z>",
        b"<z><a></z></a>",
        b'<z a="1" a="2"/>',
        b'<z xmlns:p="urn:a" xmlns:q="urn:a" p:a="1" q:a="2"/>',
        b"<p:z/>",
        b"<z",
        b"z",
        b"PK\x03\x04 a zip",
        b"\x1f\x8b a gzip",
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_line(data: bytes) -> None:
    refused = refusal(data)
    assert refused.motive == "IRR_SYNTAX"
    assert line_of(refused.where) is not None


@pytest.mark.parametrize("data", [b"", b" \r\n\t ", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_emptiness_has_its_own_motive(data: bytes) -> None:
    assert refusal(data).motive == "IRR_VIDE_F"
