"""The history of an invoice as a person reads it: its head, then a table of what was said of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table
from rich.text import Text

from data_contracts.messages import Language, told
from data_contracts.tables import Flag
from relais.report_html import visible

FINDINGS_SHOWN = 10
"""Findings that the head of a deposit shows; JSON holds all."""


def parts(one: dict[str, Any], place: int, count: int, language: str) -> Iterator[Any]:
    """What is printed of one deposit (`trace_facts.facts`): lines, then the table of events."""
    shown = Language(language)

    def word(message: str, **values: str) -> str:
        return told(f"trace-{message}", shown, **values)

    head = word("head", number=one["number"] or "", place=str(place), count=str(count), supplier=one["supplier"] or "")
    yield _seen(head, style="bold")
    for name, value in _lines(one, shown):
        yield _seen(f"  {name} : {value}" if shown is Language.FR else f"  {name}: {value}")
    table = Table(show_lines=True)
    for column in ("at", "actor", "status", "why", "payment", "flows"):
        table.add_column(word(f"column-{column}"), overflow="fold")
    for event in one["events"]:
        table.add_row(*map(_seen, _cells(event, shown)))
    yield table


def _seen(text: str, style: str = "") -> Text:
    """What others wrote is text, never markup, and nothing in it acts on the terminal unseen."""
    return Text("\n".join(map(visible, text.splitlines())), style=style)


def _lines(one: dict[str, Any], shown: Language) -> Iterator[tuple[str, str]]:
    def word(message: str, **values: str | int) -> str:
        return told(f"trace-{message}", shown, **values)

    yield word("deposit"), f"{one['flow_in']}/{one['position']} ({one['file']}), {one['received_at'][:19]} UTC"
    yield word("document"), f"sha256 {one['sha256']}"
    yield word("outcome"), " ".join(filter(None, (word(f"outcome-{one['outcome']}"), _motive(one["motive"], shown))))
    if one["recipient"]:
        yield word("recipient"), f"{one['buyer'] or ''} ({one['recipient']}) {', '.join(one['diffused_by'])}"
    yield word("rules"), ", ".join(one["rule_sets"]) or "-"
    for finding in one["findings"][:FINDINGS_SHOWN]:
        yield word("finding" if finding["flag"] == Flag.FATAL.value else "warning"), _found(finding, shown)
    if len(one["findings"]) > FINDINGS_SHOWN:
        yield word("finding"), word("findings-left", count=len(one["findings"]) - FINDINGS_SHOWN)
    if one["situation"]:
        yield (
            word("situation"),
            f"{word('phase', phase=one['situation']['phase'].replace(' ', '-'))}, {one['situation']['since'][:10]}",
        )
    for link in filter(None, (one["predecessor"],)):
        yield word("predecessor"), word("link", kind=link["kind"], number=link["number"], flow=link["flow"])
    for link in one["successors"]:
        yield word("successor"), word("link", kind=link["kind"], number=link["number"], flow=link["flow"])


def _found(finding: dict[str, Any], shown: Language) -> str:
    line = f" ({told('trace-line', shown, line=str(finding['line']))})" if finding["line"] else ""
    return f"{finding['rule']}{line} {finding['message'][shown.value]}"


def _cells(event: dict[str, Any], shown: Language) -> list[str]:
    language = shown.value
    label = event["label"][language] if event["label"] else event["code"]
    meaning = [one[language] for one in (event["meaning"], event["next"]) if one]
    why = [_motive(motive, shown) for motive in event["motives"] if motive["code"]]
    why += [event["comment"]] if event["comment"] else []
    paid = [told("trace-mandate", shown, number=event["mandate_number"])] if event["mandate_number"] else []
    paid += [f"{one['label'][language]} {one['amount']} {one['currency']}".strip() for one in event["payments"]]
    flows = [f"< {event['flow_in']}", *(f"> {name}" for name in event["flows_out"])]
    actor = told("trace-actor", shown, actor=event["actor"])
    return [
        event["at"][:19].replace("T", " "),
        "\n".join(filter(None, (actor, event["actor_code"]))),
        "\n".join([f"{event['code']} {label}", *meaning]),
        "\n".join(why),
        "\n".join(paid),
        "\n".join(flows),
    ]


def _motive(motive: dict[str, Any] | None, shown: Language) -> str:
    if motive is None:
        return ""
    said = motive["meaning"][shown.value] if motive["meaning"] else ""
    return f"{motive['code']} {said}".strip()
