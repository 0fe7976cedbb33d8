"""Documents that nobody would send: bytes, tags, values and namespaces of an invoice changed at random, by a seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

ODD_BYTES = (
    b"<", b">", b"&", b"&amp;", b"&lt;", b"&gt;", b"&quot;", b"&apos;", b"&#38;", b"&#60;", b"&#x3c;", b"&#13;",
    b"&#xD;", b"&#10;", b"&#x9;", b"&#0;", b"&#8;", b"&#xFFFE;", b"&#xFFFF;", b"&#xD800;", b"&#x10FFFF;",
    b"&#x110000;", b"&#xE9;", b"&#99999999999;", b"&#4294967361;", b"&#x;", b"&#;", b"&#X41;", b"&#65", b"&none;",
    b"&amp", b"&am", b"p;", b"&#000000000065;", b"]]>", b"]]", b"]]&gt;", b"\0", b"\x01", b"\x02", b"\x03", b"\x0b",
    b"\x1f", b"\x7f", b"\xc2\x85", b"\xc2\xa0", b"\xe2\x80\xa8", b"\xef\xbf\xbe", b"\xef\xbf\xbf", b"\xef\xbf\xbd",
    b"\xed\xa0\x80", b"\xc0\x80", b"\xe0\x80\x80", b"\xf4\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf0\x9f\x98\x80",
    b"\xff", b"\x80", b"\xc3", b"\xc3\xa9", b"\xef\xbb\xbf", b"\r\n", b"\r", b"\n", b"\r\r\n", b"\t", b" ", b"  ",
    b"<!-- c -->", b"<!---->", b"<!--->", b"<!---> -->", b"<!-- -- -->", b"<!-- a --->", b"<!-- > <a -->",
    b"<!-- & -->", b"<!--\n\n-->", b"<!-- <?p -->", b"-->", b"<!--", b"<?p?>", b"<?p x?>", b"<?p > <a ?>",
    b"<?xml-p x='1'?>", b"<?XML x?>", b"<?xml?>", b"<?1 x?>", b"<?p:q x?>", b"<?p?x?>", b"<?", b"?>",
    b'<?xml version="1.0"?>', b"<![CDATA[x]]>", b"<![CDATA[<]]>", b"<!DOCTYPE a>", b"<a/>", b"<a></a>", b"</a>",
    b'"', b"'", b"=", b"/", b"/>", b'<x y="a>b"/>', b"<x y='1'/>", b'<x y="1" y="2"/>',
    b'<x xmlns:q="urn:u" q:a="1"/>', b"<cbc:ID/>", b"<cbc:Note>x</cbc:Note>", b"<q:x/>", b"x",
)  # fmt: skip

ODD_VALUES = (
    b"", b" ", b"\n", b"1", b"+1.0", b"-0", b"1.", b".5", b".", b"1e3", b"INF", b"NaN", b" 1.00 ", b"1,5", b"1 0",
    b"123456789012345678901234567890", b"0.1234567890123456789012345678", b"\xef\xbc\x91", b"1\xc2\xa0", b"&#49;",
    b"1<!-- -->2", b"2026-09-01", b"2026-02-29", b"2024-02-29", b"2026-02-28", b" 2026-09-01", b"2026-09-01\n",
    b"2026-09-01Z", b"2026-04-31", b"2026-09-01+13:59", b"2026-09-01+14:01", b"2026-9-1", b"20260901",
    b"0000-01-01", b"2026-13-01", b"2026-09-01T12:00:00", b"12:00:00", b"24:00:00", b"23:59:60", b"23:59:59.999999",
    b"23:59:59.", b"12:00", b"12:00:00Z", b"12:00:00-14:00", b"true", b"false", b"0", b"TRUE", b" true ", b"yes",
    b"QUJD", b"QUI=", b"QQ==", b"QR==", b"QUJ=", b"Q", b"QU-D", b"QQ==QQ==", b"QUJD\nQUJD", b"QUJDQ UJD", b"=",
    b"fr", b"fr-FR", b"toolonglang", b"fr_", b"http://a.b/c", b"http://a:b/", b"urn:x:y", b"%zz", b"a b", b"::",
    b"//", b"a:", b"KGM", b"KGMX", b"\xc3\xa9t\xc3\xa9", b"a &amp; b", b"a > b", b"a ]]&gt; b",
)  # fmt: skip

DECLARATIONS = (
    b"", b'<?xml version="1.0"?>', b"<?xml version='1.0' encoding='utf-8'?>",
    b'<?xml version="1.0" encoding="UTF-8" standalone="no"?>', b'<?xml\nversion = "1.0"\r\nencoding="UTF-8" ?>',
    b'<?xml version="1.1"?>', b'<?xml version="1.0" encoding="ISO-8859-1"?>',
    b'<?xml version="1.0" encoding="US-ASCII"?>', b'<?xml version="1.0" encoding="UTF-16"?>',
    b'<?xml version="1.0" encoding="UTF8"?>', b'<?xml encoding="UTF-8"?>',
    b'<?xml version="1.0" standalone="yes" encoding="UTF-8"?>', b"<?xml version=\"1.0'?>",
    b'<?xml version="1.0" standalone="maybe"?>', b'<?xml version="1.0"encoding="UTF-8"?>',
    b" <?xml version='1.0'?>",
)  # fmt: skip

ODD_ATTRIBUTES = (
    b' schemeID="X"', b" schemeID='X'", b' currencyID=""', b' a="1"', b' a = "1"', b'\n a="1"', b'a="1"', b' a="<"',
    b' a=">"', b' a="&amp;"', b' a="\t"', b' a="x\ny"', b' a="x\r\ny"', b" a=''", b' a=1', b' a', b' xml:lang="fr"',
    b' xml:space="preserve"', b' xmlns="urn:q"', b' xmlns=""', b' xmlns:cbc="urn:q"', b' xmlns:cbc=""',
    b' xmlns:q="urn:q" q:a="1"', b' q:a="1"', b' xmlns:p="urn:q" xmlns:q="urn:q" p:a="1" q:a="2"',
    b' xmlns:p="urn:q" xmlns:p="urn:q"', b' xmlns:q="a b"', b' xmlns:q="http://[::1"', b' xmlns:q="relative"',
    b' xmlns:q="http://a:b/"', b' xmlns:q="urn:a&amp;b"', b' xmlns:xml="http://www.w3.org/XML/1998/namespace"',
    b' xmlns:xmlns="urn:q"', b' xmlns:q="http://www.w3.org/2000/xmlns/"',
    b' xmlns:q="http://www.w3.org/XML/1998/namespace" q:lang="fr"',
    b' xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="urn:q q.xsd"',
    b' xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="urn:q\n q.xsd odd"',
    b' xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:noNamespaceSchemaLocation="q.xsd"',
    b' xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:type="x:y"',
    b' xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:nil="true"', b' unitCode="KGM"',
    b' listID="4405_Accounting Debit Credit"', b' languageID="fr"', b' languageID="toolonglang"',
    b' listURI="http://a.b/c"', b' listURI="http://a:b"', b' mimeCode="application/pdf" filename="a.pdf"',
    b' format="102"', b' format="\xc3\xa9"',
)  # fmt: skip

_LEAF = re.compile(rb"<([A-Za-z_][\w.:-]*)([^<>]*)>([^<>]*)</\1\s*>")
_START_TAG = re.compile(rb"<[A-Za-z_][\w.:-]*")
_ATTRIBUTE = re.compile(rb"""\s[\w.:-]+\s*=\s*("[^"]*"|'[^']*')""")
_DELIMITER = re.compile(rb"[<>]")
_DECLARATION = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\?>")

