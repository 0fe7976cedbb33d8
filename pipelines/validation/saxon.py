"""Official Schematron, run as published: the XSLT of each rule set, by SaxonC."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from saxonche import PySaxonApiError, PySaxonProcessor

from data_contracts.errors import ConfigurationError
from data_contracts.rule_sets import RuleSet
from data_contracts.tables import Flag
from pipelines.validation.compiled.rule_files.schematron_source import is_schematron
from pipelines.validation.compiled.rule_files.schematron_stylesheet import stylesheet_text
from pipelines.validation.first_document import first_document
from pipelines.validation.judge import NO_ID, Hit, Judgment, Subjects, kept
from pipelines.validation.rule_files import file_of

log = logging.getLogger("relais.validation")

_SVRL = "http://purl.oclc.org/dsdl/svrl"
_HITS = "/svrl:schematron-output/(svrl:failed-assert|svrl:successful-report)"
_CRASH_CHARACTERS_MAX = 300
_FLAGS = frozenset(flag.value for flag in Flag)


class SaxonJudge:
    """A Judge that answers with the official word. Source: SVRL, ISO/IEC 19757-3 annex D.

    The processor is made at the first judgment of each process, so a parent that never judges may fork freely, and a
    child never uses its parent's. Stylesheets are compiled once per process.

    Cost     0.1 to 0.8 s to compile a rule set, then about 4 to 7 ms a document of 10 kB, linear in its lines;
             about 220 MB of memory with two rule sets, 400 MB after thousands of documents.
    """

    def judge(self, xml: bytes, rule_set: RuleSet) -> Judgment:
        engine = _engine(os.getpid())
        stylesheet = engine.stylesheet(rule_set)
        try:
            with engine.silence():
                report = stylesheet.transform_to_value(xdm_node=engine.document(xml))
        except PySaxonApiError as error:
            return Judgment((), _first_line(error))
        return kept(engine.hits(report))

    def judge_batch(self, subjects: Subjects, rule_set: RuleSet) -> list[Judgment]:
        """One by one: this engine knows no batches."""
        return [self.judge(subjects.gated_xml(at), rule_set) for at in range(len(subjects))]


class _Engine:
    """One SaxonC processor with its compiled stylesheets."""

    def __init__(self) -> None:
        self._processor = PySaxonProcessor(license=False)
        self._compiler = self._processor.new_xslt30_processor()
        self._xpath = self._processor.new_xpath_processor()
        self._xpath.declare_namespace("svrl", _SVRL)
        self._stylesheets: dict[RuleSet, Any] = {}
        self._last: tuple[bytes, Any] | None = None
        self._null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)

    def stylesheet(self, rule_set: RuleSet) -> Any:
        compiled = self._stylesheets.get(rule_set)
        if compiled is None:
            try:
                compiled = self._compiled(file_of(rule_set))
            except PySaxonApiError as error:
                raise ConfigurationError(
                    "an official rule file does not compile",
                    where=rule_set.coordinate,
                    value=_first_line(error),
                    remedy="give the official file whole; of an installed one, the locked version of its package",
                ) from error
            self._settle(compiled, first_document(rule_set.syntax))
            self._stylesheets[rule_set] = compiled
        return compiled

    def _settle(self, stylesheet: Any, first: str | None) -> None:
        """Lets a stylesheet judge its first document: see `first_document`."""
        if first is None:
            return
        node = self._processor.parse_xml(xml_text=first, encoding="UTF-8")
        try:
            with self.silence():
                stylesheet.transform_to_value(xdm_node=node)
        except PySaxonApiError as error:
            # Rules may raise on what the document lacks; what comes before has been learnt by then.
            log.info("official.first_document_raised cause=%s", _first_line(error))

    def _compiled(self, file: Path) -> Any:
        if is_schematron(file):
            return self._compiler.compile_stylesheet(stylesheet_text=stylesheet_text(file).decode("utf-8"))
        return self._compiler.compile_stylesheet(stylesheet_file=str(file))

    def document(self, xml: bytes) -> Any:
        """Saxon's tree. The last one is kept: the layers of one document come one after the other."""
        if self._last is None or self._last[0] is not xml:
            self._last = None
            # `transform_to_string(source_file=...)` fails on some documents ("two different documents with the same
            # document-uri"); a node parsed from text has no such URI, and no file is ever written.
            self._last = (xml, self._processor.parse_xml(xml_text=xml.decode("utf-8"), encoding="UTF-8"))
        return self._last[1]

    def hits(self, report: Any) -> tuple[Hit, ...]:
        """Read off Saxon's own tree: writing the report as text and parsing it again costs as much as a tenth rule."""
        self._xpath.set_context(xdm_item=report.head)
        found = self._xpath.evaluate(_HITS)
        return () if found is None else tuple(_hit(found.item_at(n)) for n in range(found.size))

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Saxon writes what it throws on the standard error, values of the document included: logs must not hold it."""
        kept = os.dup(2)
        os.dup2(self._null, 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


@cache
def _engine(process_id: int) -> _Engine:
    """The engine of a process: keyed by its id, so that a fork does not inherit one."""
    return _Engine()


def _hit(node: Any) -> Hit:
    """An assert or report without flag is fatal: FNFE-MPE's own service refuses those of Factur-X."""
    flag = node.get_attribute_value("flag") or Flag.FATAL.value
    if flag not in _FLAGS:
        raise ConfigurationError(
            "an official rule file uses a flag that is neither fatal nor warning",
            where=node.get_attribute_value("id") or NO_ID,
            value=flag,
            remedy="add the flag to data_contracts.tables.Flag before using this file",
        )
    return Hit(
        rule=node.get_attribute_value("id") or NO_ID,
        flag=flag,
        location=node.get_attribute_value("location") or "",
        text=" ".join(node.string_value.split()),
    )


def _first_line(error: PySaxonApiError) -> str:
    """Saxon's message, without the lines that name stylesheet files."""
    lines = str(error).split("\n")
    first = next((line.strip() for line in lines if line.strip()), "the engine gave no message")
    return " ".join(first.split())[:_CRASH_CHARACTERS_MAX]
