"""A text, an attribute or a comment of more than a megabyte is refused, wherever it stands; an attachment is not."""

from __future__ import annotations

import pytest

from data_contracts.limits import XML_TEXT_BYTES_MAX
from data_contracts.refusals import DocumentUnreadable
from pipelines.parsing.long_texts import long_text, refuse_long_text
from pipelines.parsing.written_attachments import HOLDERS

MOST = XML_TEXT_BYTES_MAX


@pytest.mark.parametrize("before", [0, 1, 1 << 20, (1 << 20) - 3, 3_000_000])
@pytest.mark.parametrize("long", [b"<a>%b</a>", b"<a b='%b'/>", b"<!--%b-->", b"<a>x</a>%b", b"<a%b"])
def test_what_is_too_long_is_found_wherever_it_begins(long: bytes, before: int) -> None:
    start = b"<z>" + b"<a/>" * (before // 4) + b" " * (before % 4)
    data = start + long % (b"x>" * (MOST // 2 + 9))
    place = long_text(data)
    assert place is not None
    # A comment is no tag: the one before it is told.
    assert place >= start.rindex(b"<")
    assert data[place : place + 1] == b"<"


def test_what_is_just_short_enough_is_not() -> None:
    assert long_text(b"<z>" + b"x" * (MOST - 3) + b"</z>" * 9) is None
    assert long_text(b"<z>" + b"x" * (MOST - 2) + b"</z>" * 9) == 0


@pytest.mark.parametrize("between", [b"<!---->", b"<!-- note -->", b"<?a?>", b"<![CDATA[x]]>"])
def test_what_is_no_tag_parts_no_text(between: bytes) -> None:
    text = (b"x" * 300_000 + between) * 4
    assert long_text(b"<z><a>%b</a></z>" % text) == 3
    assert long_text(b"<z><Contenu>%b</Contenu></z>" % text) is None


@pytest.mark.parametrize("other", [b'{"number": 1}', b"UNA:+.? '", b" ", b"\x00"])
def test_what_has_no_tag_is_not_taken_for_a_text(other: bytes) -> None:
    much = other * (2 * MOST // len(other))
    assert long_text(much) is None
    assert long_text(much + b"<a/>") is None
    assert long_text(much + b"<a>" + b"x" * MOST) == len(much)


def test_an_attachment_may_stand_in_a_cdata_section() -> None:
    content = b"<![CDATA[" + b"A" * 3 * MOST + b"]]>"
    assert long_text(b"<z><Contenu>%b</Contenu></z>" % content) is None
    assert long_text(b"<z><a>%b</a></z>" % content) == 3


@pytest.mark.parametrize("holder", HOLDERS, ids=[holder.content for holder in HOLDERS])
def test_the_content_of_an_attachment_may_be_long(holder: object) -> None:
    name = holder.content.rpartition("}")[2].encode()
    for tag in (name, b"p:" + name):
        assert long_text(b"<z><%b filename='a'>%b</%b></z>" % (tag, b"A" * 3 * MOST, tag)) is None
    assert long_text(b"<z><%bs>%b</%bs></z>" % (name, b"A" * 3 * MOST, name)) == 3


def test_the_line_is_told() -> None:
    with pytest.raises(DocumentUnreadable, match="line 3") as refused:
        refuse_long_text(b"<z>\n\n<a>" + b"x" * MOST + b"</a></z>")
    assert refused.value.motive == "IRR_TAILLE_F"
