"""Names of members that lead out of their folder, hide, or are not what they seem."""

from __future__ import annotations

import tarfile
from contextlib import nullcontext

import pytest

from tests.hostile.archive_reading import read, refused
from tests.hostile.archives import (
    entry,
    header,
    plain_tar,
    plain_zip,
    tar,
)

HOSTILE_NAMES = [
    "../evil.xml", "a/../../evil.xml", "..", "/abs.xml", "//host/share.xml", "C:\\a.xml", "c:a.xml", "a\\..\\b.xml",
    "a\nb.xml", "a\x07.xml", "a\x7f.xml", "facture\u202elmx.exe", "a\u200bb.xml", "\ufeffa.xml", "a\u2028b.xml",
    "x" * 256, "é" * 128, "a//b.xml", "a/./b.xml", ".",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=ascii)
def test_hostile_name_is_refused_and_shown_escaped(name: str) -> None:
    for data in (
        plain_tar([("a.xml", b"<a/>"), (name, b"<b/>")]),
        plain_tar([(name, b"<b/>")], tarfile.GNU_FORMAT),
        plain_zip([("a.xml", b"<a/>"), (name, b"<b/>")]),
    ):
        refusal = refused(data, "IRR_NOM_F")
        assert refusal.value.isprintable()


def test_empty_name_is_refused() -> None:
    refused(tar(entry(b"")), "IRR_NOM_F")
    refused(plain_zip([("", b"<a/>")]), "IRR_NOM_F")


def test_name_that_is_not_utf8_is_refused_in_tar_and_read_as_prescribed_in_zip() -> None:
    refused(tar(entry("facturé.xml".encode("latin-1"))), "IRR_NOM_F", "not UTF-8")
    data = plain_zip([("facturX.xml", b"<a/>")]).replace(b"facturX", b"factur\x82")
    assert read(data) == [("facturé.xml", b"<a/>")]


@pytest.mark.parametrize(
    ("first", "second"),
    [("a.xml", "a.xml"), ("a.xml", "A.XML"), ("é.xml", "e\u0301.xml"), ("straße", "STRASSE"), ("a.xml", "./a.xml")],
)
def test_twin_names_are_refused(first: str, second: str) -> None:
    twins = [(first, b"<a/>"), (second, b"<b/>")]
    refused(plain_tar(twins), "IRR_NOM_F", "same name")
    with pytest.warns(UserWarning, match="Duplicate") if first == second else nullcontext():
        data = plain_zip(twins)
    refused(data, "IRR_NOM_F", "same name")


def test_hostile_folder_name_is_refused() -> None:
    refused(tar(header(b"../up/", 0, b"5"), entry(b"a.xml")), "IRR_NOM_F")
    refused(plain_zip([("../up/", b""), ("a.xml", b"<a/>")]), "IRR_NOM_F")
