"""XML without measure: bytes, levels, elements, attributes, declarations."""

from __future__ import annotations

import pytest

from data_contracts import limits
from pipelines.parsing.xml_gate import gated, line_of
from tests.hostile.document_refusals import refusal


def test_a_text_longer_than_libxml2_likes_is_an_attachment() -> None:
    for length in (9_999_999, 10_000_001):
        text = gated(b"<z>" + b"A" * length + b"</z>").getroot().text
        assert text is not None and len(text) == length


@pytest.mark.parametrize(
    ("depth", "allowed"), [(64, True), (65, False), (255, False), (256, False), (257, False), (100_000, False)]
)
def test_depth_is_bounded(depth: int, allowed: bool) -> None:
    data = b"<a>" * depth + b"</a>" * depth
    if allowed:
        assert gated(data).getroot().tag == "a"
    else:
        assert refusal(data).motive in {"IRR_TAILLE_F", "IRR_SYNTAX"}


def test_depth_is_bounded_in_large_documents_too() -> None:
    data = b"<a>" * 65 + b"A" * 10_000_001 + b"</a>" * 65
    assert refusal(data).motive == "IRR_TAILLE_F"


@pytest.mark.parametrize(("count", "allowed"), [(64, True), (65, False), (100_000, False)])
@pytest.mark.parametrize("template", [' a{0}="1"', ' xmlns:a{0}="urn:{0}"'], ids=["attributes", "namespaces"])
def test_attributes_of_one_element_are_bounded(template: str, count: int, allowed: bool) -> None:
    data = ("<z>\n<a" + "".join(template.format(n) for n in range(count)) + "/></z>").encode()
    if allowed:
        assert len(gated(data).getroot()) == 1
    else:
        refused = refusal(data)
        assert (refused.motive, line_of(refused.where)) == ("IRR_TAILLE_F", 2)


def test_many_elements_that_each_declare_their_namespace_are_read() -> None:
    assert len(gated(b"<z>" + b'<a xmlns="urn:a"/>' * 1_000 + b"</z>").getroot()) == 1_000


def test_elements_and_attributes_are_counted_before_they_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "XML_ELEMENTS_MAX", 1_000)
    assert refusal(b"<z>" + b"<a/>" * 1_000 + b"</z>").motive == "IRR_TAILLE_F"
    assert refusal(b"<z>" + b'<a b="" c=""/>' * 501 + b"</z>").motive == "IRR_TAILLE_F"
    assert refusal(b"<z>" + b"<a b='' c=''/>" * 501 + b"</z>").motive == "IRR_TAILLE_F"
    assert len(gated(b"<z>" + b"<a>=</a>" * 900 + b"</z>").getroot()) == 900


def test_a_flood_of_elements_is_refused_before_it_is_parsed() -> None:
    data = b"<z>" + b"<a/>" * (limits.XML_ELEMENTS_MAX + 1) + b"</z>"
    assert refusal(data).motive == "IRR_TAILLE_F"


def test_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MEMBER_BYTES_MAX", 10)
    assert refusal(b"<z>12345</z>").motive == "IRR_TAILLE_F"


@pytest.mark.parametrize(
    "data", [b"<!--" * 200_000, b"<?" * 200_000, b"<a b='" * 100_000, b'<?xml version="1.0"' * 9_999]
)
def test_what_begins_and_never_ends_is_refused(data: bytes) -> None:
    assert refusal(data + b" xmlns" * 65).motive == "IRR_SYNTAX"


def test_lines_beyond_65535_are_still_told() -> None:
    tree = gated(b"<z>" + b"\n" * 70_000 + b"<a/></z>")
    assert tree.getroot()[0].sourceline == 70_001
