"""`relais check --format html`: a page for the author of invoices, which stands alone and holds what it is given."""

from __future__ import annotations

import io
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from relais import report_html
from relais.checking_lines import DocumentLine, together
from tests.unit.checked_documents import FRAGMENT, UBL, WRONG_TYPE
from tests.unit.conftest import Relais
from tests.unit.rows import finding


class Page(HTMLParser):
    """What stands in a page: tags in order, attributes, text, and whether all that was opened was closed."""

    VOID = frozenset({"meta"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(folder: Path, relais: Relais, *more: str) -> Page:
    out = folder.parent / "report.html"
    code, printed, _ = relais("check", folder, "--format", "html", "--out", out, *more)
    assert (code, printed) == (1, "")
    page = Page(out.read_text(encoding="utf-8"))
    assert page.open == []
    return page


def test_the_page_stands_alone_and_is_escaped(tmp_path: Path, relais: Relais) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "fragment.xml").write_bytes(FRAGMENT)
    (folder / "<b>&\u202e.xml").write_bytes(WRONG_TYPE)
    (folder / "right.xml").write_bytes(UBL)
    page = page_of(folder, relais, "--on", "2026-11-22")
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert not {"link", "img", "iframe", "form"} & set(page.tags)
    assert not {"src", "href", "style", "onclick"} & {name for name, _ in page.attributes}
    assert "<script>alert(1)</script>" in page.text
    assert "\u202e" not in page.text
    for word in (
        "3 documents contrôlés",
        "1 conforme",
        "2 non conformes",
        "22/11/2026",
        "Documents sans remarque (1)",
    ):
        assert word in page.text, word
    for word in ("Où regarder", "Trouvé", "Règle BR-CL-01", "À corriger", "right.xml", "Ce qui revient le plus"):
        assert word in page.text, word
    assert page.tags.count("section") == 2


def test_the_page_speaks_english_when_asked(tmp_path: Path, relais: Relais) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "wrong.xml").write_bytes(WRONG_TYPE)
    page = page_of(folder, relais, "--lang", "en")
    assert ("lang", "en") in page.attributes
    for word in ("Check of your invoices", "Where to look", "To correct", "UNTDID 1001"):
        assert word in page.text, word
    assert "Où" not in page.text


def test_a_page_stays_readable_whatever_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_html, "DETAILED_MAX", 3)
    monkeypatch.setattr(report_html, "CLEAN_SHOWN", 2)
    stream = io.StringIO()
    report = report_html.HtmlReport(stream, "en", date(2026, 11, 22))
    for number in range(10):
        rows = together([finding(rule="BR-1"), finding(rule="BR-2", flag="warning", line=5)]) if number < 6 else []
        report.add(
            DocumentLine(
                path=f"{number}.xml",
                document=f"{number}.xml",
                number=None,
                verdict="invalid" if rows else "valid",
                xsd_valid=True,
                rule_sets=["s:1@0"],
                cause=None,
                findings=rows,
            )
        )
    report.end()
    report.close()
    page = Page(stream.getvalue())
    assert page.open == []
    assert page.tags.count("section") == 3
    assert page.text.count("1 to correct, 1 warning") == 3
    assert page.text.count("Beyond 3 documents") == 1
    assert "Documents with remarks (6)" in page.text
    assert "Documents without remark (4)" in page.text
    assert "and 2 more" in page.text
    assert "6.xml" in page.text
    assert "9.xml" not in page.text
