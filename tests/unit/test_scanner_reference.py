"""The scanners, clause by clause: what is read, what is proved, what is left to libxml2; and what they remember."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from data_contracts.errors import ContractBroken
from pipelines.parsing import path_tables
from pipelines.parsing.path_tables import INT, PathDictionary
from pipelines.parsing.scanner import memo, reference
from pipelines.parsing.scanner.automaton import Content, SchemaAutomaton
from pipelines.parsing.scanner.lexis import FORMS, proved
from pipelines.parsing.scanner.origin import bases
from pipelines.parsing.scanner.reading import Scanner, Status
from pipelines.parsing.scanner.reference import PythonScanner
from relais.bench.workloads import generated
from tests.unit.scanner_oracle import SCANNERS, Findings, automaton, held_against

XSI = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'


def _small() -> SchemaAutomaton:
    """`<r>`: a decimal `<n>`, then any `<t>` of text, which may have the attribute `k` and must have `m`."""
    return SchemaAutomaton(
        schemas=("small",),
        names=("r", "n", "t", "k", "m"),
        roots=np.array([[0, 0, 0]], INT),
        edges=np.array([[0, 1, 1, 1], [1, 2, 1, 2]], INT),
        accepting=np.array([False, True]),
        types=np.array([[0, Content.BLANK, 0, 0], [-1, Content.DECIMAL, 0, 0], [-1, Content.ANY, 0, 0]], INT),
        attributes=np.array([[2, 3, Content.BOOLEAN, 0, 0, 0], [2, 4, Content.ANY, 0, 0, 1]], INT),
    )


@cache
def _standing(name: str) -> Scanner:
    """One scanner for many tests: what it has read before must not matter."""
    return SCANNERS[name](automaton())


@pytest.fixture(params=sorted(SCANNERS))
def standing(request: pytest.FixtureRequest) -> Scanner:
    return _standing(request.param)


@pytest.fixture(params=sorted(SCANNERS))
def made(request: pytest.FixtureRequest) -> Callable[[SchemaAutomaton], Scanner]:
    return SCANNERS[request.param]


def _held(scanner: Scanner, *documents: bytes) -> list[Status]:
    """The statuses of documents on which the oracle has nothing to say."""
    findings = Findings()
    held_against(scanner, documents, findings)
    assert findings.wrong == []
    return [Status(number) for number in scanner.read(documents).statuses.tolist()]


READ = [
    b"<a/>",
    b"<a />",
    b"<a\n/>",
    b"<a></a>",
    b"<a></a\r\n>",
    b"<a> </a >",
    b" \r\n<a/>\t\n",
    b"\xef\xbb\xbf<a/>",
    b"<?xml version='1.0'?><a/>",
    b'\xef\xbb\xbf<?xml  version = "1.0" encoding="uTf-8" standalone=\'yes\' ?>\r\n<a/>',
    b"<!-- > <b> -->\n<a/><?p?><!---->",
    b"<a><!-- & -->x<?p x?>y</a>",
    b"<a>x<!---> -->y</a>",
    b"<a><!--\r\n--><b/><!-- --></a>",
    b"<a>&amp;&lt;&gt;&quot;&apos;&#65;&#x1F600;&#13;&#x9;</a>",
    b"<a>a > b ]] > ]]&gt;</a>",
    b"<a>]]<!-- -->></a>",
    b"<a>\r\r\n\n</a>",
    b"<a>\xc3\xa9\xf0\x9f\x98\x80\x7f\xc2\x85</a>",
    b"<a b='1' c = \"2\"/>",
    b"<a b=' \xc3\xa9'/>",
    b"<a b='\"' c=\"'\"/>",
    b"<p:a xmlns:p='urn:x' p:b='1' b='2'/>",
    b"<a xmlns='http://x.y/z#w'><b xmlns='urn:z'/><b/></a>",
    b"<a xmlns:p='urn:x'><p:b xmlns:p='urn:y'/><p:b/></a>",
    b"<_a.b-c/>",
    f"<a {XSI} i:schemaLocation='urn:x x.xsd'/>".encode(),
    b"<a>" * 64 + b"</a>" * 64,
    b"<a " + b" ".join(b"a%d=''" % n for n in range(64)) + b"/>",
    b"<a><b>1</b><b/>  <c>2</c>\n<b><b>3</b></b></a>",
]


@pytest.mark.parametrize("document", READ)
def test_what_is_read(document: bytes, standing: Scanner) -> None:
    assert _held(standing, document) == [Status.READ]
    assert _held(standing, b"<z>0</z>", document, b"<z k='0'>1</z>", document) == [Status.READ] * 4


MORE = [
    b"<a b='x\ny\tz\r\nw'/>",
    b"<a xmlns='dian:gov:co'/>",
    f"<a {XSI} i:noNamespaceSchemaLocation='x.xsd'/>".encode(),
]
"""What the scanner in Python reads beyond the dialect."""


@pytest.mark.parametrize("document", MORE)
def test_what_python_reads_beyond(document: bytes) -> None:
    assert _held(_standing("python"), document) == [Status.READ]


UNREAD = [
    b"",
    b" \n",
    b"x",
    b"<a>",
    b"<a",
    b"</a>",
    b"<a></b>",
    b"<a></aa>",
    b"<aa></a>",
    b"<a/><b/>",
    b"<a/>x",
    b"x<a/>",
    b"<a/>&#32;",
    b"<a/></a>",
    b"<a><b></a></b>",
    b"< a/>",
    b"<a/ >",
    b"<1/>",
    b"<a:b:c/>",
    b"<\xc3\xa9/>",
    b"<a>\x01</a>",
    b"<a>\x02</a>",
    b"<a>\x03</a>",
    b"<a>\x00</a>",
    b"<a>\xff</a>",
    b"<a>\xc0\x80</a>",
    b"<a>\xed\xa0\x80</a>",
    b"<a>\xf4\x90\x80\x80</a>",
    b"<a>\xef\xbf\xbe</a>",
    b"<a>\xef\xbf\xbf</a>",
    b"<a><!-- \xff --></a>",
    b"<a><!-- \x01 --></a>",
    b"\xef\xbb\xbf\xef\xbb\xbf<a/>",
    b"\xef\xbb<a/>",
    b" <?xml version='1.0'?><a/>",
    b"<!-- --><?xml version='1.0'?><a/>",
    b"<?xml version='1.1'?><a/>",
    b"<?xml encoding='utf-8'?><a/>",
    b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
    b"<?xml version='1.0' encoding='US-ASCII'?><a/>",
    b"<?xml version='1.0'encoding='utf-8'?><a/>",
    b"<?xml version='1.0' standalone='x'?><a/>",
    b"<!DOCTYPE a><a/>",
    b"<a><![CDATA[x]]></a>",
    b"<a>]]></a>",
    b"<a><!-- -- --></a>",
    b"<a><!-- x ---></a>",
    b"<a><!-- </a>",
    b"<a><?p </a>",
    b"<a><?xml x?></a>",
    b"<a><?XmL?></a>",
    b"<a><?p:q x?></a>",
    b"<a><?1 x?></a>",
    b"<a <!-- -->/>",
    b"<a b='<!-- -->'/>",
    b"<a b='>'/>",
    b"<a b='<'/>",
    b"<a b=1/>",
    b"<a b/>",
    b"<a b='1'c='2'/>",
    b"<a b='1\"/>",
    b"<a b='1' b='2'/>",
    b"<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='1' q:b='2'/>",
    b"<a xmlns='urn:x' xmlns='urn:x'/>",
    b"<p:a/>",
    b"<a p:b='1'/>",
    b"<a><b xmlns:p='urn:x'/><p:c/></a>",
    b"<a xmlns:p=''/>",
    b"<a xmlns='a b'/>",
    b"<a xmlns='x'/>",
    b"<a xmlns='http://a:b/'/>",
    b"<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
    b"<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
    b"<a xmlns:xmlns='urn:x'/>",
    b"<a xmlns:p='http://www.w3.org/2000/xmlns/'/>",
    b"<a xml:lang='fr'/>",
    b"<xml:a/>",
    f"<a {XSI} i:nil='true'/>".encode(),
    f"<a {XSI} i:type='x'/>".encode(),
    b"<a>&</a>",
    b"<a>&amp</a>",
    b"<a>&none;</a>",
    b"<a>&#0;</a>",
    b"<a>&#8;</a>",
    b"<a>&#xD800;</a>",
    b"<a>&#xFFFE;</a>",
    b"<a>&#x110000;</a>",
    b"<a>&#4294967361;</a>",
    b"<a>&#X41;</a>",
    b"<a>&#;</a>",
    b"<a>&am<!-- -->p;</a>",
    b"<a>" * 65 + b"</a>" * 65,
    b"<a " + b" ".join(b"a%d=''" % n for n in range(65)) + b"/>",
    b"<a " + b" ".join(b"xmlns:a%d='urn:x'" % n for n in range(65)) + b"/>",
    b"<!-- <a " + b"xmlns " * 65 + b"> --><a/>",
    b"<a b='" + b"xmlns " * 65 + b"'/>",
    b"<" * 4 + b">" * 4,
    b"<a<b>/a>",
]


@pytest.mark.parametrize("document", [b"<a><b/>x<c/></a>", b"<a>x<b/></a>", b"<a b='&amp;'/>"])
def test_what_python_leaves_to_libxml2(document: bytes) -> None:
    assert _held(_standing("python"), document) == [Status.UNREAD]


@pytest.mark.parametrize("document", UNREAD)
def test_what_is_left_to_libxml2(document: bytes, standing: Scanner) -> None:
    assert _held(standing, document) == [Status.UNREAD]
    reading = standing.read([b"<z>0</z>", document, b"<y b='2'>1</y>"])
    assert reading.statuses.tolist() == [Status.READ, Status.UNREAD, Status.READ]
    # Nothing of it stays.
    assert reading.batch.strings.values == ["", "0", "2", "1"]
    assert len(reading.batch.present) == 3


PROVED = [b"<r><n>1</n></r>", b"<r>\n <n>-1.50</n>\n <t m=''/></r>", b"<r><n>1</n><t m='a' k='1'>&lt;</t><t m=''/></r>"]
PROVED += [b"<r><!-- --><n>2</n><?p?>\r\n</r>", b"<?xml version='1.0'?>\n<r><n>&#49;</n></r>"]
NOT_PROVED = [
    b"<r/>",
    b"<r></r>",
    b"<r> </r>",
    b"<r><n/></r>",
    b"<r><n>x</n></r>",
    b"<r><n>1</n><n>1</n></r>",
    b"<r><t m=''/><n>1</n></r>",
    b"<r><n>1</n><t/></r>",
    b"<r><n>1</n><t m='' k='x'/></r>",
    b"<r><n>1</n><t m='' x=''/></r>",
    b"<r><n>1</n><x/></r>",
    b"<r><n><t m=''/></n></r>",
    b"<r xmlns='urn:x'><n>1</n></r>",
    b"<n>1</n>",
    b"<r><n>1</n><t m=''><u>1</u></t></r>",
]


def test_what_is_proved(made: Callable[[SchemaAutomaton], Scanner]) -> None:
    scanner = made(_small())
    for _ in range(2):
        assert scanner.read(PROVED).statuses.tolist() == [Status.PROVED] * len(PROVED)
        assert scanner.read(NOT_PROVED).statuses.tolist() == [Status.READ] * len(NOT_PROVED)
    # One document says nothing of its neighbours.
    mixed = [document for pair in zip(PROVED, NOT_PROVED, strict=False) for document in pair]
    assert scanner.read(mixed).statuses.tolist() == [Status.PROVED, Status.READ] * len(PROVED)


def test_orders_are_byte_offsets(standing: Scanner) -> None:
    marked = "\ufeff<?xml version='1.0'?><!-- é -->\n<a>é<!-- <x> --></a>"
    documents = [b"<a>", "<é/>".encode(), marked.encode(), b""]
    documents += ["<a b='é'/> ".encode(), b"<a><b\n c='1' d='2'>3</b><b/></a>"]
    batch = standing.read(documents).batch
    starts = bases(documents)
    a, b = batch.path("a"), batch.path("a", "b")
    assert a is not None
    assert b is not None
    d = batch.children[b]["@d"]
    third = documents[2].index(b"<a>")
    assert batch.orders[a].tolist() == [starts[2] + third, starts[4], starts[5]]
    assert (batch.orders[b] - starts[5]).tolist() == [3, 24]
    assert (batch.orders[d] - starts[5]).tolist() == [13]
    assert [batch.line(a, row) for row in range(3)] == [2, 1, 1]
    assert [batch.line(b, 0), batch.line(b, 1), batch.line(d, 0)] == [2, 2, 2]
    assert [batch.strings.values[number] for number in batch.text_ids(a, None)] == ["é", "", "3"]


def test_texts_of_elements_with_children(standing: Scanner) -> None:
    documents = [b"<a><b><c>1</c>\n<c>2</c></b><b>3</b></a>", b"<a>", b"<a><b>4</b><b><c>5&amp;</c></b></a>"]
    batch = standing.read(documents).batch
    path = batch.path("a", "b")
    assert path is not None
    assert [batch.strings.values[number] for number in batch.text_ids(path, None)] == ["1\n2", "3", "4", "5&"]


def test_no_documents(standing: Scanner) -> None:
    reading = standing.read([])
    assert (len(reading.statuses), reading.batch.documents, reading.batch.strings.values) == (0, 0, [""])


def test_a_batch_that_cannot_be_numbered_is_the_callers_fault() -> None:
    class Long(bytes):
        def __len__(self) -> int:
            return 2**30

    assert bases([Long()]).tolist() == [0, 2**30]
    with pytest.raises(ContractBroken):
        bases([Long(), Long()])


def test_a_new_dictionary_of_paths_is_noticed(
    made: Callable[[SchemaAutomaton], Scanner], monkeypatch: pytest.MonkeyPatch
) -> None:
    scanner = made(automaton())
    documents = generated("utility", 5, 1).part(0, 5)
    first = _held(scanner, *documents)
    monkeypatch.setattr(path_tables, "_SHARED", [PathDictionary()])
    assert _held(scanner, *documents) == first == [Status.PROVED] * 5


@pytest.mark.parametrize("kind", ["utility", "caterer", "cii"])
def test_generated_invoices_are_proved(kind: str, standing: Scanner) -> None:
    documents = generated(kind, 20, 1).part(0, 20)
    assert _held(standing, *documents) == [Status.PROVED] * 20


def test_a_sender_of_new_tags_uses_up_lessons_and_is_left_to_libxml2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "LESSONS_FIRST", 40)
    monkeypatch.setattr(reference, "LESSONS_FIRST", 40)
    scanner = PythonScanner(_small())
    scanner._memo.lessons = 40
    assert scanner.read(PROVED).statuses.tolist() == [Status.PROVED] * len(PROVED)
    fresh = [b"<r><n>1</n><t m='%d'/></r>" % number for number in range(100)]
    statuses = scanner.read(fresh).statuses.tolist()
    assert statuses == sorted(statuses, reverse=True)
    assert {Status.PROVED, Status.UNREAD} == set(statuses)
    # What is known stays known, and bytes sent earn new lessons.
    assert scanner.read(PROVED).statuses.tolist() == [Status.PROVED] * len(PROVED)
    assert scanner.read([fresh[-1]]).statuses.tolist() == [Status.UNREAD]
    scanner.read([b"<r><n>1" + b" " * 10 * reference.BYTES_A_LESSON + b"</n></r>"])
    assert scanner.read([fresh[-1]]).statuses.tolist() == [Status.PROVED]


def test_a_full_memo_is_forgotten_and_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = generated("utility", 5, 1).part(0, 5)
    scanner = PythonScanner(automaton())
    first = scanner._memo
    assert _held(scanner, *documents) == [Status.PROVED] * 5
    monkeypatch.setattr(memo, "TAGS_MAX", 10)
    assert first.full
    monkeypatch.setattr(memo, "TAGS_MAX", 50_000)
    monkeypatch.setattr(memo, "PIECES_MAX", 10)
    assert _held(scanner, *documents) == [Status.PROVED] * 5
    assert scanner._memo is first
    monkeypatch.setattr(memo, "CHARACTERS_MAX", 100)
    assert _held(scanner, *documents) != []
    assert scanner._memo is not first


def test_one_tag_indented_in_many_ways_is_one_lesson() -> None:
    scanner = PythonScanner(_small())
    lessons = scanner._memo.lessons
    documents = [b"<r>%s<n>1</n>%s</r>" % (b" " * number, b"\n" * number) for number in range(50)]
    assert scanner.read(documents).statuses.tolist() == [Status.PROVED] * 50
    assert lessons - scanner._memo.lessons == 3


@pytest.mark.parametrize(
    ("content", "yes", "no"),
    [
        (Content.BLANK, ["", " \t\n"], ["x", "\u00a0"]),
        (
            Content.DECIMAL,
            ["0", "-1.50", "+1", "9" * 15 + "." + "9" * 20],
            ["", "1.", ".5", " 1", "1e3", "9" * 16, "１"],
        ),
        (
            Content.DATE,
            ["2026-02-28", "1900-01-31", "2099-12-31Z", "2026-01-01+13:59"],
            ["2024-02-29", "2026-04-31", "2026-1-1", "1899-01-01", "2026-01-01+14:00", "2026-01-01\n", "2026-13-01"],
        ),
        (Content.BOOLEAN, ["true", "false", "0", "1"], ["", "TRUE", "01", " 1"]),
        (
            Content.TIME,
            ["00:00:00", "23:59:59.999999Z", "12:00:00-13:59"],
            ["24:00:00", "12:00", "12:00:60", "12:00:00."],
        ),
        (Content.DATE_TIME, ["2026-01-01T00:00:00", "2026-01-01T00:00:00Z"], ["2026-01-01Z", "2026-01-01T24:00:00"]),
        (Content.BASE64, ["", "QUJD", "QUI=", "QQ==\n", " QUJD\nQUJD"], ["QUI", "QR==", "QUJ=", "Q UJD", "QQ==QUJD"]),
        (Content.LANGUAGE, ["fr", "fr-FR", "a-1"], ["", "fr_FR", "fr-", "toolonglang"]),
        (Content.URI, ["a.b", "urn:x:y", "http://a.b/c?d"], ["", "a:", "//a", "http://a:80/", "a b", "http://", "%41"]),
        (Content.ANY, ["", "é"], []),
        (Content.NEVER, [], ["", "x"]),
    ],
)
def test_forms(content: Content, yes: list[str], no: list[str]) -> None:
    assert [proved(content, 0, 0, text) for text in yes + no] == [True] * len(yes) + [False] * len(no)


def test_lengths() -> None:
    assert [proved(Content.LENGTH, 1, 3, text) for text in ("a", "abc", "", "abcd", "a c", "é")] == [True] * 2 + [
        False
    ] * 4
    assert set(FORMS) == set(Content) - {Content.ANY, Content.LENGTH, Content.NEVER}
