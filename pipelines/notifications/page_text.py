"""A page as plain text, for readers of text and for whoever looks before sending. Pure."""

from __future__ import annotations

from pipelines.notifications.page import Page

RULE_CHARACTER = "-"


def page_text(page: Page) -> str:
    """The page as lines of text; no markup but indentation."""
    lines = [page.title, "=" * len(page.title), "", *page.intro]
    for block in page.blocks:
        lines += ["", block.heading, RULE_CHARACTER * len(block.heading)]
        for item in block.items:
            lines += [f"* {item.head}", *(f"    {line}" for line in item.lines)]
        if block.more:
            lines.append(block.more)
    lines += ["", "-- ", *page.footer]
    return "\n".join(lines) + "\n"
