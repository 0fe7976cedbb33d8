"""Data Docs without a network: references to outside hosts are taken out, and a small style sheet put in.

Great Expectations' pages load styles, scripts and a logo from seven outside hosts: unreadable offline, and telling who
reads what.
"""

from __future__ import annotations

from pathlib import Path

from lxml import html

STYLE = """
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1b2733}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem}
td,th{border:1px solid #cfd8e0;padding:.35rem .6rem;text-align:left;vertical-align:top}
a{color:#0b5cad}.badge-success,.text-success{color:#0a7a3c}.badge-danger,.text-danger{color:#b3261e}
.modal,.navbar-toggler{display:none}.tab-pane{display:block}.row{display:block}
.list-group,.nav,.breadcrumb{list-style:none;padding:0}img{max-height:2.5rem}
"""
_OUTSIDE = ("http://", "https://", "//")


def made_offline(site: Path) -> int:
    """How many pages were rewritten. Afterwards no page under `site` loads or links anything outside it."""
    pages = sorted(site.rglob("*.html"))
    for page in pages:
        document = html.document_fromstring(page.read_bytes())
        _strip(document)
        style = document.makeelement("style", {})
        style.text = STYLE
        document.insert(0, style)
        page.write_bytes(html.tostring(document, doctype="<!DOCTYPE html>", encoding="utf-8"))
    return len(pages)


def _strip(document: html.HtmlElement) -> None:
    # All scripts go: they drive widgets whose libraries came from outside. The pages' content is in the HTML itself.
    for element in document.xpath(
        "//script | //iframe | //form | //footer | //input | //label | //*[contains(@class, 'modal')]"
    ):
        element.drop_tree()
    for element in document.xpath("//*[@src or @href]"):
        target = (element.get("src") or element.get("href") or "").strip()
        if target.startswith(_OUTSIDE):
            if element.tag == "a":
                element.drop_tag()
            else:
                element.drop_tree()
