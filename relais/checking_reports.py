"""Where lines go: JSON lines, tables for a terminal, or a page."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Protocol, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

from data_contracts.errors import ConfigurationError
from data_contracts.messages import Language, told
from data_contracts.tables import Flag, Verdict
from relais.checking_lines import DocumentLine, FindingLine
from relais.report_html import HtmlReport, visible
from relais.wide_console import wide_console

STYLES = {Verdict.VALID.value: "green", Verdict.INVALID.value: "red", Verdict.UNDETERMINED.value: "yellow"}

COLUMNS: dict[str, JustifyMethod] = {
    "rule": "left", "flag": "left", "count": "right", "line": "right", "message": "left", "found": "left",
    "expected": "left",
}  # fmt: skip


class Report(Protocol):
    """What takes the lines of a check, one after the other. `count` is how many it took."""

    count: int

    def add(self, line: DocumentLine) -> None: ...

    def end(self) -> None:
        """Writes what can only be said at the end."""
        ...

    def close(self) -> None:
        """Lets go of what it holds, also when the check failed."""
        ...


class JsonLines:
    """One JSON object a line, written as soon as it is known."""

    def __init__(self, stream: TextIO) -> None:
        self.count = 0
        self._stream = stream

    def add(self, line: DocumentLine) -> None:
        self.count += 1
        self._stream.write(json.dumps(line, ensure_ascii=False) + "\n")

    def end(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        """Nothing is held."""


class Tables:
    """A table for each document that has findings, and a line that counts."""

    def __init__(self, stream: TextIO, language: str) -> None:
        self.count = 0
        self._language = Language(language)
        self._verdicts: Counter[str] = Counter()
        self._console = wide_console(stream)

    def add(self, line: DocumentLine) -> None:
        self.count += 1
        self._verdicts[line["verdict"]] += 1
        if line["findings"] or line["cause"]:
            self._console.print(self._title(line))
        if line["findings"]:
            self._console.print(self._table(line["findings"]))

    def end(self) -> None:
        counts = {verdict.value: self._verdicts[verdict.value] for verdict in Verdict}
        self._console.print(Text(self._said("summary", total=self.count, **counts), style="bold"))

    def close(self) -> None:
        """Nothing is held."""

    def _said(self, name: str, **values: str | int) -> str:
        return told(f"report-{name}", self._language, **values)

    def _title(self, line: DocumentLine) -> Text:
        title = Text(visible(title_of(line)), style="bold")
        if line["number"]:
            title.append(f"  {self._said('invoice', number=visible(line['number']))}")
        title.append(f"  {self._said('table-' + line['verdict'])}", style=STYLES[line["verdict"]])
        if line["cause"]:
            title.append(f"  ({visible(line['cause'])})")
        return title

    def _table(self, findings: list[FindingLine]) -> Table:
        table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), collapse_padding=True)
        for name, justify in COLUMNS.items():
            table.add_column(self._said(f"column-{name}"), justify=justify, overflow="fold")
        for row in findings:
            table.add_row(
                Text(row["rule"]),
                Text(self._said("table-" + row["flag"]), style="red" if row["flag"] == Flag.FATAL.value else "yellow"),
                f"{row['count']:,}".replace(",", self._said("thousands")),
                "-" if row["line"] is None else str(row["line"]),
                Text(visible(row["message_fr"] if self._language is Language.FR else row["message_en"])),
                Text(visible(row["found"] or "-")),
                Text(visible(row["expected"] or "-")),
            )
        return table


def title_of(line: DocumentLine) -> str:
    """How a document is named to a person: its file, and its name inside an archive."""
    inside = line["document"]
    return line["path"] if inside is None or Path(line["path"]).name == inside else f"{line['path']} > {inside}"


@contextmanager
def opened(format: str, out: Path | None, language: str, day: date) -> Iterator[Report]:
    """A report of this format; the file `out` appears whole, when all is said.

    Errors   ConfigurationError when the file cannot be written.
    """
    if out is None:
        with closing(_report(format, sys.stdout, language, day)) as report:
            yield report
            report.end()
        return
    aside = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        stream = aside.open("w", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            "the report cannot be written", where=str(out), value=error.strerror or "", remedy="choose another --out"
        ) from error
    try:
        with stream, closing(_report(format, stream, language, day)) as report:
            yield report
            report.end()
        aside.replace(out)
    finally:
        aside.unlink(missing_ok=True)


def _report(format: str, stream: TextIO, language: str, day: date) -> Report:
    if format == "html":
        return HtmlReport(stream, language, day)
    return Tables(stream, language) if format == "table" else JsonLines(stream)
