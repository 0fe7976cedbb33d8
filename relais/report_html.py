"""The page that a supplier's accountant reads: what is wrong, where to look, what was found, what was expected.

One file, no outside host, readable on paper. Sections are spooled as documents come, so that a page of any size is
written in bounded memory.
"""

from __future__ import annotations

import shutil
import tempfile
import unicodedata
from collections import Counter
from datetime import date
from html import escape
from pathlib import Path
from typing import TextIO, cast

from data_contracts.messages import Language, told
from data_contracts.tables import Flag, Verdict
from data_contracts.terms import TERMS
from pipelines.admission.refusals import HIDDEN_CATEGORIES
from pipelines.validation.schema import XSD_RULE
from relais.checking_lines import DocumentLine, FindingLine
from relais.report_style import STYLE

FREQUENT_SHOWN = 10
"""Rules listed at the head of the page, those that concern most documents."""

DETAILED_MAX = 500
"""Documents whose findings are told in full; of the others with findings, how many. Nobody reads more, and a page of a
hundred megabytes opens in no browser."""

CLEAN_SHOWN = 5_000
"""Documents without finding that are listed by name."""

LINES_SHOWN = 12
"""Line numbers listed of one finding; of more, only how many."""

SPOOL_BYTES = 4_000_000


def visible(text: str) -> str:
    """The text with characters that act without being seen as escapes."""
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in HIDDEN_CATEGORIES
        else character
        for character in text
    )


def shown(text: str) -> str:
    """The text as it stands in the page."""
    return escape(visible(text), quote=True)


