"""XML that looks outside, or swells by entities: refused before a parser sees it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.parsing.xml_gate import gated, line_of
from tests.hostile.document_refusals import refusal


@pytest.fixture
def canary() -> Iterator[tuple[str, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/x", listener


OUTSIDE = {
    "external entity": '<!DOCTYPE z [<!ENTITY x SYSTEM "{url}">]><z>&x;</z>',
    "public entity": '<!DOCTYPE z [<!ENTITY x PUBLIC "a" "{url}">]><z>&x;</z>',
    "parameter entity": '<!DOCTYPE z [<!ENTITY % p SYSTEM "{url}"> %p;]><z/>',
    "external DTD": '<!DOCTYPE z SYSTEM "{url}"><z/>',
    "after a comment and an instruction": '<?a <!DOCTYPE?><!-- > -->\n\n<!DOCTYPE z SYSTEM "{url}"><z/>',
}


@pytest.mark.parametrize("template", OUTSIDE.values(), ids=OUTSIDE)
def test_nothing_outside_is_fetched(template: str, canary: tuple[str, socket.socket], tmp_path: Path) -> None:
    url, listener = canary
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for target in (url, secret.as_uri()):
        refused = refusal(template.format(url=target).encode())
        assert refused.motive == "IRR_SYNTAX"
        assert "DOCTYPE" in refused.what
        assert "secret" not in str(refused)
    with pytest.raises(TimeoutError):
        listener.accept()


@pytest.mark.parametrize(
    "template",
    [
        '<z xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:a {url}"/>',
        '<z xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{url}" parse="text"/></z>',
        '<?xml-stylesheet type="text/xsl" href="{url}"?><z/>',
        '<?xml-model href="{url}"?><z/>',
    ],
)
def test_hints_to_look_outside_are_left_alone(template: str, canary: tuple[str, socket.socket]) -> None:
    url, listener = canary
    tree = gated(template.format(url=url).encode())
    assert tree.getroot().tag == "z"
    assert [node.tag for node in tree.xpath("/processing-instruction()")] == []
    with pytest.raises(TimeoutError):
        listener.accept()


def test_a_doctype_is_told_with_its_line() -> None:
    refused = refusal(b'<?xml version="1.0"?>\n<!-- a\n -->\n<!DOCTYPE z>\n<z/>')
    assert line_of(refused.where) == 4


def test_the_word_doctype_in_a_text_is_only_a_word() -> None:
    assert gated(b"<z><!-- <!DOCTYPE z> --><![CDATA[<!DOCTYPE z>]]></z>").getroot().text == "<!DOCTYPE z>"


LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "data",
    [
        f'<!DOCTYPE z [<!ENTITY a0 "ha">{LAUGHS}]><z>&a9;</z>',
        f'<!DOCTYPE z [<!ENTITY a0 "ha">{LAUGHS}]><z b="&a9;"/>',
        f'<!DOCTYPE z [<!ENTITY a "{"x" * 50_000}">]><z>{"&a;" * 50_000}</z>',
        '<!DOCTYPE z [<!ENTITY a "9">]><z>1&a;00</z>',
        '<!DOCTYPE z [<!ATTLIST z currencyID CDATA "USD">]><z>1</z>',
    ],
    ids=["billion laughs", "in an attribute", "quadratic", "splits a value", "defaults an attribute"],
)
def test_entities_never_reach_the_parser(data: str) -> None:
    assert refusal(data.encode()).motive == "IRR_SYNTAX"


def test_an_undeclared_entity_is_not_well_formed() -> None:
    assert refusal(b"<z>1&a;00</z>").motive == "IRR_SYNTAX"
