"""Documents of very many different paths: refused by the gate, left unread by scanners, and never many in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts import limits
from data_contracts.refusals import DocumentUnreadable
from pipelines.parsing import path_tables, tree_tables
from pipelines.parsing.distinct_paths import names_beyond, path_beyond
from pipelines.parsing.path_tables import PathDictionary
from pipelines.parsing.reader import Refused, Tabled, tabled
from pipelines.parsing.scanner import native
from pipelines.parsing.scanner.automaton import SchemaAutomaton
from pipelines.parsing.scanner.reading import Scanner, Status
from pipelines.parsing.tree_tables import shredded
from pipelines.parsing.xml_gate import gated
from tests.unit.scanner_oracle import SCANNERS, automaton

MOST = limits.XML_PATHS_MAX


def elements(count: int, first: int = 0) -> bytes:
    """A document of so many paths: a root, and elements of different names below it."""
    return b"<z>\n%s</z>" % b"".join(b"<a%d/>\n" % number for number in range(first, first + count - 1))


def attributes(count: int) -> bytes:
    pieces = (b"<a b%d='' c%d=\"\"/>" % (n, n) for n in range((count - 2) // 2))
    return b"<z>%s%s</z>" % (b"".join(pieces), b"<a d=''/>" if count % 2 else b"")


def tree_of_two_names(count: int) -> bytes:
    """So many paths, though there are only two names beside the root's."""

    def below(left: int) -> bytes:
        left -= 1
        first = left // 2
        parts = [
            b"<%s>%s</%s>" % (name, below(part), name) for name, part in ((b"a", first), (b"b", left - first)) if part
        ]
        return b"".join(parts)

    return b"<z>%s</z>" % below(count)


def foreign(count: int) -> bytes:
    """So many paths of one local name, each in a namespace of its own."""
    return b"<z>%s</z>" % b"".join(b'<a xmlns="urn:%d"/>' % number for number in range(count - 1))


SHAPES: dict[str, Callable[[int], bytes]] = {
    "elements": elements,
    "attributes": attributes,
    "two names": tree_of_two_names,
    "namespaces": foreign,
}