class HtmlReport:
    """A `Report` that writes a page at its end."""

    def __init__(self, stream: TextIO, language: str, day: date) -> None:
        self.count = 0
        self._stream = stream
        self._language = Language(language)
        self._day = day
        self._verdicts: Counter[str] = Counter()
        self._rule_sets: set[str] = set()
        self._sections, self._clean = _spool(), _spool()
        self._clean_count = self._detailed_count = 0
        self._documents_by_rule: Counter[str] = Counter()
        self._sentences: dict[str, str] = {}

    def add(self, line: DocumentLine) -> None:
        self.count += 1
        self._verdicts[line["verdict"]] += 1
        self._rule_sets.update(line["rule_sets"])
        if line["findings"] or line["cause"]:
            self._detailed_count += 1
            self._sections.write(self._section(line) if self._detailed_count <= DETAILED_MAX else self._brief(line))
            self._count_rules(line)
        else:
            self._clean_count += 1
            if self._clean_count <= CLEAN_SHOWN:
                self._clean.write(f"<li>{self._name(line)}{self._invoice(line)}</li>\n")

    def end(self) -> None:
        write = self._stream.write
        title = shown(self._said("title"))
        write(f'<!doctype html>\n<html lang="{self._language}">\n<head>\n<meta charset="utf-8">\n')
        write('<meta name="viewport" content="width=device-width, initial-scale=1">\n')
        write(f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n")
        write(f"<p>{shown(self._said('on', day=self._day.strftime(self._said('date'))))}</p>\n")
        write(f"</header>\n<main>\n{self._summary()}{self._frequent()}")
        self._copy(self._sections, "wrong", "")
        self._copy(self._clean, "clean", '<ul class="clean">')
        write(f"</main>\n{self._footer()}</body>\n</html>\n")
        self._stream.flush()

    def close(self) -> None:
        """Nothing; the spools are gone."""
        self._sections.close()
        self._clean.close()

    def _copy(self, spool: TextIO, heading: str, list_start: str) -> None:
        """The spooled part under its heading; nothing when it is empty."""
        if spool.tell() == 0:
            return
        spool.seek(0)
        count = self._clean_count if list_start else self._detailed_count
        self._stream.write(f"<h2>{shown(self._said(heading, count=self._number(count)))}</h2>\n{list_start}\n")
        shutil.copyfileobj(spool, self._stream)
        unlisted = self._clean_count - CLEAN_SHOWN
        if list_start and unlisted > 0:
            self._stream.write(f"<li>{shown(self._said('unlisted', count=self._number(unlisted)))}</li>\n")
        self._stream.write("</ul>\n" if list_start else "")

    def _summary(self) -> str:
        cells = [("all", self.count), *((verdict.value, self._verdicts[verdict.value]) for verdict in Verdict)]
        figures = "".join(
            f'<li class="{key}"><strong>{self._number(count)}</strong> '
            f"{shown(self._said('figure-' + key, count=count))}</li>"
            for key, count in cells
        )
        return f'<ul class="figures">{figures}</ul>\n<p>{shown(self._said("how-to-read"))}</p>\n'

    def _count_rules(self, line: DocumentLine) -> None:
        for rule in {row["rule"] for row in line["findings"]}:
            self._documents_by_rule[rule] += 1
        for row in line["findings"]:
            # Schema errors differ from each other; what they have in common is said once.
            message = self._said("schema") if row["rule"] == XSD_RULE else self._message(row)
            self._sentences.setdefault(row["rule"], message)

    def _frequent(self) -> str:
        """What most documents have in common, so that a reader corrects the cause first. Nothing for one document."""
        if self._detailed_count < 2:
            return ""
        ranked = sorted(self._documents_by_rule.items(), key=lambda pair: (-pair[1], pair[0]))[:FREQUENT_SHOWN]
        rows = "".join(
            f"<tr><td>{self._number(count)}</td><td>{shown(self._sentences[rule])}</td><td>{shown(rule)}</td></tr>\n"
            for rule, count in ranked
        )
        heads = "".join(f"<th>{shown(self._said(name))}</th>" for name in ("documents", "example", "id"))
        return f"<h2>{shown(self._said('frequent'))}</h2>\n<table>\n<tr>{heads}</tr>\n{rows}</table>\n"

    def _message(self, row: FindingLine) -> str:
        return row["message_fr"] if self._language is Language.FR else row["message_en"]

    def _section(self, line: DocumentLine) -> str:
        verdict = line["verdict"]
        parts = [f'<section class="{verdict}">\n<h3>{self._name(line)}{self._invoice(line)}</h3>\n']
        parts.append(f'<p class="verdict">{shown(self._said("verdict-" + verdict))}</p>\n')
        if line["cause"]:
            parts.append(f"<p>{shown(self._said('cause', cause=line['cause']))}</p>\n")
        ordered = sorted(line["findings"], key=lambda row: row["flag"] != Flag.FATAL.value)
        if ordered:
            parts.append("<ol>\n" + "".join(self._finding(row) for row in ordered) + "</ol>\n")
        parts.append("</section>\n")
        return "".join(parts)

    def _brief(self, line: DocumentLine) -> str:
        """A document beyond those told in full: how many points it has."""
        note = ""
        if self._detailed_count == DETAILED_MAX + 1:
            note = f"<p>{shown(self._said('brief', count=self._number(DETAILED_MAX)))}</p>\n"
        fatal = sum(row["count"] for row in line["findings"] if row["flag"] == Flag.FATAL.value)
        warning = sum(row["count"] for row in line["findings"]) - fatal
        counts = self._said("counts", fatal=fatal, warning=warning)
        return f'{note}<p class="brief">{self._name(line)}{self._invoice(line)} <span>{shown(counts)}</span></p>\n'

    def _finding(self, row: FindingLine) -> str:
        facts = [
            (self._said("where"), self._where(row)),
            (self._said("term"), "; ".join(self._term(code) for code in row["terms"])),
            (self._said("found"), _quoted(row["found"])),
            (self._said("expected"), _quoted(row["expected"])),
        ]
        told = "".join(f"<dt>{shown(name)}</dt><dd>{value}</dd>" for name, value in facts if value)
        details = shown(self._said("rule", rule=row["rule"], rule_set=row["rule_set"]))
        # A document that could not be read has a line and no path.
        location = row["location"] or ""
        place = f" <code>{shown(location)}</code>" if location.startswith("/") else ""
        return (
            f'<li class="{row["flag"]}"><p><span class="flag">{shown(self._said("flag-" + row["flag"]))}</span> '
            f'{shown(self._message(row))}</p>\n<dl>{told}</dl>\n<p class="rule">{details}{place}</p></li>\n'
        )

    def _where(self, row: FindingLine) -> str:
        """The lines to look at, and how many places there are in all."""
        lines = list(dict.fromkeys(row["lines"]))
        parts = []
        if lines:
            name = self._said("line" if len(lines) == 1 else "lines")
            parts.append(f"{name} " + ", ".join(map(str, lines[:LINES_SHOWN])) + (", …" if lines[LINES_SHOWN:] else ""))
        if row["count"] > 1:
            parts.append(self._said("places", count=self._number(row["count"])))
        return shown(" ".join(parts))

    def _term(self, code: str) -> str:
        term = TERMS.get(code)
        name = "" if term is None else term.name_fr if self._language is Language.FR else term.name_en
        return shown(f"{name} ({code})" if name else code)

    def _name(self, line: DocumentLine) -> str:
        file, inside = Path(line["path"]).name, line["document"]
        name = shown(file) if inside is None or inside == file else f"{shown(inside)} <small>{shown(file)}</small>"
        return f'<span class="name" title="{shown(line["path"])}">{name}</span>'

    def _invoice(self, line: DocumentLine) -> str:
        number = line["number"]
        return "" if not number else f' <span class="number">{shown(self._said("invoice", number=number))}</span>'

    def _footer(self) -> str:
        if not self._rule_sets:
            return ""
        rows = "".join(f"<li><code>{shown(label)}</code></li>" for label in sorted(self._rule_sets))
        return f"<footer>\n<h2>{shown(self._said('files'))}</h2>\n<ul>{rows}</ul>\n</footer>\n"

    def _said(self, name: str, **values: str | int) -> str:
        return told(f"report-{name}", self._language, **values)

    def _number(self, count: int) -> str:
        return f"{count:,}".replace(",", self._said("thousands"))


def _quoted(value: str | None) -> str:
    return "" if value is None else f"<q>{shown(value)}</q>"


def _spool() -> TextIO:
    return cast(TextIO, tempfile.SpooledTemporaryFile(SPOOL_BYTES, "w+", encoding="utf-8", newline=""))
