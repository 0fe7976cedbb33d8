"""Faults: each way in which an invoice of the samples is wrong, and what must come of it.

A fault changes the values before they are written, or the bytes after. An invoice has at most one fault, so that its
motive is beyond doubt; `rules` are the ids that must be among its fatal findings (others may stand beside them).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from data_contracts.interfaces import Circuit, Syntax
from relais.samples.invoices import Invoice, Totals, buyer_of, number_of, readdressed
from relais.samples.mixed_writer import zipped
from relais.samples.recipients import (
    BY_NAME,
    EXPIRED_SERVICE,
    INACTIVE_COMMUNE,
    INACTIVE_SERVICE,
    UNKNOWN_SIRET,
)

WRONG_CONTENT = "REJ_SEMAN"
UNREADABLE = "IRR_SYNTAX"
UNKNOWN_RECIPIENT = "DEST_INC"
PUBLIC_DEMANDS = "REJ_CONT_B2G"
REPEATED = "DOUBLON"

ENGAGEMENT = "1501900001"


@dataclass(frozen=True)
class Fault:
    """`rules` by syntax; `values` changes the invoice, `damage` its bytes; `readable` is False when nothing of the
    document can be read; `repeats` gives the invoice the number of an earlier valid one."""

    name: str
    motive: str
    rules: dict[Syntax, tuple[str, ...]]
    values: Callable[[Invoice], Invoice] = lambda invoice: invoice
    damage: Callable[[bytes], bytes] = lambda document: document
    readable: bool = True
    repeats: bool = False


def _everywhere(*rules: str) -> dict[Syntax, tuple[str, ...]]:
    return dict.fromkeys((Syntax.UBL, Syntax.CII, Syntax.FACTURX, Syntax.CPP_MIXED), rules)


def _each(ubl: str, cii: str, facturx: str) -> dict[Syntax, tuple[str, ...]]:
    return {Syntax.UBL: (ubl,), Syntax.CII: (cii,), Syntax.FACTURX: (facturx,)}


# The values: totals.


def _wrong_line_sum(invoice: Invoice) -> Invoice:
    totals = invoice.totals
    return replace(invoice, totals=replace(totals, lines=totals.lines + 10))


def _wrong_gross(invoice: Invoice) -> Invoice:
    totals = invoice.totals
    gross = totals.gross + Decimal("0.90")
    return replace(invoice, totals=replace(totals, gross=gross, payable=gross))


def _wrong_vat(invoice: Invoice) -> Invoice:
    totals = invoice.totals
    vat = totals.vat + Decimal("1.00")
    return replace(invoice, totals=Totals(totals.lines, totals.net, vat, totals.net + vat, totals.net + vat))


def _wrong_payable(invoice: Invoice) -> Invoice:
    return replace(invoice, totals=replace(invoice.totals, payable=invoice.totals.payable - 5))


# The values: terms.


def _nameless_buyer(invoice: Invoice) -> Invoice:
    return replace(invoice, buyer=replace(invoice.buyer, name=None))


def _unknown_currency(invoice: Invoice) -> Invoice:
    return replace(invoice, currency="EUX")


def _unknown_country(invoice: Invoice) -> Invoice:
    return replace(invoice, buyer=replace(invoice.buyer, country="XX"))


def _without_recovery_note(invoice: Invoice) -> Invoice:
    return replace(invoice, notes=tuple(note for note in invoice.notes if note[0] != "PMT"))


def _long_number(invoice: Invoice) -> Invoice:
    return replace(invoice, number=f"{invoice.number}-AVENANT")


def _foreign_frame(invoice: Invoice) -> Invoice:
    return replace(invoice, frame="Z9")


def _other_type(invoice: Invoice) -> Invoice:
    # Self-billed: known to EN 16931, not to the historical circuit.
    return replace(invoice, type_code="389", preceding=None)


def _future_date(invoice: Invoice) -> Invoice:
    return replace(invoice, issue_date=date(2062, 11, 9), due_date=date(2062, 12, 9))


# The values: the recipient and what it demands.


def _unknown_siret(invoice: Invoice) -> Invoice:
    return replace(invoice, buyer=replace(invoice.buyer, siret=UNKNOWN_SIRET))


def _inactive_structure(invoice: Invoice) -> Invoice:
    return replace(invoice, buyer=buyer_of(BY_NAME[INACTIVE_COMMUNE]))


def _missing_service(invoice: Invoice) -> Invoice:
    return readdressed(invoice, BY_NAME["État"], None, ENGAGEMENT)


def _unknown_service(invoice: Invoice) -> Invoice:
    return readdressed(invoice, BY_NAME["État"], "FAC9999999", ENGAGEMENT)


def _inactive_service(invoice: Invoice) -> Invoice:
    return readdressed(invoice, BY_NAME["État"], INACTIVE_SERVICE, ENGAGEMENT)


def _expired_service(invoice: Invoice) -> Invoice:
    return readdressed(invoice, BY_NAME["Département de la Basse-Loire"], EXPIRED_SERVICE, None)


def _missing_engagement(invoice: Invoice) -> Invoice:
    return readdressed(invoice, BY_NAME["CHU de l'Estuaire"], None, None)


def _neither(invoice: Invoice) -> Invoice:
    return readdressed(invoice, BY_NAME["Métropole des Quatre Vallées"], None, None)


# The bytes.

_ORDER = re.compile(
    rb"(?P<first> *<(?:cbc:ID|ram:ID)>[^<]*</(?:cbc:ID|ram:ID)>\n)"
    rb"(?P<second> *<(?:cbc:IssueDate|ram:TypeCode)>[^<]*</(?:cbc:IssueDate|ram:TypeCode)>\n)"
)
_PREFIX = re.compile(rb"<(cbc|ram):ID>")


def _swapped(document: bytes) -> bytes:
    """The number after its neighbour: the issue date in UBL, the type code in CII."""
    return _ORDER.sub(rb"\g<second>\g<first>", document, count=1)


def _with_unknown_element(document: bytes) -> bytes:
    """An element that no schema knows, right after the number."""
    match = _ORDER.search(document)
    assert match is not None, "every document states its number before its date or type"
    prefix = _PREFIX.search(document, match.start())
    assert prefix is not None
    tag = prefix[1] + b":InternalFolder"
    return document[: match.end("first")] + b"  <" + tag + b">7</" + tag + b">\n" + document[match.end("first") :]


def _cut_short(document: bytes) -> bytes:
    return document[: len(document) * 3 // 5]


def _bare_ampersand(document: bytes) -> bytes:
    return document.replace(b"Virement", b"Virement & pr\xc3\xa9l\xc3\xa8vement").replace(
        b"Paiement \xc3\xa0 30 jours", b"Paiement & r\xc3\xa8glement \xc3\xa0 30 jours", 1
    )


_ATTACHMENT_NAME = re.compile(rb">(FAC[A-Z0-9-]+)\.pdf<")
_ATTACHMENT = re.compile(rb">(UEsD[A-Za-z0-9+/=]+)<")


def _executable(document: bytes) -> bytes:
    return _ATTACHMENT_NAME.sub(rb">\1.exe<", document, count=1)


def _unnameable(document: bytes) -> bytes:
    return _ATTACHMENT_NAME.sub(rb">\1:copie.pdf<", document, count=1)


def _other_content(document: bytes) -> bytes:
    return _ATTACHMENT.sub(b">" + zipped("facture.pdf", b"Facture\n").encode() + b"<", document, count=1)


def _emptied(document: bytes) -> bytes:
    return _ATTACHMENT.sub(b">" + zipped("facture.pdf", b"").encode() + b"<", document, count=1)


def _torn_zip(document: bytes) -> bytes:
    """The zip without its end, in whole groups of base64: the schema finds nothing to say."""
    match = _ATTACHMENT.search(document)
    assert match is not None, "every mixed document has an attachment"
    whole = len(match[1]) // 8 * 4
    return document[: match.start(1) + whole] + document[match.end(1) :]


# What is wrong wherever it comes from.

_SCHEMA = (
    Fault("elements out of order", WRONG_CONTENT, _everywhere("XSD"), damage=_swapped),
    Fault("unknown element", WRONG_CONTENT, _everywhere("XSD"), damage=_with_unknown_element),
)
_READING = (
    Fault("document cut short", UNREADABLE, _everywhere("IRR_SYNTAX"), damage=_cut_short, readable=False),
    Fault("bare ampersand", UNREADABLE, _everywhere("IRR_SYNTAX"), damage=_bare_ampersand, readable=False),
)
_ROUTING = (
    Fault("unknown recipient", UNKNOWN_RECIPIENT, _everywhere("RLS-ROUTE-02"), _unknown_siret),
    Fault("inactive structure", UNKNOWN_RECIPIENT, _everywhere("RLS-ROUTE-03"), _inactive_structure),
    Fault("missing service code", PUBLIC_DEMANDS, _everywhere("RLS-ROUTE-04"), _missing_service),
    Fault("unknown service code", PUBLIC_DEMANDS, _everywhere("RLS-ROUTE-05"), _unknown_service),
    Fault("inactive service", PUBLIC_DEMANDS, _everywhere("RLS-ROUTE-06"), _inactive_service),
    Fault("service out of its dates", PUBLIC_DEMANDS, _everywhere("RLS-ROUTE-06"), _expired_service),
    Fault("missing engagement", PUBLIC_DEMANDS, _everywhere("RLS-ROUTE-07"), _missing_engagement),
    Fault("neither service nor engagement", PUBLIC_DEMANDS, _everywhere("RLS-ROUTE-08"), _neither),
)  # fmt: skip
DUPLICATE = Fault("number already used", REPEATED, _everywhere("G1.45"), repeats=True)

# What the historical circuit refuses by rules of its own.

_CHORUS_PRO = (
    Fault("number of more than 20 characters", WRONG_CONTENT, _everywhere("RLS-CPRO-01"), _long_number),
    Fault("unknown frame of invoicing", WRONG_CONTENT, _everywhere("RLS-CPRO-05"), _foreign_frame),
    Fault("type other than 380 and 381", WRONG_CONTENT, _everywhere("RLS-CPRO-04"), _other_type),
    Fault("issued in the future", WRONG_CONTENT, _everywhere("G1.07"), _future_date),
)

# What AFNOR flows are refused for by EN 16931 and by the French rules.

_RECOVERY_NOTE = _each("BR-FR-05_BT-22-1", "BR-FR-05_BT-22_PMT", "BR-FR-05_BT-22_PMT")
_AFNOR = (
    Fault("wrong sum of lines", WRONG_CONTENT, _everywhere("BR-CO-10", "BR-CO-13"), _wrong_line_sum),
    Fault("missing recovery note", WRONG_CONTENT, _RECOVERY_NOTE, _without_recovery_note),
    Fault("wrong total with VAT", WRONG_CONTENT, _everywhere("BR-CO-15"), _wrong_gross),
    Fault("unknown currency", WRONG_CONTENT, _each("BR-CL-04", "BR-CL-04", "FX-SCH-A-000595"), _unknown_currency),
    Fault("wrong total of VAT", WRONG_CONTENT, _everywhere("BR-CO-14"), _wrong_vat),
    Fault("buyer without a name", WRONG_CONTENT, _everywhere("BR-07"), _nameless_buyer),
    Fault("unknown country", WRONG_CONTENT, _each("BR-CL-14", "BR-CL-14", "FX-SCH-A-000568"), _unknown_country),
    Fault("wrong amount due", WRONG_CONTENT, _everywhere("BR-CO-16"), _wrong_payable),
    Fault("unknown frame of invoicing", WRONG_CONTENT, _everywhere("BR-FR-08_BT-23"), _foreign_frame),
    Fault("number of more than 20 characters", WRONG_CONTENT, _everywhere("RLS-CPRO-01"), _long_number),
)  # fmt: skip


MIXED_FAULTS: tuple[Fault, ...] = (
    Fault("attachment of a forbidden extension", "IRR_EXT_DOC", _everywhere("IRR_EXT_DOC"), damage=_executable),
    Fault("attachment that is torn", "IRR_SYNTAX", _everywhere("IRR_SYNTAX"), damage=_torn_zip),
    Fault("attachment without content", "IRR_VID_PJ", _everywhere("IRR_VID_PJ"), damage=_emptied),
    Fault("attachment that is something else", "IRR_EXT_DOC", _everywhere("IRR_EXT_DOC"), damage=_other_content),
    Fault("attachment with a forbidden name", "IRR_NOM_PJ", _everywhere("IRR_NOM_PJ"), damage=_unnameable),
)
"""What may be wrong with the attachments of mixed flows, in the order in which flows take their faults."""


def _interleaved(*families: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """One of each family in turn, so that a flow with few bad invoices already has some of every kind."""
    longest = max(map(len, families))
    return tuple(family[index] for index in range(longest) for family in families if index < len(family))


FAULTS: dict[Circuit, tuple[Fault, ...]] = {
    Circuit.CHORUS_PRO: _interleaved(_SCHEMA, _CHORUS_PRO, _ROUTING, (DUPLICATE,), _READING),
    Circuit.AFNOR: _interleaved(_AFNOR, _ROUTING, (DUPLICATE,), _SCHEMA, _READING),
}
"""What may be wrong in the flows of a circuit, in the order in which flows take their faults."""


def repeated(invoice: Invoice, earlier_serial: int) -> Invoice:
    """The invoice under the number of the same biller's earlier one."""
    return replace(invoice, number=number_of(invoice.seller, earlier_serial))
