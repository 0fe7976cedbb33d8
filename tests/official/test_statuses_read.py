"""Official status samples, read: nothing they say is lost; our structure of CPPStatut agrees with the official schema
on the samples and on mutants of them; our lists of codes are the official ones."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from data_contracts.history import StatusMessage
from data_contracts.motives import REASONS_B2G, REASONS_BY_STATUS
from data_contracts.refusals import DocumentUnreadable
from data_contracts.rule_sets import BR_FR_CDAR
from data_contracts.statuses import CDAR_FLOW, CDAR_INVOICE
from pipelines.parsing.xml_gate import gated
from pipelines.tracking import cpp_structure
from pipelines.tracking.findings import DAY_UNREADABLE, TIME_UNREADABLE
from pipelines.tracking.reading import read_cdar, read_cpp_status
from pipelines.tracking.structure import faults
from pipelines.validation.rule_files import file_of
from pipelines.validation.saxon import SaxonJudge
from relais.rule_texts import rule_texts
from tests.unit.status_documents import cdar, cdar_reason, cdar_reference

SHARED = Path(__file__).parents[3] / "shared"
SAMPLES = {"cpp": SHARED / "samples" / "chorus" / "statut", "cdar": SHARED / "samples" / "fr_ctc" / "cdar"}
SCHEMA = SHARED / "reference" / "xsd" / "cpp" / "CPPStatutPivot_V1_19.xsd"
READERS = {"cpp": read_cpp_status, "cdar": read_cdar}
MUTANTS = {"cpp": 700, "cdar": 900}

ENVELOPE = frozenset({
    "NumOrdre",  # the order of units, which ordinals tell
    "NbLignesErreur",  # how many error lines there are
    "format",  # how a date is written: it is read, and its text kept
    "SequenceNumeric",  # the order of reasons, which their tuple tells
    "RoleCode",  # of the invoice's issuer: always SE, the seller
    "DateTimeString",  # of the message and the acknowledgement: kept as text
    "TypeIdentifiant",  # of the debtor: always 1, a SIRET
    "Code",  # DtPrd and IdFlx, which name the parameters kept
    "ValueChangedIndicator", "IndicatorString", "Indicator",  # of an amount: always false
    "languageID",  # of a note: both languages stand in its text
})  # fmt: skip
"""What is read of a message and not kept word for word, and why that loses nothing."""


def _samples(kind: str) -> list[Path]:
    found = sorted(SAMPLES[kind].glob("*.xml"))
    if not found:
        pytest.skip(f"official samples of {kind} statuses are not beside the checkout")
    return found


def _schema() -> etree.XMLSchema:
    if not SCHEMA.is_file():
        pytest.skip(f"official schema {SCHEMA.name} is not here")
    return etree.XMLSchema(etree.parse(SCHEMA))


# ---- nothing is lost ------------------------------------------------------------------------------------------------


def _said(value: Any) -> Iterator[str]:
    """Every text that a record holds."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            if field.name != "findings":
                yield from _said(getattr(value, field.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from _said(one)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, Decimal):
        yield format(value, "f")
    elif isinstance(value, date) and not isinstance(value, datetime):
        yield value.strftime("%Y%m%d")


def _written(root: etree._Element) -> Iterator[tuple[str, str]]:
    """Every text and attribute of a document, with the name of what holds it."""
    for element in root.iter(etree.Element):
        if text := (element.text or "").strip():
            yield etree.QName(element).localname, text
        for name, value in element.attrib.items():
            yield etree.QName(name).localname, str(value).strip()


def _same(text: str, kept: set[str]) -> bool:
    if text in kept or any(text in one for one in kept if len(text) > 8):
        return True
    try:
        return any(Decimal(text) == Decimal(one) for one in kept if re.fullmatch(r"-?[0-9.]+", one))
    except ArithmeticError:
        return False


@pytest.mark.parametrize("kind", ["cpp", "cdar"])
def test_official_statuses_are_read_without_loss(kind: str) -> None:
    for file in _samples(kind):
        content = file.read_bytes()
        message = READERS[kind](content)
        kept = {text for text in _said(message) if text}
        lost = [
            (name, text)
            for name, text in _written(gated(content).getroot())
            if name not in ENVELOPE and not _same(text, kept)
        ]
        assert lost == [], file.name
        assert len(message.invoices) + len(message.flows) == 1


def test_envelope_fields_are_few_and_each_has_its_reason() -> None:
    assert len(ENVELOPE) == 12


def test_the_sample_of_month_fifteen_is_kept_and_named() -> None:
    (file,) = [one for one in _samples("cpp") if "03" in one.name]
    message = read_cpp_status(file.read_bytes())
    (one,) = message.invoices
    assert one.at is None and one.at_text.startswith("2018-15-18") and one.number == "Example03"
    assert [(at, finding["rule"], finding["flag"]) for at, finding in message.findings] == [
        (0, TIME_UNREADABLE, "fatal")
    ]
    assert message.sound() == ()


# ---- structure: the table against the schema ------------------------------------------------------------------------


def _mutant(root: etree._Element, chance: random.Random) -> None:
    """One small change: an element gone, twice, renamed, moved; a text or an attribute changed."""
    nodes = [one for one in root.iter(etree.Element) if one is not root]
    one = chance.choice(nodes)
    parent = one.getparent()
    assert parent is not None
    change = chance.randrange(8)
    if change == 0:
        parent.remove(one)
    elif change == 1:
        parent.insert(parent.index(one), etree.fromstring(etree.tostring(one)))
    elif change == 2:
        one.tag = chance.choice(nodes).tag
    elif change == 3:
        parent.insert(chance.randrange(len(parent)), one)
    elif change == 4:
        one.text = chance.choice(["", "07", "x", "2025-01-02T03:04:05", "1.5", "-3", "AB", "A" * 101, "42", "1e3"])
    elif change == 5:
        one.set(chance.choice(["format", "schemeID", "NumOrdre", "compteur", "odd", "Id"]), chance.choice(["1", "x"]))
    elif change == 6:
        chance.choice(nodes).append(etree.fromstring(etree.tostring(one)))
    else:
        parent.append(one)


def _mutants(kind: str) -> Iterator[etree._Element]:
    chance = random.Random(20261122)
    roots = [gated(file.read_bytes()).getroot() for file in _samples(kind)]
    for _ in range(MUTANTS[kind]):
        root = etree.fromstring(etree.tostring(chance.choice(roots)))
        for _ in range(chance.choice([1, 1, 2])):
            _mutant(root, chance)
        yield root


def test_structure_and_schema_agree_on_samples_and_mutants() -> None:
    """CPPStatut's times and days are checked by rules of their own, so those count as well."""
    schema = _schema()
    known = [gated(file.read_bytes()).getroot() for file in _samples("cpp")]
    verdicts: list[bool] = []
    for root in [*known, *_mutants("cpp")]:
        valid = schema.validate(root)
        sound = not list(faults(root, cpp_structure.ROOT_TYPE, cpp_structure.TYPES))
        if sound:
            rules = {finding["rule"] for _, finding in read_cpp_status(etree.tostring(root)).findings}
            sound = not rules & {TIME_UNREADABLE, DAY_UNREADABLE}
        assert sound == valid, f"{schema.error_log}\n{etree.tostring(root).decode()}"
        verdicts.append(valid)
    assert 50 < sum(verdicts) < len(verdicts) - 50


def test_official_statuses_are_valid_but_the_one_that_is_meant_not_to_be() -> None:
    invalid = [
        file.name
        for file in _samples("cdar")
        if any(row["rule"] == "XSD" for _, row in read_cdar(file.read_bytes()).findings)
    ]
    assert len(invalid) == 1 and "invalid" in invalid[0]


# ---- BR-FR-CDV: our tables against the official lists ----------------------------------------------------------------


def test_lists_of_motives_are_the_official_ones() -> None:
    tests = {row.rule: row.test for row in rule_texts(file_of(BR_FR_CDAR))}
    lists = {f"BR-FR-CDV-CL-09_MDT-113_{code}": motives for code, motives in REASONS_BY_STATUS.items()}
    for rule, motives in {**lists, "BR-FR-CDV-CL-09_MDT-113_210B2G": REASONS_B2G}.items():
        assert set(re.findall(r"\(\.\) = '(\w+)'", tests[rule])) == motives, rule


def test_every_status_and_motive_that_we_know_is_on_the_official_lists() -> None:
    known = [cdar_reference(code, reasons=cdar_reason("AUTRE")) for code in [*CDAR_INVOICE, *CDAR_FLOW]]
    reasons = {"CONTACT_ACHTR"}.union(REASONS_B2G, *REASONS_BY_STATUS.values())
    known += [cdar_reference("299", reasons=cdar_reason(code)) for code in sorted(reasons)]
    broken = {(hit.rule, hit.text) for hit in SaxonJudge().judge(cdar(known), BR_FR_CDAR).hits}
    assert {text for rule, text in broken if "CL-06" in rule and '"299"' not in text.replace(" ", "")} == set()
    assert "BR-FR-CDV-CL-09_MDT-113" not in {rule for rule, _ in broken}


# ---- nothing a mutant does breaks the reader ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["cpp", "cdar"])
def test_mutants_are_read_and_lose_nothing(kind: str) -> None:
    for count, root in enumerate(_mutants(kind)):
        if count >= 600:
            break
        content = etree.tostring(root)
        try:
            message: StatusMessage = READERS[kind](content)
        except DocumentUnreadable:
            continue
        kept = {text for text in _said(message) if text}
        lost = [one for one in _written(root) if one[1] and one[0] not in ENVELOPE and not _same(one[1], kept)]
        assert lost == [], content.decode()
