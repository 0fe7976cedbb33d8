"""Wording: the page of a digest, in the reader's language. Pure.

Each invoice is named with its supplier, and each status told with its meaning, its motive and what to do about it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from data_contracts.answers import FindingRow, InvoiceRow
from data_contracts.history import Event, Phase, Reason
from data_contracts.interfaces import Circuit
from data_contracts.limits import COMMENT_CHARACTERS_MAX
from data_contracts.messages import Language, Sentences, has, told
from data_contracts.motives import MOTIVES
from data_contracts.notifications import Count, Frequency, Role, Subscription
from data_contracts.statuses import StatusFormat, meaning, status, what_next
from pipelines.notifications.gathering import GROUPS, Entry, Gathered, Group
from pipelines.notifications.page import Block, Item, Page
from pipelines.notifications.plain import comment, moment, money, value
from pipelines.tracking.mandate_amounts import APPROVED_WITH_VAT
from pipelines.tracking.translation import relayed

REASONS_MAX = 5
"""Motives of one status that a mail shows."""

FAULTS_MAX, FAULT_CHARACTERS_MAX = 5, 500
"""Findings of one rejected invoice that a mail shows, and characters of each: the acknowledgment holds all."""

EARLIER_MAX = 5
"""Earlier statuses of one invoice that a mail shows: those of the same window."""


def digest_page(gathered: Gathered, standing: Sequence[Count], frequency: Frequency, at: datetime) -> Page:
    """What a reader is told: statuses by urgency, then what is in progress now.

    Shape    `standing` are counts of the structures and partners that the reader is told of, or more of them.
    """
    language = gathered.language
    urgent = sum(held for phase, held in gathered.counts.items() if GROUPS[phase] is Group.URGENT)
    subject = told("notification-subject", language, count=gathered.count, urgent=urgent)
    intro = told("notification-intro", language, count=gathered.count, on=moment(at, language))
    return Page(
        language=language,
        subject=subject,
        title=told(f"notification-title-{frequency.value}", language),
        intro=(intro,),
        blocks=(*_blocks(gathered), *_standing(gathered, standing)),
        footer=footer(gathered.address, gathered.role, language),
    )


def footer(address: str, role: Role, language: Language) -> tuple[str, ...]:
    """Why the reader gets this mail, and how to get fewer."""
    named = told(f"notification-role-{role.value}", language)
    opt = "notification-no-opt-out" if role is Role.PRINCIPAL_MANAGER else "notification-opt-out"
    return (told("notification-footer", language, address=address, role=named), told(opt, language))


def _blocks(gathered: Gathered) -> Iterable[Block]:
    language = gathered.language
    supplier = any(one.partner_code for one in gathered.subscriptions)
    for group in Group:
        entries = gathered.entries.get(group, [])
        if not entries:
            continue
        counts = Counter({phase: held for phase, held in gathered.counts.items() if GROUPS[phase] is group})
        left = counts - gathered.shown
        heading = told(f"notification-group-{group.value}", language, count=counts.total())
        more = ""
        if left:
            more = told("notification-more", language, count=left.total(), told=_counted(left, language))
        yield Block(heading, tuple(_item(entry, language, supplier) for entry in entries), more)


def _item(entry: Entry, language: Language, supplier: bool) -> Item:
    """What is known of one invoice. What comes next is told to suppliers: recipients decide it."""
    event, invoice = entry.event, entry.invoice
    said = event.format, value(event.code), event.own_motive
    lines = [
        _recipient(invoice, language),
        _status(event, language),
        _on_platform(entry, language) if supplier else "",
        *([told("notification-earlier", language, told=_earlier(entry, language))] if entry.earlier else []),
        _in(meaning(*said), language),
        *_motives(event.reasons[:REASONS_MAX], language),
        *_faults(entry.faults, language),
        told("notification-next", language, next=_in(what_next(*said), language)) if supplier else "",
    ]  # fmt: skip
    if entry.successor:
        lines.append(told("notification-successor", language, number=value(entry.successor)))
    if event.comment:
        lines.append(
            told("notification-comment", language, comment=comment(event.comment, COMMENT_CHARACTERS_MAX, language))
        )
    if event.mandate_number:
        lines.append(told("notification-mandate", language, number=value(event.mandate_number)))
    for payment in event.payments[:REASONS_MAX]:
        what = "notification-mandated" if payment.kind == APPROVED_WITH_VAT else "notification-paid"
        lines.append(told(what, language, amount=money(payment.amount, payment.currency, language)))
    return Item(_head(invoice, language), tuple(line for line in lines if line))


def _head(invoice: InvoiceRow, language: Language) -> str:
    supplier = value(invoice["seller_name"]) or value(invoice["seller_id"]) or told("notification-nobody", language)
    number = value(invoice["number"])
    if number:
        named = told("notification-invoice", language, number=number, supplier=supplier)
    else:
        named = told("notification-unnumbered", language, name=value(invoice["member_name"]), supplier=supplier)
    amount = money(invoice["payable_amount"], invoice["currency"], language)
    return f"{named} – {amount}" if amount else named


def _recipient(invoice: InvoiceRow, language: Language) -> str:
    structure, service = value(invoice["buyer_name"] or invoice["buyer_siret"]), value(invoice["service_code"])
    if not structure:
        return ""
    if service:
        return told("notification-to-service", language, structure=structure, service=service)
    return told("notification-to", language, structure=structure)


def _status(event: Event, language: Language) -> str:
    at = moment(event.at, language)
    return told("notification-status", language, label=_label(event, language), code=value(event.code), at=at)


def _on_platform(entry: Entry, language: Language) -> str:
    """The name and code by which the supplier's platform told it, where that is another circuit's."""
    event = entry.event
    if entry.circuit is not Circuit.AFNOR or event.format is not StatusFormat.CPP_INVOICE:
        return ""
    made = relayed(event, StatusFormat.CDAR_INVOICE).statuses
    known = status(made[0].format, made[0].code) if made else None
    if known is None:
        return ""
    label = known.label_fr if language is Language.FR else known.label_en
    return told("notification-platform", language, label=label, code=known.code)


def _earlier(entry: Entry, language: Language) -> str:
    """The last of what happened before, the first coming first."""
    return "; ".join(_status(event, language) for event in entry.earlier[-EARLIER_MAX:])


def _label(event: Event, language: Language) -> str:
    known = status(event.format, event.code)
    if known is None:
        return told("notification-unknown-status", language, code=value(event.code))
    return known.label_fr if language is Language.FR else known.label_en


def _in(sentences: Sentences, language: Language) -> str:
    return sentences.fr if language is Language.FR else sentences.en


def _motives(reasons: Iterable[Reason], language: Language) -> Iterable[str]:
    for reason in reasons:
        sentence, remedy = _motive(reason.code, language)
        said = sentence or value(reason.text)
        if reason.code or said:
            yield told("notification-motive", language, code=value(reason.code), sentence=said)
        if remedy:
            yield told("notification-remedy", language, remedy=remedy)


def _faults(faults: Sequence[FindingRow], language: Language) -> Iterable[str]:
    for row in faults[:FAULTS_MAX]:
        said = value(row["message_fr"] if language is Language.FR else row["message_en"], FAULT_CHARACTERS_MAX)
        yield told("notification-fault", language, rule=value(row["rule"]), sentence=said)
    if len(faults) > FAULTS_MAX:
        yield told("notification-faults-left", language, count=len(faults) - FAULTS_MAX)


def _motive(code: str, language: Language) -> tuple[str, str]:
    """The sentence and the remedy of a motive; empty where nobody knows it."""
    if has(f"motive-{code}"):
        return told(f"motive-{code}", language), told(f"motive-{code}.remedy", language)
    known = MOTIVES.get(code)
    if known is None:
        return "", ""
    if language is Language.FR:
        return known.sentence_fr, known.remedy_fr
    return known.sentence_en, known.remedy_en


def _standing(gathered: Gathered, standing: Sequence[Count]) -> Iterable[Block]:
    """What is in progress now, one line for each subscription."""
    language, items = gathered.language, []
    counted: dict[Count, None] = {}
    for one in sorted(gathered.subscriptions, key=lambda one: one.key):
        mine = [count for count in standing if _concerns(one, count)]
        counted |= dict.fromkeys(mine)
        phases: Counter[Phase] = Counter()
        for count in mine:
            phases[count.phase] += count.count
        if phases:
            scope, many = _scope(one, language), phases.total()
            told_of = _counted(phases, language)
            items.append(Item(told("notification-standing-of", language, scope=scope, count=many, told=told_of)))
    if items:
        total = sum(count.count for count in counted)
        yield Block(told("notification-standing", language, count=total), tuple(items))


def _concerns(one: Subscription, count: Count) -> bool:
    if one.partner_code:
        return count.partner_code == one.partner_code
    return count.structure == one.structure and one.service in ("", count.service)


def _scope(one: Subscription, language: Language) -> str:
    if one.partner_code:
        return told("notification-scope-partner", language, partner=one.partner_code)
    if one.service:
        return told("notification-scope-service", language, structure=one.structure, service=value(one.service))
    return told("notification-scope-structure", language, structure=one.structure)


def _counted(phases: Counter[Phase], language: Language) -> str:
    """Phases with their counts, in the order of an invoice's course."""
    return ", ".join(
        told("notification-counted", language, name=told(_phase_id(phase), language), count=phases[phase])
        for phase in Phase
        if phases[phase]
    )


def _phase_id(phase: Phase) -> str:
    return f"notification-phase-{phase.value.replace(' ', '-')}"
