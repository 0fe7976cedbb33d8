"""Official status samples, read: nothing they say is lost; structure and rules agree with the official ones on the
samples and on mutants of them."""

from __future__ import annotations

import csv
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from data_contracts.errors import DocumentUnreadable
from data_contracts.history import StatusMessage
from data_contracts.motives import REASONS_B2G, REASONS_BY_STATUS, STATUS_REASONS
from data_contracts.rule_sets import RuleSet
from data_contracts.statuses import CDAR_FLOW, CDAR_INVOICE
from pipelines.acknowledgment.cdar_frame import NAMESPACES
from pipelines.lifecycle.usable import INVOICE_TYPES
from pipelines.parsing.xml_gate import gated
from pipelines.tracking import cdar_structure, cpp_structure
from pipelines.tracking.cdv_rules import ACTIONS, RULES, cdv_findings
from pipelines.tracking.findings import DAY_UNREADABLE, TIME_UNREADABLE
from pipelines.tracking.reading import read_cdar, read_cpp_status
from pipelines.tracking.structure import faults
from pipelines.tracking.structure_checks import Places
from pipelines.validation.saxon import SaxonJudge

SHARED = Path(__file__).parents[3] / "shared"
SAMPLES = {"cpp": SHARED / "samples" / "chorus" / "statut", "cdar": SHARED / "samples" / "fr_ctc" / "cdar"}
SCHEMAS = {
    "cpp": SHARED / "reference" / "xsd" / "cpp" / "CPPStatutPivot_V1_19.xsd",
    "cdar": SHARED / "reference" / "xsd" / "cdar" / "CrossDomainAcknowledgementAndResponse_100pD22B.xsd",
}
TABLE = SHARED / "reference" / "data" / "br_fr_cdar_rules.csv"
READERS = {"cpp": read_cpp_status, "cdar": read_cdar}
STRUCTURES = {
    "cpp": (cpp_structure.ROOT_TYPE, cpp_structure.TYPES),
    "cdar": (cdar_structure.ROOT_TYPE, cdar_structure.TYPES),
}
CARRIER, CARRIED = "pyfrctc", "cdar-schematron/BR-FR-CDV-Schematron-CDAR.xslt"
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


@cache
def _schema(kind: str) -> etree.XMLSchema:
    if not SCHEMAS[kind].is_file():
        pytest.skip(f"official schema {SCHEMAS[kind].name} is not here")
    return etree.XMLSchema(etree.parse(SCHEMAS[kind]))


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


@pytest.mark.parametrize("kind", ["cpp", "cdar"])
def test_structure_and_schema_agree_on_samples_and_mutants(kind: str) -> None:
    """CPPStatut's times and days are checked by rules of their own, so those count as well."""
    type_name, types = STRUCTURES[kind]
    schema = _schema(kind)
    known = [gated(file.read_bytes()).getroot() for file in _samples(kind)]
    verdicts: list[bool] = []
    for root in [*known, *_mutants(kind)]:
        valid = schema.validate(root)
        sound = not list(faults(root, type_name, types))
        if kind == "cpp" and sound:
            rules = {finding["rule"] for _, finding in read_cpp_status(etree.tostring(root)).findings}
            sound = not rules & {TIME_UNREADABLE, DAY_UNREADABLE}
        told = etree.tostring(root).decode()
        assert sound == valid, f"{list(faults(root, type_name, types))}\n{schema.error_log}\n{told}"
        verdicts.append(valid)
    assert 50 < sum(verdicts) < len(verdicts) - 50


# ---- BR-FR-CDV: our rules against the official asserts ---------------------------------------------------------------


def _one_of(codes: Iterable[str]) -> str:
    return f"string(.) = ({', '.join(repr(code) for code in sorted(codes))})"


FUNCTIONS = {
    "custom:is-valid-document-type-code": _one_of(INVOICE_TYPES),
    "custom:is-valid-invoice-status-code": _one_of({*CDAR_INVOICE, *CDAR_FLOW}),
    "custom:is-valid-status-reason-code": _one_of(STATUS_REASONS),
    "custom:is-valid-invoice-action-code": _one_of(ACTIONS),
}
"""The set's own functions: the table has their calls and not their bodies."""


def _official() -> list[tuple[str, str]]:
    if not TABLE.is_file():
        pytest.skip(f"official table {TABLE.name} is not here")
    rules = []
    with TABLE.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            test = row["test"]
            for call, body in FUNCTIONS.items():
                test = test.replace(f"{call}(.)", f"({body})")
            if lets := row["lets"].strip():
                name, value = lets.split(":=", 1)
                test = f"let {name.strip()} := ({value.strip()}) return ({test})"
            context = row["context"] if row["context"].startswith("/") else f"//{row['context']}"
            rules.append((row["id"], f"count({context}[not({test})])"))
    return rules


def test_every_official_assert_is_ours_or_cannot_be_broken() -> None:
    never = {
        "BR-FR-CDV-01_MDG-3", "BR-FR-CDV-04_MDG-4", "BR-FR-CDV-05_MDG-9", "BR-FR-CDV-06_MDT-21",
        "BR-FR-CDV-07_MDT-38_no", "BR-FR-CDV-10_MDT-87",
    }  # fmt: skip
    assert {rule for rule, _ in _official()} - {rule.id for rule in RULES} == never
    assert len({rule.id for rule in RULES}) == len(RULES) == 36


