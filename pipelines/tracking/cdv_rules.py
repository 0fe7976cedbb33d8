"""The rules BR-FR-CDV on life-cycle messages, in our own words: they judge where no official file has been given.

Ids are the official ones. Comparisons are those of XPath between sets of texts, so that a document that lacks an
element, or repeats one, gets the verdict that the official file gives it; a test holds the two together.
Source   BR-FR-CDV Schematron V1.4.0 (42 asserts, of which one, for 305 with an identifier, can never be broken).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from data_contracts.answers import FindingRow
from data_contracts.motives import REASONS_B2G, REASONS_BY_STATUS, STATUS_REASONS
from data_contracts.statuses import CDAR_FLOW, CDAR_INVOICE
from pipelines.acknowledgment.cdar_frame import RAM, RSM
from pipelines.lifecycle.usable import INVOICE_TYPES
from pipelines.tracking.findings import cdv_finding
from pipelines.tracking.structure_checks import Places

INVOICE_PROFILE = "urn.cpro.gouv.fr:1p0:CDV:invoice"
ADMINISTRATION_PROFILE = "urn.cpro.gouv.fr:1p0:CDV:einvoicingF2"
HANDLING, TRANSMISSION = "23", "305"
PARTY_ROLES = ("BY", "AB", "DL", "SE", "SR", "PE", "PR", "II", "IV")
PROCESSES = ("NON_REGULATED", "B2C", "B2CINT", "B2BINT", "OUTOFSCOPE")
UNECE_CODES = {
    TRANSMISSION: ("10", "51", "43", "8", "48"),
    HANDLING: ("45", "39", "37", "50", "49", "47", "46", "1", "5"),
}
MOTIVE_STATUSES = ("210", "213", "501", "207", "206", "208")
ACTIONS = ("NOA", "PIN", "NIN", "CNF", "CNP", "CNA", "OTH")
DATA_KINDS = ("MEN", "MPA", "RAP", "ESC", "RAB", "REM", "MAP", "MAPTTC", "MNA", "MNATTC", "CBB", "DIV", "DVA", "MAJ")
CHORUS_PRO = "9999"

_RAM = f"{{{RAM}}}"

Node = etree._Element
Verdict = Callable[["Message", Node], bool]


@dataclass(frozen=True)
class Message:
    """A CDAR with what several rules ask of it."""

    root: Node
    exchanged: Sequence[Node]
    acknowledgements: Sequence[Node]
    references: Sequence[Node]

    def texts(self, nodes: Sequence[Node], *names: str) -> list[str]:
        return [_string(one) for one in _below(nodes, names)]

    @property
    def to_administration(self) -> bool:
        """Whether the one recipient is the tax administration (0238:0000, DFH)."""
        recipients = _below(self.exchanged, ("RecipientTradeParty",))
        ids = _below(recipients, ("GlobalID",))
        matricules = [_string(one) for one in ids if one.get("schemeID") == "0238"]
        return len(ids) == 1 and "0000" in matricules and "DFH" in self.texts(recipients, "RoleCode")

    @property
    def sender_matricules(self) -> list[str]:
        ids = _below(self.exchanged, ("SenderTradeParty", "GlobalID"))
        return [_string(one) for one in ids if one.get("schemeID") == "0238"]


@dataclass(frozen=True)
class Rule:
    """One assert: its id, where it is asked (names below the message's part), and whether it holds there."""

    id: str
    part: str
    names: tuple[str, ...]
    holds: Verdict


def cdv_findings(root: Node, places: Places) -> Iterator[tuple[int, FindingRow]]:
    """One finding for each rule and node on which it does not hold, in the order of the rules."""
    message = _message(root)
    starts = {
        "context": _rsm(root, "ExchangedDocumentContext"),
        "exchanged": message.exchanged,
        "acknowledgement": message.acknowledgements,
        "reference": message.references,
    }
    asked: dict[tuple[str, tuple[str, ...]], list[Node]] = {}
    for rule in RULES:
        where = (rule.part, rule.names)
        if where not in asked:
            asked[where] = _below(starts[rule.part], rule.names)
        for node in asked[where]:
            if not rule.holds(message, node):
                yield cdv_finding(rule.id, places.of(node), _found(node))


def _message(root: Node) -> Message:
    acknowledgements = _rsm(root, "AcknowledgementDocument")
    references = _below(acknowledgements, ("ReferenceReferencedDocument",))
    return Message(root, _rsm(root, "ExchangedDocument"), acknowledgements, references)


def _rsm(root: Node, name: str) -> list[Node]:
    return list(root.iterchildren(f"{{{RSM}}}{name}"))


def _below(nodes: Sequence[Node], names: Sequence[str]) -> list[Node]:
    found = list(nodes)
    for name in names:
        found = [child for one in found for child in one.iterchildren(_RAM + name)]
    return found


def _string(node: Node) -> str:
    if not len(node):
        return node.text or ""
    return "".join(str(text) for text in node.itertext())


def _found(node: Node) -> str:
    return "" if len(node) else _string(node).strip()


def _has(*names: str) -> Verdict:
    return lambda message, node: bool(_below([node], names))


def _in(allowed: Sequence[str] | frozenset[str]) -> Verdict:
    return lambda message, node: _string(node) in allowed


def _profile(message: Message, node: Node) -> bool:
    profiles = message.texts([node], "GuidelineSpecifiedDocumentContextParameter", "ID")
    return INVOICE_PROFILE in profiles or (ADMINISTRATION_PROFILE in profiles and message.to_administration)


def _process(message: Message, node: Node) -> bool:
    processes = message.texts([node], "BusinessProcessSpecifiedDocumentContextParameter", "ID")
    if message.to_administration:
        return len(" ".join("".join(processes).split())) <= 3
    return "REGULATED" in processes or _string(node) in PROCESSES


def _issuer_identified(message: Message, node: Node) -> bool:
    types = message.texts(message.acknowledgements, "TypeCode")
    return any(one != HANDLING for one in types) or bool(_below([node], ("GlobalID",)))


def _addressed(message: Message, node: Node) -> bool:
    roles = message.texts([node], "RoleCode")
    return "WK" in roles or "DFH" in roles or bool(_below([node], ("URIUniversalCommunication", "URIID")))


def _roles(type_code: str, part: str, allowed: Sequence[str]) -> Verdict:
    def holds(message: Message, node: Node) -> bool:
        roles = message.texts([node], part, "RoleCode")
        typed = type_code in message.texts(message.acknowledgements, "TypeCode")
        return not typed or any(one in allowed for one in roles)

    return holds


def _unless_irrecevable(*names: str) -> Verdict:
    def holds(message: Message, node: Node) -> bool:
        return bool(_below([node], names)) or "501" in message.texts(message.references, "ProcessConditionCode")

    return holds


def _cashed(message: Message, node: Node) -> bool:
    if "212" not in message.texts([node], "ProcessConditionCode"):
        return True
    data = _below([node], ("SpecifiedDocumentStatus", "SpecifiedDocumentCharacteristic"))
    amounts = [one for one in data if "MEN" in message.texts([one], "TypeCode")]
    whole = [one for one in amounts if _below([one], ("ValueAmount",)) and _below([one], ("ValuePercent",))]
    return bool(amounts) and len(whole) == len(amounts)


def _motivated(message: Message, node: Node) -> bool:
    parent = node.getparent()
    assert parent is not None
    return _string(node) not in MOTIVE_STATUSES or bool(_below([parent], ("SpecifiedDocumentStatus", "ReasonCode")))


def _unece(type_code: str) -> Verdict:
    def holds(message: Message, node: Node) -> bool:
        parent = node.getparent()
        assert parent is not None
        codes = message.texts([node], "StatusCode")
        typed = any(one != type_code for one in message.texts([parent], "TypeCode"))
        return typed or not codes or any(one in UNECE_CODES[type_code] for one in codes)

    return holds


def _reason_of(
    status: str, allowed: frozenset[str], exempt: Callable[[Message], bool] = lambda message: False
) -> Verdict:
    """A motive of a status is one of its list. The status stands on the reference, or on the block of the motive."""

    def holds(message: Message, node: Node) -> bool:
        block = node.getparent()
        assert block is not None
        reference = block.getparent()
        assert reference is not None
        outer, inner = (message.texts([one], "ProcessConditionCode") for one in (reference, block))
        other_inner = any(one != status for one in inner)
        elsewhere = any(one != status for one in outer) and (not inner or other_inner)
        return elsewhere or (status in outer and other_inner) or exempt(message) or _string(node) in allowed

    return holds


def _from_chorus_pro(message: Message) -> bool:
    return CHORUS_PRO in message.sender_matricules


def _not_from_chorus_pro(message: Message) -> bool:
    senders = _below(message.exchanged, ("SenderTradeParty", "GlobalID"))
    return not senders or any(one != CHORUS_PRO for one in message.sender_matricules)


_KNOWN_STATUSES = frozenset({*CDAR_INVOICE, *CDAR_FLOW})
_STATUS = ("SpecifiedDocumentStatus",)
_REASON = (*_STATUS, "ReasonCode")
_CL09 = "BR-FR-CDV-CL-09_MDT-113"

RULES: tuple[Rule, ...] = (
    Rule("BR-FR-04_MDT-91", "reference", ("TypeCode",), _in(INVOICE_TYPES)),
    Rule("BR-FR-CDV-02_MDT-3", "context", (), _profile),
    Rule("BR-FR-CDV-03_MDT-4", "exchanged", (), _has("ID")),
    Rule("BR-FR-CDV-07_MDT-38_yes", "exchanged", ("IssuerTradeParty",), _issuer_identified),
    Rule("BR-FR-CDV-08_MDT-73", "exchanged", ("RecipientTradeParty",), _addressed),
    Rule("BR-FR-CDV-09_MDT-77", "acknowledgement", ("TypeCode",), _in((HANDLING, TRANSMISSION))),
    Rule("BR-FR-CDV-11_MDG-35", "reference", (), _unless_irrecevable("FormattedIssueDateTime")),
    Rule("BR-FR-CDV-12_MDT-105", "reference", (), _has("ProcessConditionCode")),
    Rule("BR-FR-CDV-13_MDT-129", "reference", ("IssuerTradeParty",), _unless_irrecevable("GlobalID")),
    Rule("BR-FR-CDV-14_MDT-207", "reference", (), _cashed),
    Rule("BR-FR-CDV-15_MDT-113", "reference", ("ProcessConditionCode",), _motivated),
    Rule("BR-FR-CDV-16_MDT-124-2", "reference", _STATUS, _has("SequenceNumeric")),
    Rule("BR-FR-CDV-CL-01_MDT-2", "context", (), _process),
    Rule("BR-FR-CDV-CL-02_MDT-21_305", "exchanged", (), _roles(TRANSMISSION, "SenderTradeParty", ("WK",))),
    Rule("BR-FR-CDV-CL-02_MDT-21_23", "exchanged", (), _roles(HANDLING, "SenderTradeParty", (*PARTY_ROLES, "WK"))),
    Rule("BR-FR-CDV-CL-03_MDT-40_305", "exchanged", (), _roles(TRANSMISSION, "IssuerTradeParty", ("WK",))),
    Rule("BR-FR-CDV-CL-03_MDT-40_23", "exchanged", (), _roles(HANDLING, "IssuerTradeParty", PARTY_ROLES)),
    Rule("BR-FR-CDV-CL-04_MDT-59", "exchanged", ("RecipientTradeParty", "RoleCode"), _in((*PARTY_ROLES, "WK", "DFH"))),
    Rule("BR-FR-CDV-CL-05_MDT-88_305", "reference", (), _unece(TRANSMISSION)),
    Rule("BR-FR-CDV-CL-05_MDT-88_23", "reference", (), _unece(HANDLING)),
    Rule("BR-FR-CDV-CL-06_MDT-105", "reference", ("ProcessConditionCode",), _in(_KNOWN_STATUSES)),
    Rule("BR-FR-CDV-CL-06_MDT-115", "reference", (*_STATUS, "ProcessConditionCode"), _in(_KNOWN_STATUSES)),
    Rule("BR-FR-CDV-CL-07_MDT-132", "reference", ("IssuerTradeParty", "RoleCode"), _in(("SE",))),
    Rule("BR-FR-CDV-CL-08_MDT-158", "reference", ("RecipientTradeParty", "RoleCode"), _in((*PARTY_ROLES, "WK", "DFH"))),
    Rule(_CL09, "reference", _REASON, _in(STATUS_REASONS)),
    *(
        Rule(f"{_CL09}_{code}", "reference", _REASON, _reason_of(code, REASONS_BY_STATUS[code]))
        for code in ("200", "213")
    ),
    Rule(f"{_CL09}_210", "reference", _REASON, _reason_of("210", REASONS_BY_STATUS["210"], _from_chorus_pro)),
    Rule(f"{_CL09}_210B2G", "reference", _REASON, _reason_of("210", REASONS_B2G, _not_from_chorus_pro)),
    *(
        Rule(f"{_CL09}_{code}", "reference", _REASON, _reason_of(code, REASONS_BY_STATUS[code]))
        for code in ("207", "206", "208", "221", "501")
    ),
    Rule("BR-FR-CDV-CL-10_MDT-121", "reference", (*_STATUS, "RequestedActionCode"), _in(ACTIONS)),
    Rule(
        "BR-FR-CDV-CL-11_MDT-207", "reference", (*_STATUS, "SpecifiedDocumentCharacteristic", "TypeCode"),
        _in(DATA_KINDS),
    ),
)  # fmt: skip
"""Asserts that only say that the node they stand on exists (CDV-01, 04, 05, 06, 10) can never be broken and are not
here; the structure demands what they mean, where it can."""
