"""Tables of a batch, the trees of expressions, regular expressions, the cache of rule files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from lxml import etree

from pipelines.parsing.path_tables import Batch, PathDictionary
from pipelines.parsing.tree_tables import shredded
from pipelines.validation.compiled.evaluation.columns import by_distinct
from pipelines.validation.compiled.evaluation.not_compilable import NotCompilable
from pipelines.validation.compiled.evaluation.regular_expressions import translated
from pipelines.validation.compiled.rule_files.rule_cache import cached_rule_file
from pipelines.validation.compiled.rule_files.xpath_trees import XPathReader
from tests.unit.compiled_sheets import rule, sheet


def _batch(*documents: str) -> Batch:
    return shredded([etree.ElementTree(etree.fromstring(document)) for document in documents], PathDictionary())


def _path(batch: Batch, *names: str) -> int:
    path = 0
    for name in names:
        path = batch.children[path][name]
    return path


def test_each_path_has_the_row_of_its_parent_its_text_and_its_place() -> None:
    batch = _batch('<r><l a="1">x</l><l>y</l></r>', "<s/>", "<r><l a='2'/></r>")
    lines = _path(batch, "r", "l")
    assert batch.parents[lines].tolist() == [0, 0, 1]
    assert [batch.strings.values[number] for number in batch.text_ids(lines, None)] == ["x", "y", ""]
    assert batch.document(lines).tolist() == [0, 0, 2]
    assert batch.document(_path(batch, "s")).tolist() == [1]
    attributes = _path(batch, "r", "l", "@a")
    assert batch.parents[attributes].tolist() == [0, 2]
    assert [batch.rank(lines, row) for row in range(3)] == [0, 1, 0]
    assert batch.orders[lines][0] < batch.orders[attributes][0] < batch.orders[lines][1]


def test_the_string_value_of_an_element_with_children_is_put_together() -> None:
    batch = _batch("<r><l>a<b>b</b>c<!-- no --></l><l>d</l></r>", "<r><l>1<!-- x -->2</l></r>")
    ids = batch.text_ids(_path(batch, "r", "l"), np.array([2, 0, 1]))
    assert [batch.strings.values[number] for number in ids] == ["12", "abc", "d"]


def test_ancestors_and_ranges_below_are_found_across_levels() -> None:
    batch = _batch("<r><g><l/><l/></g><g/></r>", "<r/>", "<r><g><l/></g></r>")
    root, lines = _path(batch, "r"), _path(batch, "r", "g", "l")
    assert batch.ancestors(lines, root).tolist() == [0, 0, 2]
    first, counts, most, one_each = batch.below(root, lines)
    assert (counts.tolist(), most, one_each) == ([2, 0, 1], 2, False)
    assert first.tolist() == [0, 2, 2]


def test_a_function_of_texts_runs_once_a_distinct_text() -> None:
    batch = _batch("<r><l>ab</l><l>ab</l><l>c</l></r>")
    asked: list[str] = []
    ids = batch.text_ids(_path(batch, "r", "l"), None)
    for _ in range(2):
        found = by_distinct(batch, "length", lambda texts: asked.extend(texts) or [len(text) for text in texts], ids)
        assert found.tolist() == [2, 2, 1]
    assert asked == ["ab", "c"]


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        (r"^\d{9}$", "123456789", "123456789\n"),
        (r"^\s*a\s*$", " \ta\n", "\u00a0a"),
        (r"^[A-Za-z0-9+\-_/]+$", "a-b_/+", "a.b"),
        (r"^a.c$", "abc", "a\nc"),
        (r"^[^ ]+$", "ab", "a b"),
    ],
)
def test_regular_expressions_keep_their_meaning(pattern: str, matching: str, other: str) -> None:
    assert translated(pattern).search(matching)
    assert not translated(pattern).search(other)


@pytest.mark.parametrize("pattern", [r"\w+", r"[a-z-[aeiou]]", r"\p{L}", r"(?i)a", r"\i\c*", "[a&&b]", "("])
def test_regular_expressions_of_other_meaning_are_refused(pattern: str) -> None:
    with pytest.raises(NotCompilable):
        translated(pattern)


def test_trees_are_tuples_with_expanded_names() -> None:
    reader = XPathReader({"b": "urn:b", "own": "urn:own"}, [("own:ok", 1)])
    assert reader.tree("//b:x[1]") == ("first-of-parent", ("slash", ("root",), ("step", "descendant", "{urn:b}x")), 1)
    assert reader.tree("own:ok(@c)") == ("call", "{urn:own}ok", ("step", "attribute", "c"))
    assert reader.tree("some $a in x, $b in y satisfies $a = $b")[3][:2] == ("some", "b")
    with pytest.raises(NotCompilable, match="operator"):
        reader.tree("x castable as xs:date")
    with pytest.raises(NotCompilable, match="not read"):
        reader.tree("x[")


def test_a_broken_entry_of_the_cache_is_read_again_from_the_rule_file(tmp_path: Path) -> None:
    file = sheet(tmp_path, rule("r", 1, [("A", "v = 1")]))
    cache = tmp_path / "cache"
    first = cached_rule_file(file, "d1", cache)
    entry = next(cache.iterdir())
    good = entry.read_bytes()
    for broken in (b"", good[:-1], b"x" * len(good), good[:40] + b"?" + good[41:]):
        entry.write_bytes(broken)
        assert cached_rule_file(file, "d1", cache) == first
        assert entry.read_bytes() == good
    file.unlink()
    assert cached_rule_file(file, "d1", cache) == first
