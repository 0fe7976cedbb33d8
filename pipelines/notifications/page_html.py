"""A page as HTML: one file without any address of another, readable without style. Pure."""

from __future__ import annotations

from html import escape

from pipelines.notifications.page import Block, Page

_STYLE = (
    "body{font-family:sans-serif;line-height:1.4;max-width:46rem;margin:1rem auto;padding:0 1rem;color:#1a1a1a}"
    "h1{font-size:1.3rem}h2{font-size:1.05rem;border-bottom:1px solid #999}li{margin:.5rem 0}"
    "footer{margin-top:2rem;font-size:.85rem;color:#555}"
)


def page_html(page: Page) -> str:
    """The page as an HTML document. Every text is escaped here."""
    parts = [
        f'<!doctype html>\n<html lang="{page.language.value}">\n<head><meta charset="utf-8">',
        f"<title>{escape(page.subject)}</title>\n<style>{_STYLE}</style></head>\n<body>",
        f"<h1>{escape(page.title)}</h1>",
        *(f"<p>{escape(line)}</p>" for line in page.intro),
        *(_block(block) for block in page.blocks),
        "<footer>",
        *(f"<p>{escape(line)}</p>" for line in page.footer),
        "</footer>\n</body>\n</html>",
    ]
    return "\n".join(parts) + "\n"


def _block(block: Block) -> str:
    items = "\n".join(
        f"<li><strong>{escape(item.head)}</strong>{''.join(f'<br>{escape(line)}' for line in item.lines)}</li>"
        for item in block.items
    )
    more = f"\n<p>{escape(block.more)}</p>" if block.more else ""
    listed = f"\n<ul>\n{items}\n</ul>" if items else ""
    return f"<h2>{escape(block.heading)}</h2>{listed}{more}"
