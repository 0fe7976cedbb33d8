"""Documents of mixed flows with any attachment, and what Relais says of them."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from datetime import date
from functools import cache
from xml.sax.saxutils import escape

from data_contracts.answers import FindingRow
from data_contracts.interfaces import CATALOGUE, Circuit, Syntax
from data_contracts.rule_sets import INSTALLED_RULES
from pipelines.parsing.documents import Document
from pipelines.validation.check import Engine, checked, demand_of
from pipelines.validation.checked import Checked
from pipelines.validation.judge import Judgment, Subjects
from relais.samples.billers import BUILDER
from relais.samples.invoices import composed
from relais.samples.mixed_writer import mixed_bytes

PDF = b"%PDF-1.4\n% a page\n"
CODES = {"FSO1110A": Syntax.UBL, "FSO1116A": Syntax.CII, "FSO1113A": Syntax.CPP_MIXED}
_NAME = re.compile(r">FAC[A-Z0-9-]+\.pdf<")
_CONTENT = re.compile(r">UEsD[A-Za-z0-9+/=]+<")


class NotAsked:
    """No official rule judges a mixed document."""

    def judge_batch(self, subjects: Subjects, rule_set: object) -> list[Judgment]:
        raise AssertionError("a mixed document came to the judge")


@cache
def plain(syntax: Syntax) -> str:
    """A right document of a syntax."""
    return mixed_bytes(composed(BUILDER, 1, Circuit.CHORUS_PRO, 1), syntax).decode()


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def zip_of(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, method)
    return target.getvalue()


def with_attachment(syntax: Syntax, name: str, text: str) -> bytes:
    """The document with this attachment name and this text in place of its base64."""
    named = _NAME.sub(lambda _: f">{escape(name)}<", plain(syntax))
    return _CONTENT.sub(lambda _: f">{text}<", named).encode()


def looked_at(code: str, *documents: bytes) -> Checked:
    """What checking finds in documents of an interface, read by libxml2."""
    demand = demand_of(CATALOGUE[code], INSTALLED_RULES, date(2026, 11, 20))
    asked = [
        (Document("flow", at, f"{at}.xml", data, hashlib.sha256(data).hexdigest()), demand)
        for at, data in enumerate(documents)
    ]
    return checked(asked, Engine(None, NotAsked()), lambda step: None)


def told_of(code: str, document: bytes) -> list[FindingRow]:
    """The findings of one document of an interface."""
    (findings,) = looked_at(code, document).findings
    return findings


def fatal(findings: list[FindingRow]) -> list[str]:
    return [row["rule"] for row in findings if row["flag"] == "fatal"]
