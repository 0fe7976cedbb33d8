"""The scanner in C: what it reads, what it leaves to libxml2, what it proves, and its tables."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import pytest

from data_contracts.errors import ContractBroken
from pipelines.parsing import path_tables
from pipelines.parsing.path_tables import INT, Batch, PathDictionary
from pipelines.parsing.scanner import native
from pipelines.parsing.scanner.automaton import Content, SchemaAutomaton
from pipelines.parsing.scanner.reading import Status

UNREAD, READ, PROVED = Status.UNREAD, Status.READ, Status.PROVED

if not native.available():
    pytest.skip("the native scanner is not built", allow_module_level=True)


def _automaton(content: Content = Content.ANY, shortest: int = 0, longest: int = 0) -> SchemaAutomaton:
    """`<r>` holds `<v>` of some content, then `<w>` any times. `<v>` may have a decimal `n`, `<w>` must have `m`."""
    return SchemaAutomaton(
        schemas=("s",),
        names=("{urn:a}r", "{urn:a}v", "{urn:a}w", "n", "m"),
        roots=np.array([(0, 0, 0)], INT),
        edges=np.array([(0, 1, 1, 1), (1, 2, 1, 2)], INT),
        accepting=np.array([False, True]),
        types=np.array([(0, Content.BLANK, 0, 0), (-1, content, shortest, longest), (-1, Content.ANY, 0, 0)], INT),
        attributes=np.array([(1, 3, Content.DECIMAL, 0, 0, 0), (2, 4, Content.ANY, 0, 0, 1)], INT),
    )


def _read(*documents: bytes, automaton: SchemaAutomaton | None = None) -> tuple[list[int], Batch]:
    reading = native.NativeScanner(automaton or _automaton()).read(documents)
    return reading.statuses.tolist(), reading.batch


def _status(document: str | bytes, automaton: SchemaAutomaton | None = None) -> int:
    data = document.encode() if isinstance(document, str) else document
    return _read(data, automaton=automaton)[0][0]


def _texts(batch: Batch, *names: str) -> list[str]:
    path = batch.path(*names)
    assert path is not None
    return [batch.strings.values[number] for number in batch.text_ids(path, None).tolist()]


@pytest.mark.parametrize(
    "document",
    [
        "<a/>",
        " \r\n<a></a>\t",
        "\ufeff<a/>",
        "<?xml version='1.0'?><a/>",
        '<?xml\tversion = "1.0"  encoding="Utf-8" standalone=\'no\' ?>\n<a/>',
        "<!--x--><?p?><a/><!----><?p q?r??>",
        "<a b = '\"' c=\"'\" />",
        "<a\r\n b='1'\tc='2'></a\n>",
        "<p:a xmlns:p='urn:a' p:b='1' b='1'/>",
        "<a xmlns='http://a.fr/b#' ><b xmlns=''/></a>",
        "<a>x]]y&#x1F600;&amp;&lt;&gt;&quot;&apos;&#9;&#xD;]]&gt;></a>",
        "<a>1<!-- - -->2<?x?>3</a>",
        "<a xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='urn:a b'/>",
        "<a><b/>é€😀\u007f\u0085</a>",
        "<a>" * 64 + "</a>" * 64,
        "<a " + " ".join(f"b{n}=''" for n in range(64)) + "/>",
    ],
)
def test_well_formed_documents_are_read(document: str) -> None:
    assert _status(document) == READ


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b" ",
        b"x<a/>",
        b"<a/>x",
        b"<a/>&#32;",
        b"<a/><b/>",
        b"<a>",
        b"<a",
        b"<a/",
        b"<a></b>",
        b"<a></a",
        b"<a></aa>",
        b"<aa></a>",
        b"<a/ >",
        b"< a/>",
        b"<a b/>",
        b"<a b=1/>",
        b"<a b='1'c='2'/>",
        b"<a b='1' b='1'/>",
        b"<a b='<'/>",
        b"<a b='&amp'/>",
        b"<a b='>'/>",
        b"<a xmlns:p='urn:a' xmlns:q='urn:a' p:b='' q:b=''/>",
        b"<a xmlns='urn:a' xmlns='urn:a'/>",
        b"<p:a/>",
        b"<a p:b=''/>",
        b"<a><b xmlns:p='urn:a'/><p:c/></a>",
        b"<a xmlns:p=''/>",
        b"<a xmlns:xml='urn:a'/>",
        b"<a xmlns:xmlns='urn:a'/>",
        b"<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
        b"<a xmlns='a'/>",
        b"<a xmlns='http://a:b/'/>",
        b"<a xmlns='urn:a##'/>",
        b"<a xml:lang='fr'/>",
        b"<xmlns:a/>",
        b"<a:b:c xmlns:a='urn:a'/>",
        b"<a xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='true'/>",
        b"<a>]]></a>",
        b"<a>&nbsp;</a>",
        b"<a>&amp</a>",
        b"<a>&</a>",
        b"<a>&#0;</a>",
        b"<a>&#xD800;</a>",
        b"<a>&#X41;</a>",
        b"<a>&#x110000;</a>",
        b"<a>&#99999999999999999999;</a>",
        b"<a>&#;</a>",
        b"<a><![CDATA[x]]></a>",
        b"<!DOCTYPE a><a/>",
        b"<a><!-- -- --></a>",
        b"<a><!--x---></a>",
        b"<a><!--x</a>",
        b"<a><?xml x?></a>",
        b"<a><?XmL?></a>",
        b"<a><?x</a>",
        b"<a><?x:y?></a>",
        b"<a><?x/?></a>",
        b" <?xml version='1.0'?><a/>",
        b"<?xml version='1.1'?><a/>",
        b"<?xml version='1.0' encoding='latin1'?><a/>",
        b"<?xml encoding='utf-8' version='1.0'?><a/>",
        b"<?xml version='1.0'encoding='utf-8'?><a/>",
        b"<\xc3\xa9/>",
        b"<a>\x00</a>",
        b"<a>\x1f</a>",
        b"<a>\x80</a>",
        b"<a>\xc0\x80</a>",
        b"<a>\xe0\x80\x80</a>",
        b"<a>\xed\xa0\x80</a>",
        b"<a>\xef\xbf\xbe</a>",
        b"<a>\xf0\x8f\xbf\xbf</a>",
        b"<a>\xf4\x90\x80\x80</a>",
        b"<a/>\xc3",
        b"\xef\xbb\xbf\xef\xbb\xbf<a/>",
        b"\xef\xbb<a/>",
        b"<a>" * 65 + b"</a>" * 65,
        b"<a %s/>" % b" ".join(b"b%d=''" % n for n in range(65)),
        b"<a %s/>" % b" ".join(b"xmlns:b%d='urn:a'" % n for n in range(65)),
        b"<a b='%s'/>" % (b"xmlns " * 65),
        b"<!--<a %s-->\n<a/>" % (b"xmlns " * 65),
        b"<" + b"a" * 1001 + b"/>",
    ],
)
def test_what_is_not_surely_well_formed_and_within_limits_is_left_to_libxml2(document: bytes) -> None:
    statuses, batch = _read(b"<k>1</k>", document, b"<k>2</k>")
    assert statuses == [READ, UNREAD, READ]
    assert batch.documents == 3
    # Nothing of it stays.
    assert len(batch.present) == 1
    assert batch.parents[batch.present[0]].tolist() == [0, 2]
    assert batch.strings.values == ["", "1", "2"]


def test_tables_are_those_of_a_shredded_tree() -> None:
    first = b"<a><b c='1' d='2'>x</b><b>\r\n</b><b/></a>"
    statuses, batch = _read(
        first,
        b"<a>y<b d='1'><e/></b>z</a>",
        b"<a>&#13;\r<!-- -->&lt;</a>",
    )
    assert statuses == [READ] * 3
    a, b = batch.path("a"), batch.path("a", "b")
    assert a is not None and b is not None
    assert batch.parents[b].tolist() == [0, 0, 0, 1]
    assert batch._texts[a].tolist()[:2] == [-1, -1]
    assert _texts(batch, "a") == ["x\n", "yz", "\r\n<"]
    assert _texts(batch, "a", "b") == ["x", "\n", "", ""]
    assert _texts(batch, "a", "b", "@d") == ["2", "1"]
    assert batch.strings.values[:6] == ["", "1", "2", "x", "\n", "\r\n<"]
    attribute = batch.path("a", "b", "@d")
    assert attribute is not None
    assert batch.parents[attribute].tolist() == [0, 3]
    assert batch.orders[attribute].tolist() == [12, len(first) + 7]
    assert batch.orders[b].tolist() == [3, 23, 32, len(first) + 4]
    assert batch.line(b, 2) == 2


def test_values_of_attributes_are_normalised() -> None:
    _, batch = _read(b"<a b='&lt;&#10;&amp;amp; &#xD;\r\n\t\r\n\n&quot;' c=\"'\" d='x\ny'/>")
    assert _texts(batch, "a", "@b") == ['<\n&amp; \r    "']
    assert _texts(batch, "a", "@c") == ["'"]
    assert _texts(batch, "a", "@d") == ["x y"]


def test_names_are_expanded_by_the_bindings_in_force() -> None:
    document = (
        b"<p:a xmlns:p='urn:a' xmlns='urn:b'><b p:c='' c=''/><b xmlns='urn:c'/><p:b xmlns:p='urn:d'/><p:b/></p:a>"
    )
    for _ in range(2):
        _, batch = _read(document, document.replace(b"urn:b", b"urn:z"))
        found = {"/".join(batch.paths.steps(path)) for path in batch.present}
        assert found == {
            "{urn:a}a", "{urn:a}a/{urn:b}b", "{urn:a}a/{urn:b}b/@{urn:a}c", "{urn:a}a/{urn:b}b/@c", "{urn:a}a/{urn:c}b",
            "{urn:a}a/{urn:d}b", "{urn:a}a/{urn:a}b", "{urn:a}a/{urn:z}b", "{urn:a}a/{urn:z}b/@{urn:a}c",
            "{urn:a}a/{urn:z}b/@c",
        }  # fmt: skip


def test_a_prefix_that_is_bound_no_more_is_not_remembered() -> None:
    bound, unbound = b"<a xmlns:p='urn:a'><p:b p:c=''/></a>", b"<a><p:b/></a>"
    statuses, _ = _read(bound, unbound, unbound, b"<a><b p:c=''/></a>", bound)
    assert statuses == [READ, UNREAD, UNREAD, UNREAD, READ]


@pytest.mark.parametrize(
    ("inside", "status"),
    [
        ("<v/>", PROVED),
        ("\r\n <!-- --> <v>x &amp; y</v>\t<?p?>\n", PROVED),
        ("<v n='&#49;.5'/><w m=''/><w m='x&amp;'>&lt;</w>", PROVED),
        ("<v xsi:schemaLocation='a b' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'/>", PROVED),
        ("<v xsi:noNamespaceSchemaLocation='a' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'/>", PROVED),
        ("", READ),
        ("x<v/>", READ),
        ("<v/>x", READ),
        ("<v/>&#160;", READ),
        ("<w m=''/>", READ),
        ("<v/><v/>", READ),
        ("<v/><w/>", READ),
        ("<v/><w m='' n=''/>", READ),
        ("<v n='x'/>", READ),
        ("<v m=''/>", READ),
        ("<v><v/></v>", READ),
        ("<v xmlns='urn:b'/>", READ),
        ("<v/><u/>", READ),
    ],
)
def test_what_the_automaton_accepts_is_proved(inside: str, status: Status) -> None:
    assert _status(f"<r xmlns='urn:a'>{inside}</r>") == status
    assert _status(f"<r>{inside}</r>") == READ


_FORMS = {
    Content.BLANK: (["", " \t\r\n"], ["x", "\u00a0"]),
    Content.DECIMAL: (
        ["0", "-1", "+1.5", f"123456789012345.{'1' * 20}", "1<!-- -->2", "&#49;"],
        ["", ".5", "1.", "1e3", " 1", "1234567890123456", f"1.{'1' * 21}", "--1", "1.2.3"],
    ),
    Content.DATE: (
        ["1900-01-31", "2099-02-28", "2026-12-31", "2026-01-01Z", "2026-01-01-13:59"],
        [
            "2024-02-29",
            "2026-04-31",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "1899-01-01",
            "2026-1-1",
            "2026-01-01+14:00",
        ],
    ),
    Content.BOOLEAN: (["true", "false", "0", "1"], ["", "TRUE", "2", "01", "tru", "falsee"]),
    Content.TIME: (
        ["00:00:00", "23:59:59Z", "10:00:00+13:59", "10:00:00-00:00", "10:00:59.9", "10:00:00.123456Z"],
        [
            "24:00:00",
            "10:60:00",
            "10:00:60",
            "10:00",
            "10:00:00z",
            "10:00:00+14:00",
            "10:00:00.",
            "10:00:00.1234567",
            "10:00:00+1:00",
        ],
    ),
    Content.DATE_TIME: (["2026-09-30T10:00:00", "2026-09-30T10:00:00+02:00"], ["2026-09-30", "2026-09-30 10:00:00"]),
    Content.BASE64: (
        ["", "QUJD", " QUJD\r\n+/9a\t", "QUI=", "QUJDQQ== \n"],
        ["Q", "QU JD", "QUJ-", "QUJDQ", "QUJ=", "QR==", "QQ==QUJD", "Q===", "====", "QU=D"],
    ),
    Content.LANGUAGE: (["fr", "fr-FR", "a-b1-c"], ["", "fr_FR", "toolonglang", "f1", "fr-", "-fr", "fr--FR"]),
    Content.URI: (
        ["a", "a.b-c_d", "http://a.fr", "https://a.fr/b?c=d", "urn:a:b/c", "mailto:a"],
        ["", "a b", "a/b", "http://", "http://a:80", "urn:", "x:a", "a@b", "1ab:c", "urn:%41"],
    ),
    Content.LENGTH: (["ab", "abc"], ["a", "abcd", "a c", "é"]),
    Content.NEVER: ([], ["", "x"]),
}


@pytest.mark.parametrize("content", sorted(_FORMS))
def test_texts_are_proved_by_their_form(content: Content) -> None:
    automaton = _automaton(content, 2, 3)
    proved, others = _FORMS[content]
    for text in proved:
        assert _status(f"<r xmlns='urn:a'><v>{text}</v></r>", automaton) == PROVED, text
    for text in others:
        assert _status(f"<r xmlns='urn:a'><v>{text}</v></r>", automaton) == READ, text


def test_the_dictionary_of_paths_is_shared_with_other_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = PathDictionary()
    monkeypatch.setattr(path_tables, "_SHARED", [paths])
    scanner = native.NativeScanner(_automaton())
    scanner.read([b"<a><b/></a>"])
    other = paths.child(paths.child(1, "{urn:x}é"), "@{urn:x}n")
    batch = scanner.read([b"<a><c d=''/><b/></a>", b"<a><x:y xmlns:x='urn:x' x:n=''/></a>"]).batch
    assert paths.steps(other) == ["a", "{urn:x}é", "@{urn:x}n"]
    assert [paths.steps(path) for path in batch.present] == [
        ["a"], ["a", "b"], ["a", "c"], ["a", "c", "@d"], ["a", "{urn:x}y"], ["a", "{urn:x}y", "@{urn:x}n"],
    ]  # fmt: skip
    path_tables._SHARED[:] = [PathDictionary()]
    batch = scanner.read([b"<b><a/></b>"]).batch
    assert [batch.paths.steps(path) for path in batch.present] == [["b"], ["b", "a"]]
    assert batch.present == [1, 2]


def test_refused_documents_leave_no_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path_tables, "_SHARED", [PathDictionary()])
    scanner = native.NativeScanner(_automaton())
    batch = scanner.read([b"<a><b c=''/><d>", b"<a><d/></a>", b"<a><b c=''/></a>"]).batch
    assert [batch.paths.steps(path)[-1] for path in batch.present] == ["a", "d", "b", "@c"]
    assert len(batch.paths) == 5


def test_a_path_added_by_another_thread_meanwhile_costs_a_new_start_and_no_wrong_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paths = PathDictionary()
    monkeypatch.setattr(path_tables, "_SHARED", [paths])
    scanner = native.NativeScanner(_automaton())
    scanner.read([b"<a/>"])
    handed_over = scanner._handed_over

    def late(paths: PathDictionary, known: int, count: int) -> Sequence[int]:
        paths.child(0, "z")
        return handed_over(paths, known, count)

    monkeypatch.setattr(scanner, "_handed_over", late)
    batch = scanner.read([b"<a><b><c>1</c></b></a>"]).batch
    monkeypatch.undo()
    monkeypatch.setattr(path_tables, "_SHARED", [paths])
    assert _texts(batch, "a", "b", "c") == ["1"]
    assert paths.names == ["", "a", "z", "b", "c"]
    assert _texts(scanner.read([b"<z>2</z>", b"<a><b><c>3</c></b></a>"]).batch, "a", "b", "c") == ["3"]


def test_threads_take_turns() -> None:
    scanner = native.NativeScanner(_automaton())
    found: list[list[str]] = []

    def run(number: int) -> None:
        for turn in range(20):
            documents = [b"<t><n>%d</n></t>" % (number * 1000 + turn + k) for k in range(20)]
            found.append([_texts(scanner.read(documents).batch, "t", "n")[0], str(number * 1000 + turn)])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80
    assert all(first == expected for first, expected in found)


def test_a_long_document_of_many_strings_is_whole() -> None:
    count = 60_000
    data = b"<a>" + b"".join(b"<b>%d \xf0\x9f\x98\x80%s</b>" % (n, b"x" * (n % 9)) for n in range(count)) + b"</a>"
    statuses, batch = _read(b"<a><b>0</b></a>", data, b"<a><b>0</b></a>")
    assert statuses == [READ] * 3
    texts = _texts(batch, "a", "b")
    assert texts[1:-1] == [f"{n} 😀{'x' * (n % 9)}" for n in range(count)]
    assert len(batch.strings.values) == count + 2
    assert len(set(batch.strings.values)) == count + 2


def test_elements_beyond_the_limit_are_left_to_libxml2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native.limits, "XML_ELEMENTS_MAX", 10)
    assert _status(b"<a>" + b"<b/>" * 9 + b"</a>") == READ
    assert _status(b"<a>" + b"<b/>" * 10 + b"</a>") == UNREAD
    assert _status(b"<a b='" + b"=' c='" * 20 + b"'/>") == UNREAD


def test_no_documents_and_no_strings() -> None:
    statuses, batch = _read()
    assert (statuses, batch.present, batch.strings.values) == ([], [], [""])
    statuses, batch = _read(b"<", b"<a/>")
    assert (statuses, batch.strings.values) == ([UNREAD, READ], [""])


def test_a_batch_that_orders_cannot_number_is_the_callers_fault() -> None:
    part = bytes(2**26)
    with pytest.raises(ContractBroken):
        native.NativeScanner(_automaton()).read([part] * 32)


def test_an_automaton_whose_tables_do_not_fit_is_refused() -> None:
    whole = _automaton()
    edges = whole.edges.copy()
    edges[0, 2] = 7
    broken = SchemaAutomaton(
        whole.schemas, whole.names, whole.roots, edges, whole.accepting, whole.types, whole.attributes
    )
    with pytest.raises(MemoryError):
        native.NativeScanner(broken)