@pytest.fixture(autouse=True)
def _own_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with an empty dictionary, and leaves none behind."""
    monkeypatch.setattr(path_tables, "_SHARED", [])


@pytest.fixture(params=SCANNERS.values(), ids=SCANNERS)
def made(request: pytest.FixtureRequest) -> Callable[[SchemaAutomaton], Scanner]:
    made: Callable[[SchemaAutomaton], Scanner] = request.param
    return made


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_one_path_more_than_allowed_is_refused(shape: Callable[[int], bytes]) -> None:
    tables = shredded([gated(shape(MOST))], PathDictionary())
    assert len(tables.present) == MOST
    with pytest.raises(DocumentUnreadable) as refused:
        gated(shape(MOST + 1))
    assert refused.value.motive == "IRR_TAILLE_F"
    assert f"more than {MOST} different paths" in refused.value.what
    assert f"plus de {MOST} chemins différents" in refused.value.what_fr


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_scanners_leave_it_to_the_gate(
    shape: Callable[[int], bytes], made: Callable[[SchemaAutomaton], Scanner]
) -> None:
    scanner = made(automaton())
    for attempt in range(2):
        small, whole, beyond = scanner.read([elements(5), shape(MOST), shape(MOST + 1)]).statuses.tolist()
        assert (small, beyond) == (Status.READ, Status.UNREAD), attempt
        # Python's scanner remembers, and is taught no more than so much: it may leave the other one too.
        assert whole in {Status.READ, Status.UNREAD}
        if isinstance(scanner, native.NativeScanner):
            assert whole == Status.READ


def test_the_line_is_told() -> None:
    with pytest.raises(DocumentUnreadable) as refused:
        gated(elements(MOST + 1))
    assert refused.value.where == f"line {MOST + 1}"
    with pytest.raises(DocumentUnreadable) as refused:
        gated(b"<z>\n" + tree_of_two_names(MOST + 1) + b"</z>")
    assert refused.value.where == "line 2"


TAGS = b"".join(b"<a%d x%d='' />" % (number, number) for number in range(MOST))
TEXTS = TAGS.replace(b"<", b"&lt;")


@pytest.mark.parametrize(
    "data",
    [
        b"<z><!--%b--><a/><!--%b--></z>" % (TAGS, TAGS),
        b"<z><![CDATA[%b]]></z>" % TAGS,
        b"<z><?p %b?></z>" % TAGS,
        b"<z>%b</z>" % TEXTS,
        b'<z a="%b" b="%b"/>' % (TEXTS, TEXTS),
    ],
    ids=["comments", "CDATA", "instructions", "texts", "values"],
)
def test_what_only_looks_like_names_counts_for_nothing(data: bytes) -> None:
    assert names_beyond(data, MOST) is None
    assert gated(data).getroot().tag == "z"


def test_declarations_are_counted_and_name_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = b"<z>%s</z>" % b"".join(b'<p%d:a xmlns:p%d="urn:a"/>' % (n, n) for n in range(MOST + 9))
    assert len(gated(declared).getroot()) == MOST + 9
    monkeypatch.setattr(limits, "XML_DECLARATIONS_MAX", 10)
    scanners = [made(automaton()) for made in SCANNERS.values()]
    for count, status in ((10, Status.READ), (11, Status.UNREAD)):
        data = b"<z>%s</z>" % (b'<a xmlns="urn:a">%s</a>' % (b"x" * 99) * count)
        assert [scanner.read([data]).statuses.tolist() for scanner in scanners] == [[status]] * len(scanners)
    with pytest.raises(DocumentUnreadable, match="more than 10 namespace declarations"):
        gated(data)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_names_and_paths_are_counted_as_the_tree_has_them(data: st.DataObject) -> None:
    def element(depth: int) -> bytes:
        name = data.draw(st.sampled_from([b"a", b"b", b"p:a", b"q:c"]))
        given = data.draw(st.sets(st.sampled_from([b"a", b"d", b"p:d", b"q:e"]), max_size=2))
        written = b"".join(b"%s%s = '>%s='" % (b"\n ", one, one) for one in sorted(given))
        inside = b"".join(element(depth + 1) for _ in range(data.draw(st.integers(0, 3)))) if depth < 4 else b"x"
        return b"<%s%s>%s<!--<n m=''>--></%s >" % (name, written, inside, name)

    document = b'<z xmlns:p="urn:p" xmlns:q="urn:q">%s</z>' % element(0)
    tree = gated(document)
    tables = shredded([tree], PathDictionary())
    names = {tables.paths.names[path] for path in tables.present}
    locals_of = {(name.startswith("@"), name.rpartition("}")[2].lstrip("@")) for name in names}
    assert path_beyond(tree, len(tables.present)) is None
    assert path_beyond(tree, len(tables.present) - 1) is not None
    assert names_beyond(document, len(locals_of)) is None
    assert names_beyond(document, len(locals_of) - 1) is not None


def parts(contents: list[bytes], scanner: Scanner | None) -> Iterator[Tabled]:
    for part in tabled(contents, scanner):
        assert not isinstance(part, Refused)
        yield part


@pytest.mark.parametrize("scanner", [None, *SCANNERS], ids=["trees", *SCANNERS])
def test_no_tables_hold_many_more_paths_than_are_kept(monkeypatch: pytest.MonkeyPatch, scanner: str | None) -> None:
    for module in (path_tables, tree_tables, native):
        monkeypatch.setattr(module, "PATHS_MAX", 100)
    reader = None if scanner is None else SCANNERS[scanner](automaton())
    contents = [elements(30, first=30 * number) for number in range(40)]
    for _ in range(2):
        seen: list[int] = []
        for part in parts(contents, reader):
            assert len(part.batch.paths) <= 100 + 30 or scanner == "python"
            for at, position in enumerate(part.positions):
                mine = part.batch.of_documents(np.array([at]))
                names = [name for path in mine.present[1:] for name in part.batch.paths.steps(path)[1:]]
                assert names == [f"a{number}" for number in range(30 * position, 30 * position + 29)]
            seen += part.positions
        assert sorted(seen) == list(range(40))
