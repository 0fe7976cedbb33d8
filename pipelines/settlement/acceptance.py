"""Acceptance: from what is known of each invoice to its one outcome. Pure.

A verdict is a fact, acceptance is policy: the schema and Relais's own rules always reject; the profile's and the French
rules reject where `rule_sets.POLICIES` says so; what could not be determined under a rejecting policy waits in
quarantine. All causes are listed, not only the first.
Uniqueness: year of issue, issuer's SIREN, number (DSE-CP 3.2.1.4); payment requests of frame S3 are exempt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from data_contracts.answers import FindingRow, InvoiceRow, LineRow, Resend, VatRow
from data_contracts.directory import Directory
from data_contracts.interfaces import Circuit
from data_contracts.ledger import InvoiceKey, Owner
from data_contracts.messages import Language, Sentences, both, told
from data_contracts.rule_sets import POLICIES
from data_contracts.tables import Flag, Outcome, Verdict
from data_contracts.terms import TERMS
from pipelines.delivery.pivot import lacking
from pipelines.routing.route import Route, as_routed, routed
from pipelines.validation.rejecting import rejects
from pipelines.validation.verdict import VerdictRow

DUPLICATE = "DOUBLON"
DIFFUSION_RULE_SET = "relais.diffusion:1"
DIFFUSION_RULE = "RLS-DIFF-01"
UNIQUENESS_EXEMPT_FRAME = "S3"
UNREADABLE_PREFIX = "IRR_"


@dataclass(frozen=True)
class Judged:
    """Everything the check stage found about one invoice."""

    invoice: InvoiceRow
    verdict: VerdictRow
    findings: tuple[FindingRow, ...]
    lines: Sequence[LineRow]
    vat: Sequence[VatRow]


@dataclass(frozen=True)
class Decision:
    """One invoice's outcome. `fatal` are the findings that reject it; `route` is open when it is accepted; `resend`
    says why it is diffused again under a number that was accepted before."""

    judged: Judged
    outcome: Outcome
    motive: str
    detail_fr: str
    detail_en: str
    route: Route
    fatal: tuple[FindingRow, ...]
    original: Owner | None = None
    resend: Resend | None = None


def proposed(judged: Judged, circuit: Circuit, directory: Directory, on: date) -> Decision:
    """The outcome of one invoice before uniqueness is looked at.

    Routing is looked at even when rules are broken, so that the sender learns everything at once; not when the document
    could not be read, since nothing of it is known.
    """
    broken = [finding for finding in judged.findings if rejects(finding, circuit)]
    unreadable = judged.invoice["syntax"] is None
    route = Route("", "", "", ()) if unreadable else routed(judged.invoice, directory, on, circuit)
    judged = replace(judged, invoice=as_routed(judged.invoice, route))
    fatal = (*broken, *route.findings)
    if not unreadable:
        fatal = (*fatal, *_undiffusable(judged.invoice, fatal))
    if broken:
        code = broken[0]["rule"]
        motive = code if code.startswith(UNREADABLE_PREFIX) else "REJ_SEMAN"
        return _rejected(judged, motive, route, fatal)
    if _undetermined(judged, circuit):
        cause = judged.verdict["cause"] or ""
        said = both("settlement-aside", cause=cause)
        return Decision(judged, Outcome.QUARANTINED, "", said.fr, said.en, route, fatal)
    if fatal:
        return _rejected(judged, route.motive or "REJ_SEMAN", route, fatal)
    return Decision(judged, Outcome.ACCEPTED, "", "", "", route, ())


def refused(decision: Decision, motive: str, findings: Sequence[FindingRow]) -> Decision:
    """The decision, rejected for what was found after it was proposed."""
    return _rejected(decision.judged, motive, decision.route, (*decision.fatal, *findings))


def _undiffusable(invoice: InvoiceRow, known: Sequence[FindingRow]) -> list[FindingRow]:
    """Terms that the diffusion to the recipient cannot do without, where no other finding speaks of them."""
    known_terms = {code for finding in known for code in finding["terms"]}
    findings = []
    for code in lacking(invoice):
        name = TERMS[code]
        if code not in known_terms:
            said = both("settlement-undiffusable", term=Sentences(name.name_fr, name.name_en), code=code)
            findings.append(own_finding(invoice, DIFFUSION_RULE_SET, DIFFUSION_RULE, [code], said))
    return findings


def _undetermined(judged: Judged, circuit: Circuit) -> bool:
    policy = POLICIES[circuit]
    rules_matter = policy.profile_rules_reject or policy.french_rules_reject
    return judged.verdict["verdict"] == Verdict.UNDETERMINED and (rules_matter or judged.invoice["syntax"] is None)


def _rejected(judged: Judged, motive: str, route: Route, fatal: tuple[FindingRow, ...]) -> Decision:
    first = fatal[0]
    more = len(fatal) - 1
    return Decision(
        judged,
        Outcome.REJECTED,
        motive,
        _with_more(first["message_fr"], more, Language.FR),
        _with_more(first["message_en"], more, Language.EN),
        route,
        fatal,
    )


def _with_more(sentence: str, more: int, language: Language) -> str:
    return told("settlement-more", language, sentence=sentence, more=more) if more else sentence


def invoice_key(invoice: InvoiceRow) -> InvoiceKey | None:
    """What must be unique, or None for a payment request, which is exempt.

    Errors   AssertionError if a term of the key is missing: rules that always reject see to it.
    """
    if invoice["frame"] == UNIQUENESS_EXEMPT_FRAME:
        return None
    seller = invoice["seller_siren"] or invoice["seller_id"]
    assert invoice["issue_date"] and seller and invoice["number"], (
        f"no key: {invoice['flow_key']}/{invoice['position']}"
    )
    return InvoiceKey(invoice["issue_date"].year, seller, invoice["number"])


def keys(decisions: Sequence[Decision]) -> list[tuple[InvoiceKey, int]]:
    """The keys that the accepted invoices claim, in the order of the flow."""
    claimed = []
    for decision in decisions:
        if decision.outcome is Outcome.ACCEPTED:
            key = invoice_key(decision.judged.invoice)
            if key is not None:
                claimed.append((key, decision.judged.invoice["position"]))
    return claimed


def decided(
    decisions: Sequence[Decision], owners: Mapping[InvoiceKey, Owner], followers: Mapping[int, FindingRow | None]
) -> list[Decision]:
    """Final outcomes: an invoice whose key another one owns is a duplicate.

    Shape    `followers` are the positions of all repeated numbers: with None, the invoice follows the first by right
             and is accepted; else the finding says what the repetition is.
    """
    final = []
    for decision in decisions:
        invoice = decision.judged.invoice
        key = invoice_key(invoice) if decision.outcome is Outcome.ACCEPTED else None
        owner = owners[key] if key is not None else None
        if owner is None or owner == Owner(invoice["flow_key"], invoice["position"]):
            final.append(decision)
            continue
        finding = followers[invoice["position"]]
        if finding is None:
            final.append(decision)
            continue
        rejected = _rejected(decision.judged, DUPLICATE, decision.route, (finding,))
        final.append(replace(rejected, original=owner))
    return final


def own_finding(
    invoice: InvoiceRow, rule_set: str, rule: str, terms: list[str], said: Sentences, found: str | None = None
) -> FindingRow:
    """A finding that settlement adds: it concerns the invoice as a whole, so it has no place in the document."""
    return FindingRow(
        flow_key=invoice["flow_key"],
        position=invoice["position"],
        rule_set=rule_set,
        rule=rule,
        flag=Flag.FATAL,
        terms=terms,
        location=None,
        line=None,
        found=found,
        expected=None,
        message_fr=said.fr,
        message_en=said.en,
    )
