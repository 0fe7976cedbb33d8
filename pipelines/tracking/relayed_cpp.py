"""Statuses of recipients told to suppliers of the Chorus Pro circuit: CPPStatut with CPPFactureStatuts.

Source   CPPStatutPivot V1_19: `IdMandatDP` is the recipient's number of the payment order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from data_contracts.answers import Header
from data_contracts.limits import COMMENT_CHARACTERS_MAX
from data_contracts.messages import Language
from data_contracts.motives import MOTIVES
from data_contracts.statuses import StatusFormat, status
from pipelines.acknowledgment.cpp_envelope import envelope_text
from pipelines.acknowledgment.cpp_flow_status import CPP_STATUS_VERSION
from pipelines.acknowledgment.elements import bilingual, instant, shortened
from pipelines.acknowledgment.xml_text import DECLARATION, attribute, element, kept_text, text
from pipelines.lifecycle.cpp_invoice_status import debtor_and_supplier
from pipelines.lifecycle.explaining import motive_explained, status_explained, with_explanations
from pipelines.tracking.relay import Relay


def relayed_cpp(header: Header, relays: Sequence[Relay]) -> Iterator[bytes]:
    """One CPPStatut that carries these statuses, in order: its bytes, part by part."""
    yield (
        f'{DECLARATION}<CPPStatut Version="{CPP_STATUS_VERSION}">{envelope_text(header)}'
        f'<CPPFactureStatuts compteur="{len(relays)}">'
    ).encode()
    for order, relay in enumerate(relays, start=1):
        yield (
            f'<CPPFactureStatutUnitaire NumOrdre="{order}">\n{debtor_and_supplier(relay.invoice)}'
            f"{_data(relay, header.name.emitter_code)}</CPPFactureStatutUnitaire>\n"
        ).encode()
    yield b"</CPPFactureStatuts></CPPStatut>"


def comment(relay: Relay) -> str:
    """What was written, then what its motive and the status mean and what to do about them, as far as there is room."""
    told = relay.status
    said = bilingual(told.comment_fr, told.comment_en, COMMENT_CHARACTERS_MAX)
    if told.motive and told.motive not in MOTIVES and told.motive not in said:
        said = shortened(" | ".join(filter(None, (told.motive, said))), COMMENT_CHARACTERS_MAX, Language.FR)
    status_told = status_explained(StatusFormat.CPP_INVOICE, told.code)
    return with_explanations(said, (motive_explained(told.motive), status_told))


def _data(relay: Relay, emitter_code: str) -> str:
    told, invoice = relay.status, relay.invoice
    known = status(StatusFormat.CPP_INVOICE, told.code)
    issued = invoice["issue_date"]
    return (
        f"  <DonneesStatut>\n    <IdStatut>{text(told.code)}</IdStatut>\n"
        f"{element('    ', 'ComplementStatut', kept_text(known.label_fr) if known else None)}"
        f"{element('    ', 'Commentaire', comment(relay) or None)}"
        f"    <Horodatage>{instant(relay.event.at)}</Horodatage>\n"
        f'    <Producteur Id="{attribute(relay.event.actor_code or emitter_code)}"/>\n'
        f"    <IdFacture>{text(invoice['number'] or '')}</IdFacture>\n"
        f"{element('    ', 'DateFacture', issued.isoformat() if issued else None)}"
        f"{element('    ', 'IdMandatDP', told.mandate_number or None)}  </DonneesStatut>\n"
    )