def _judged(root: etree._Element) -> dict[str, int]:
    counted: dict[str, int] = {}
    for _, finding in cdv_findings(root, Places(root, [])):
        counted[finding["rule"]] = counted.get(finding["rule"], 0) + 1
    return counted


def test_our_rules_and_the_official_asserts_agree_on_samples_and_mutants() -> None:
    saxonche = pytest.importorskip("saxonche")
    official = _official()
    roots = [gated(file.read_bytes()).getroot() for file in _samples("cdar")]
    roots += list(_spoiled(roots))
    broken: set[str] = set()
    with saxonche.PySaxonProcessor(license=False) as processor:
        xpath = processor.new_xpath_processor()
        for prefix, uri in NAMESPACES.items():
            xpath.declare_namespace(prefix, uri)
        asked = ", ".join(test for _, test in official)
        for root in roots:
            text = etree.tostring(root, encoding="unicode")
            xpath.set_context(xdm_item=processor.parse_xml(xml_text=text))
            counts = [int(str(item.string_value)) for item in xpath.evaluate(f"({asked})")]
            told = {rule: count for (rule, _), count in zip(official, counts, strict=True) if count}
            assert _judged(root) == told, text
            broken |= told.keys()
    assert broken == {rule.id for rule in RULES}


def test_our_rules_and_the_official_file_agree_where_a_distribution_carries_it() -> None:
    spec = find_spec(CARRIER)
    file = None if spec is None or spec.origin is None else Path(spec.origin).parent / CARRIED
    if file is None or not file.is_file():
        pytest.skip(f"no distribution with the rules for statuses is installed ({CARRIER})")
    rule_set, official = RuleSet("fr.fnfe.br-fr-cdv.cdar:1.4.0", "", "", "fr", str(file)), SaxonJudge()
    roots = [gated(one.read_bytes()).getroot() for one in _samples("cdar")]
    broken = 0
    for root in [*roots, *_spoiled(roots)]:
        told = official.judge(etree.tostring(root, encoding="UTF-8"), rule_set)
        assert told.crashed is None and Counter(hit.rule for hit in told.hits) == _judged(root)
        broken += len(told.hits)
    assert broken > 500


def _spoiled(roots: list[etree._Element]) -> Iterator[etree._Element]:
    """Mutants whose codes are swapped for others of the rules, so that every rule is broken somewhere."""
    chance = random.Random(7)
    codes = [*CDAR_INVOICE, "500", "501", "601", *sorted(STATUS_REASONS), "23", "305", "WK", "BY", "DFH", "SE", "0000"]
    codes += ["9999", "REGULATED", "B2C", "", "MEN", "DIV", "NIN", "10", "47", "380"]
    ram = f"{{{NAMESPACES['ram']}}}"
    for _ in range(400):
        root = etree.fromstring(etree.tostring(chance.choice(roots)))
        for _ in range(chance.choice([1, 2, 4])):
            leaves = [one for one in root.iter(etree.Element) if not len(one)]
            one = chance.choice(leaves)
            way = chance.randrange(5)
            parent = one.getparent()
            assert parent is not None
            if way == 0:
                parent.remove(one)
            elif way == 1:
                for block in root.iter(f"{ram}SpecifiedDocumentStatus"):
                    etree.SubElement(
                        block, f"{ram}{chance.choice(['ReasonCode', 'ProcessConditionCode'])}"
                    ).text = chance.choice(codes)
            elif way == 2:
                _rare(root, chance, codes)
            elif one.get("schemeID") and chance.randrange(2):
                one.set("schemeID", "0238")
            else:
                coded = [leaf for leaf in leaves if str(leaf.tag).endswith(("Code", "ID"))]
                chance.choice(coded or leaves).text = chance.choice(codes)
        yield root


def _rare(root: etree._Element, chance: random.Random, codes: list[str]) -> None:
    """What no sample has and a rule asks of: parties of the invoice with roles, a sender with a matricule, no date."""
    ram = f"{{{NAMESPACES['ram']}}}"
    for reference in list(root.iter(f"{ram}ReferenceReferencedDocument")):
        name = chance.choice(["IssuerTradeParty", "RecipientTradeParty"])
        party = etree.SubElement(reference, f"{ram}{name}")
        etree.SubElement(party, f"{ram}RoleCode").text = chance.choice(codes)
        for code in reference.findall(f"{ram}ProcessConditionCode"):
            code.text = chance.choice(["210", code.text])
        for dated in reference.findall(f"{ram}FormattedIssueDateTime"):
            if chance.randrange(2):
                reference.remove(dated)
    for sender in root.iter(f"{ram}SenderTradeParty"):
        etree.SubElement(sender, f"{ram}GlobalID", schemeID="0238").text = chance.choice(["9999", "9999", "0003"])


def test_lists_of_motives_are_the_official_ones() -> None:
    if not TABLE.is_file():
        pytest.skip(f"official table {TABLE.name} is not here")
    with TABLE.open(encoding="utf-8-sig", newline="") as file:
        tests = {row["id"]: row["test"] for row in csv.DictReader(file)}
    lists = {f"BR-FR-CDV-CL-09_MDT-113_{code}": motives for code, motives in REASONS_BY_STATUS.items()}
    for rule, motives in {**lists, "BR-FR-CDV-CL-09_MDT-113_210B2G": REASONS_B2G}.items():
        assert set(re.findall(r"\(\.\) = '(\w+)'", tests[rule])) == motives, rule


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
