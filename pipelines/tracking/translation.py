"""Statuses from one circuit told on the other: which code says the same, what goes into the comment, what is withheld.

The tables are data, each row with its source. Nothing is dropped silently: what the other format has no field for goes
into the comment, and a status that has no equivalent is withheld for a reason that has a name and a sentence.
Sources  DSE-CP 4.2.1.1 table 1 (public recipients' statuses towards platforms), 4.2.2.1 table 5 (platforms' statuses
         towards public recipients); annex 7 and BR-FR-CDV-CL-09 for motives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from data_contracts.history import Actor, Event, Payment, Reason
from data_contracts.messages import Sentences, both
from data_contracts.motives import REASONS_B2G, REASONS_BY_STATUS
from data_contracts.statuses import StatusFormat, status

_CPP, _CDAR = StatusFormat.CPP_INVOICE, StatusFormat.CDAR_INVOICE


class Source(StrEnum):
    """How sure a row is: read in a specification, or concluded from one."""

    TABLE_1 = "DSE-CP 4.2.1.1, table 1"
    TABLE_5 = "DSE-CP 4.2.2.1, table 5"
    INFERRED = "inferred"


class Withheld(StrEnum):
    """Why a status is not told on the other circuit. Its sentence is `status-withheld-{name}`."""

    UNKNOWN_CODE = "unknown-code"
    NO_EQUIVALENT = "no-equivalent"
    NOT_FOR_RECIPIENTS = "not-for-recipients"
    OUR_OWN = "our-own"


@dataclass(frozen=True)
class Row:
    """`code` on the other circuit. `told`: several codes share it, so the comment tells which it was. `default`: the
    motive where none that came is in the list of `code`."""

    code: str
    source: Source
    told: bool = False
    default: str = ""


TO_PLATFORM: dict[str, Row] = {
    "01": Row("200", Source.INFERRED),
    "02": Row("201", Source.INFERRED),
    "03": Row("203", Source.INFERRED),
    # To recycle: the supplier may still correct routing data under the same number, so nothing final may be said. The
    # motives of 208 name what is to be corrected (SIRET, routing code, order).
    "04": Row("208", Source.INFERRED, told=True, default="CODE_ROUTAGE_ERR"),
    "05": Row("210", Source.TABLE_1, default="AUTRE"),
    "06": Row("208", Source.TABLE_1, default="JUSTIF_ABS"),
    "07": Row("204", Source.TABLE_1, told=True),
    "08": Row("204", Source.TABLE_1, told=True),
    "09": Row("204", Source.TABLE_1, told=True),
    "10": Row("204", Source.TABLE_1, told=True),
    "11": Row("211", Source.TABLE_1),
    "12": Row("209", Source.INFERRED),
}
"""CPPStatut told to a platform (CDAR)."""

TO_SUPPLIER: dict[str, Row] = {
    "200": Row("01", Source.INFERRED),
    "201": Row("02", Source.INFERRED),
    "202": Row("02", Source.INFERRED),
    "203": Row("03", Source.INFERRED),
    "208": Row("06", Source.TABLE_1),
    "209": Row("12", Source.TABLE_5),
    "210": Row("05", Source.TABLE_1),
    "211": Row("11", Source.TABLE_1),
    "213": Row("05", Source.INFERRED),
}
"""CDAR told to a supplier of the historical circuit (CPPStatut). 204 is not here: it says less than any of the four
codes that it stands for, unless its comment tells which."""

TO_RECIPIENT: dict[str, Row] = {
    "209": Row("12", Source.TABLE_5),
    "227": Row("12", Source.TABLE_5, told=True),
}
"""CDAR told to a public recipient: Chorus Pro passes these on and no others."""

TAKEN_IN_CHARGE = "204"

CLOSEST: dict[str, tuple[str, ...]] = {
    "CMD_EJ_ERR": ("CMD_ERR",),
    "MARCHE_TERM": ("CONTRAT_TERM",),
    "MONTANT_ERR": ("MONTANTTOTAL_ERR",),
    "SE_ERR": ("CODE_ROUTAGE_ERR", "DEST_ERR"),
    "CODE_ROUTAGE_ERR": ("DEST_ERR",),
    "SIRET_ERR": ("DEST_ERR",),
    "DEST_ERR": ("SIRET_ERR",),
    "ERR_VALIDEUR": ("DEST_ERR",),
    "REF_ERR": ("REF_CT_ABSENT",),
}
"""Motives of Chorus Pro by those of the reform's lists that say the same, the nearest first. Inferred from annex 7."""


@dataclass(frozen=True)
class RelayedStatus:
    """One status to write. `comment_fr` holds what the sender wrote too, in the sender's language."""

    format: StatusFormat
    code: str
    motive: str
    comment_fr: str
    comment_en: str
    reasons: tuple[Reason, ...] = ()
    payments: tuple[Payment, ...] = ()
    mandate_number: str = ""