Change = Callable[[bytes, random.Random], bytes]


def mutant(document: bytes, chance: random.Random) -> bytes:
    """The document with one to four changes."""
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
        document = chance.choice(_CHANGES)(document, chance)
    return document


def _spot(pattern: re.Pattern[bytes], document: bytes, chance: random.Random) -> re.Match[bytes] | None:
    """A match at random, nearly as often one as another."""
    start = chance.randrange(len(document) + 1)
    return pattern.search(document, start) or pattern.search(document)


def _insert(document: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(document) + 1)
    return document[:at] + chance.choice(ODD_BYTES) + document[at:]


def _in_text(document: bytes, chance: random.Random) -> bytes:
    at = document.find(b">", chance.randrange(len(document) + 1)) + 1
    end = document.find(b"<", at)
    end = len(document) if end < 0 else end
    at = chance.randint(at, end)
    return document[:at] + chance.choice(ODD_BYTES) + document[at if chance.random() < 0.7 else end :]


def _at_edge(document: bytes, chance: random.Random) -> bytes:
    odd = chance.choice(ODD_BYTES)
    return odd + document if chance.random() < 0.5 else document + odd


def _one_byte(document: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(document) + 1)
    return document[:at] + bytes([chance.randrange(256)]) + document[at + chance.randint(0, 1) :]


def _cut(document: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(document) + 1)
    return document[:at] + document[at + chance.randint(1, 9) :]


def _copied(document: bytes, chance: random.Random) -> bytes:
    at, start = chance.randrange(len(document) + 1), chance.randrange(len(document) + 1)
    return document[:at] + document[start : start + chance.randint(1, 40)] + document[at:]


def _swapped(document: bytes, chance: random.Random) -> bytes:
    places = [found.start() for found in _DELIMITER.finditer(document)]
    if len(places) < 2:
        return document
    at = chance.randrange(len(places) - 1)
    changed = bytearray(document)
    for place in (places[at], places[at + 1] if chance.random() < 0.6 else chance.choice(places)):
        changed[place] = ord("<") + ord(">") - changed[place] if changed[place] in b"<>" else changed[place]
    return bytes(changed)


def _declared(document: bytes, chance: random.Random) -> bytes:
    mark = chance.choice((b"", b"", b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf"))
    return mark + chance.choice(DECLARATIONS) + chance.choice((b"", b"\n")) + _DECLARATION.sub(b"", document).lstrip()


def _line_ends(document: bytes, chance: random.Random) -> bytes:
    return document.replace(b"\n", chance.choice((b"\r\n", b"\r", b"\r\r\n", b"", b"\n\n")))


def _value(document: bytes, chance: random.Random) -> bytes:
    leaf = _spot(_LEAF, document, chance)
    if leaf is None:
        return document
    return document[: leaf.start(3)] + chance.choice(ODD_VALUES) + document[leaf.end(3) :]


def _leaf(document: bytes, chance: random.Random) -> bytes:
    """A leaf dropped, repeated, moved, renamed, emptied, or written another way."""
    leaf = _spot(_LEAF, document, chance)
    if leaf is None:
        return document
    whole, name, rest, text = leaf.group(0, 1, 2, 3)
    before, behind = document[: leaf.start()], document[leaf.end() :]
    kind = chance.randrange(9)
    if kind == 0:
        return before + behind
    if kind == 1:
        return before + whole + chance.choice((b"", b"\n", b"x")) + whole + behind
    if kind == 2:
        other = _spot(_LEAF, behind, chance)
        at = other.end() if other is not None else 0
        return before + behind[:at] + whole + behind[at:]
    if kind == 3:
        names = [found[1] for found in _LEAF.finditer(document)]
        new = chance.choice(names)
        return before + b"<" + new + rest + b">" + text + b"</" + new + b">" + behind
    if kind == 4:
        return before + b"<" + name + rest + chance.choice((b"/>", b" />", b"\n/>")) + behind
    if kind == 5:
        return before + b"<" + name + rest + b">" + text + b"</" + name + chance.choice((b" >", b"\n>", b"x>")) + behind
    if kind == 6:
        return before + b"<" + name + rest + b">" + whole + b"</" + name + b">" + behind
    if kind == 7:
        return before + whole.replace(b'"', b"'") + behind
    return (
        before
        + b"<"
        + name
        + chance.choice((b" ", b"\n", b"\t\r\n"))
        + rest
        + b">"
        + text
        + b"</"
        + name
        + b">"
        + behind
    )


def _attribute(document: bytes, chance: random.Random) -> bytes:
    found = _spot(_ATTRIBUTE, document, chance)
    if found is None:
        return document
    kind = chance.randrange(4)
    if kind == 0:
        return document[: found.start()] + document[found.end() :]
    if kind == 1:
        return document[: found.end()] + found[0] + document[found.end() :]
    if kind == 2:
        quote = found[1][:1]
        return document[: found.start(1)] + quote + chance.choice(ODD_VALUES) + quote + document[found.end(1) :]
    return document[: found.start()] + chance.choice(ODD_ATTRIBUTES) + document[found.end() :]


def _new_attribute(document: bytes, chance: random.Random) -> bytes:
    tag = _START_TAG.search(document) if chance.random() < 0.1 else _spot(_START_TAG, document, chance)
    return document if tag is None else document[: tag.end()] + chance.choice(ODD_ATTRIBUTES) + document[tag.end() :]


def _prefix(document: bytes, chance: random.Random) -> bytes:
    """A prefix renamed everywhere, or at one tag."""
    old = chance.choice((b"cbc:", b"cac:", b"ram:", b"udt:", b"rsm:"))
    new = chance.choice((b"q:", b"", b"xml:", b"x-1.y:", b"\xc3\xa9:", b"cbc:", b"1:", b"XML:"))
    if chance.random() < 0.5:
        return document.replace(b"xmlns:" + old[:-1], b"xmlns" + (b":" + new[:-1] if new else b"")).replace(old, new)
    return document.replace(old, new, chance.randint(1, 4))


def _nested(document: bytes, chance: random.Random) -> bytes:
    leaf = _spot(_LEAF, document, chance)
    if leaf is None:
        return document
    depth = chance.choice((2, 55, 60, 70))
    return document[: leaf.start(3)] + b"<a>" * depth + leaf[3] + b"</a>" * depth + document[leaf.end(3) :]


def _crowded(document: bytes, chance: random.Random) -> bytes:
    tag = _spot(_START_TAG, document, chance)
    if tag is None:
        return document
    form = chance.choice((b' a%d="1"', b' xmlns:a%d="urn:a%d"'))
    more = b"".join(form.replace(b"%d", b"%d" % number) for number in range(chance.choice((63, 64, 65))))
    return document[: tag.end()] + more + document[tag.end() :]


_CHANGES: tuple[Change, ...] = (
    *(_in_text, _insert, _value, _value, _value, _leaf, _leaf, _leaf, _attribute, _attribute, _new_attribute) * 2,
    _at_edge, _one_byte, _cut, _copied, _swapped, _declared, _line_ends, _prefix, _nested, _crowded,
)  # fmt: skip