@dataclass(frozen=True)
class Relayed:
    """What is told of an event: the statuses to write, or why there is none."""

    statuses: tuple[RelayedStatus, ...]
    withheld: Withheld | None = None

    def why(self) -> Sentences | None:
        """The reason why nothing is told, in both languages; None when something is."""
        return None if self.withheld is None else both(f"status-withheld-{self.withheld.value}")


def relayed(event: Event, to_format: StatusFormat, towards: Actor = Actor.SUPPLIER) -> Relayed:
    """What an event is told as, on a circuit, to the side that did not set it.

    Shape    in the same format an event is told as it came, unknown codes included; but a public recipient hears of
             what Chorus Pro passes on (209, 227) alone. In another format by the tables above. `to_format` is
             CPP_INVOICE or CDAR_INVOICE.
    """
    if event.format is StatusFormat.RELAIS:
        return Relayed((), Withheld.OUR_OWN)
    if event.format is to_format:
        return Relayed((_as_it_came(event),))
    if status(event.format, event.code) is None:
        return Relayed((), Withheld.UNKNOWN_CODE)
    if to_format is _CDAR:
        row = TO_PLATFORM.get(event.code)
    elif towards is Actor.RECIPIENT:
        row = TO_RECIPIENT.get(event.code)
        if row is None:
            return Relayed((), Withheld.NOT_FOR_RECIPIENTS)
    else:
        row = _which_of_four(event) if event.code == TAKEN_IN_CHARGE else TO_SUPPLIER.get(event.code)
    if row is None:
        return Relayed((), Withheld.NO_EQUIVALENT)
    return Relayed((_translated(event, row, to_format),))


def _as_it_came(event: Event) -> RelayedStatus:
    motive = next((reason.code for reason in event.reasons if reason.code), "")
    return RelayedStatus(
        event.format, event.code, motive, event.comment, "", event.reasons, event.payments, event.mandate_number
    )


def _which_of_four(event: Event) -> Row | None:
    """The code that the comment of a 204 names by its label, as Chorus Pro's own do."""
    for code, row in TO_PLATFORM.items():
        known = status(_CPP, code)
        assert known is not None
        if row.code == TAKEN_IN_CHARGE and event.comment.casefold().startswith(known.label_fr.casefold()):
            return Row(code, Source.TABLE_1)
    return None


def _translated(event: Event, row: Row, to_format: StatusFormat) -> RelayedStatus:
    motive = _motive(event, row) if to_format is _CDAR else next((one.code for one in event.reasons if one.code), "")
    told = both(f"status-told-{_prefix(event.format)}-{event.code}") if row.told else Sentences("", "")
    kept = tuple(_kept(event)) if to_format is _CPP else tuple(_kept_of_cpp(event))
    return RelayedStatus(
        format=to_format,
        code=row.code,
        motive=motive,
        comment_fr="\n".join(filter(None, (told.fr, *kept))),
        comment_en=told.en,
        payments=event.payments if to_format is _CDAR else (),
        mandate_number=event.mandate_number if to_format is _CPP else "",
    )


def _prefix(format: StatusFormat) -> str:
    return "CPP" if format is _CPP else "CDAR"


def _motive(event: Event, row: Row) -> str:
    """The first motive that came and is in the list of the code, or the nearest one that is; else the row's own."""
    allowed = REASONS_B2G if row.code == "210" else REASONS_BY_STATUS.get(row.code, frozenset())
    for reason in event.reasons:
        for code in (reason.code, *CLOSEST.get(reason.code, ())):
            if code in allowed:
                return code
    return row.default


def _kept_of_cpp(event: Event) -> Iterator[str]:
    """What CDAR has no field for: the mandate number."""
    yield event.comment
    if event.mandate_number:
        yield both("status-mandate", number=event.mandate_number).fr


def _kept(event: Event) -> Iterator[str]:
    """What CPPStatut has no field for, as text: motives beyond the first, notes, actions, data, amounts."""
    noted = False
    for place, reason in enumerate(event.reasons):
        head = reason.code if place else ""
        yield " : ".join(filter(None, (head, reason.text)))
        yield from (note.text for note in reason.notes)
        noted = noted or any(note.text for note in reason.notes)
        yield " ".join(filter(None, (reason.requested_action, reason.requested_action_text)))
        for datum in reason.data:
            yield " ".join(filter(None, (datum.kind, datum.term, datum.name, datum.value, datum.currency)))
    if not noted:
        yield event.comment
    for payment in event.payments:
        rate = "" if payment.vat_rate is None else f"({payment.vat_rate} %)"
        yield " ".join(filter(None, (payment.kind, str(payment.amount), payment.currency, rate)))
