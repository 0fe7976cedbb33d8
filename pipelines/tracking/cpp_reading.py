"""CPPStatut, read: statuses of invoices (CPPFactureStatuts) or of flows (CPPFluxStatuts).

Source   CPPStatutPivot V1_19. No namespace; `compteur` is lower-case here.
"""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import etree

from data_contracts.history import (
    MessageHead,
    Note,
    Party,
    Reason,
    ReceivedFlowStatus,
    ReceivedStatus,
    StatusMessage,
)  # fmt: skip
from data_contracts.statuses import StatusFormat
from pipelines.parsing.values import day, line_number
from pipelines.tracking.instants import instant_of
from pipelines.tracking.mandate_amounts import mandated
from pipelines.tracking.motive_codes import quoted_motives
from pipelines.tracking.taken import Taken

NAMESPACES = frozenset({""})

FLOW_ID, PRODUCED = "IdFlx", "DtPrd"
"""Codes of the two parameters that every envelope has."""

_NUMBER = re.compile(r"\+?0*[0-9]{1,2}")

SIRET_TYPE = "1"
SIRET_CHARACTERS, SIREN_CHARACTERS = 14, 9


def read_cpp(root: etree._Element) -> tuple[StatusMessage, list[etree._Element]]:
    """What a CPPStatut says, as far as it can be read, and the elements of its statuses by ordinal; nothing is judged.

    Shape    one record for each unit, in order; texts without the blanks around them. Motives that a comment quotes by
             their code become reasons, for the format has no field for them.
    """
    taken = Taken(NAMESPACES)
    head = _head(root, taken)
    invoices = _units(root, "CPPFactureStatuts", "CPPFactureStatutUnitaire", taken)
    flows = _units(root, "CPPFluxStatuts", "CPPFluxStatutUnitaire", taken)
    units = [*invoices, *flows]
    message = StatusMessage(
        invoices=tuple(_invoice(unit, ordinal, head) for ordinal, unit in enumerate(invoices)),
        flows=tuple(_flow(unit, ordinal, head) for ordinal, unit in enumerate(flows, start=len(invoices))),
        head=replace(head, rest=taken.rest(root, units)),
    )
    return message, units


def _units(root: etree._Element, holder: str, name: str, taken: Taken) -> list[etree._Element]:
    return [unit for one in taken.all(root, holder) for unit in taken.all(one, name)]


def _head(root: etree._Element, taken: Taken) -> MessageHead:
    envelope = taken.first(root, "Enveloppe", "EnveloppeUnitaire")
    values: dict[str, str] = {}
    for parameter in taken.all(taken.first(envelope, "Parametres"), "ParametreIndiv"):
        code = (parameter.findtext("Code") or "").strip()
        if code in (FLOW_ID, PRODUCED) and code not in values:
            taken.text(parameter, "Code")
            values[code] = taken.text(parameter, "Valeurparametre")
    parties = []
    for part in ("Recepteur", "Emetteur"):
        party = taken.first(envelope, "Partenaires", part)
        if party is not None:
            parties.append(Party(part, id=taken.text(party, "Id"), name=taken.text(party, "Libelle")))
    return MessageHead(
        message_id=values.get(FLOW_ID, ""), produced_text=values.get(PRODUCED, ""), parties=tuple(parties)
    )


def _invoice(unit: etree._Element, ordinal: int, head: MessageHead) -> ReceivedStatus:
    taken = Taken(NAMESPACES)
    supplier, debtor, data = (taken.first(unit, name) for name in ("Fournisseur", "Debiteur", "DonneesStatut"))
    seller_type, seller_id = taken.text(supplier, "TypeIdentifiant"), taken.text(supplier, "Identifiant")
    at_text, issued_text = taken.text(data, "Horodatage"), taken.text(data, "DateFacture")
    label, comment = taken.text(data, "ComplementStatut"), taken.text(data, "Commentaire")
    if (debtor_type := taken.first(debtor, "TypeIdentifiant")) is not None and debtor_type.text == SIRET_TYPE:
        taken.text(debtor, "TypeIdentifiant")
    taken.attribute(unit, "NumOrdre")
    siret = seller_type == SIRET_TYPE and len(seller_id) == SIRET_CHARACTERS
    code = _code(taken.text(data, "IdStatut"))
    one = ReceivedStatus(
        format=StatusFormat.CPP_INVOICE,
        code=code,
        label=label,
        at=instant_of(at_text),
        at_text=at_text,
        number=taken.text(data, "IdFacture"),
        issued_on=day(issued_text),
        issued_on_text=issued_text,
        type_code="",
        seller_id=seller_id,
        seller_id_type=seller_type,
        seller_siren=seller_id[:SIREN_CHARACTERS] if siret else "",
        seller_name=taken.text(supplier, "RaisonSociale"),
        seller_country=taken.text(supplier, "CodePays"),
        buyer_siret=taken.text(debtor, "Identifiant"),
        buyer_name=taken.text(debtor, "Nom"),
        service_code=taken.text(debtor, "CodeService"),
        service_name=taken.text(debtor, "NomService"),
        actor_code=taken.attribute(taken.first(data, "Producteur"), "Id"),
        reasons=tuple(Reason(code) for code in quoted_motives(label, comment)),
        comment=comment,
        mandate_number=taken.text(data, "IdMandatDP"),
        payments=mandated(code, comment),
        message_id=head.message_id,
        ordinal=ordinal,
        line=line_number(unit),
    )
    return replace(one, rest=taken.rest(unit))


def _flow(unit: etree._Element, ordinal: int, head: MessageHead) -> ReceivedFlowStatus:
    taken = Taken(NAMESPACES)
    data = taken.first(unit, "DonneesStatut")
    at_text = taken.text(data, "Horodatage")
    taken.attribute(unit, "NumOrdre")
    comment, note = taken.text(data, "Commentaire"), taken.text(data, "Note")
    details = taken.first(data, "Details")
    taken.attribute(details, "NbLignesErreur")
    reasons = tuple(_error_line(line, taken) for line in taken.all(details, "LigneErreurDetail"))
    one = ReceivedFlowStatus(
        format=StatusFormat.CPP_FLOW,
        code=_code(taken.text(data, "IdStatut")),
        label=taken.text(data, "ComplementStatut"),
        at=instant_of(at_text),
        at_text=at_text,
        flow_id=taken.text(data, "IdFlux"),
        actor_code=taken.text(data, "IdProducteur"),
        reasons=reasons,
        comment=comment if note in ("", comment) else "\n".join(filter(None, (comment, note))),
        ordinal=ordinal,
        line=line_number(unit),
        message_id=head.message_id,
    )
    return replace(one, rest=taken.rest(unit))


def _code(text: str) -> str:
    """A status code in its two digits: the schema takes it for a number, so 7 is 07."""
    return f"{int(text):02d}" if _NUMBER.fullmatch(text) else text


def _error_line(line: etree._Element, taken: Taken) -> Reason:
    number, nature = taken.attribute(line, "IdLigne"), taken.text(line, "NatureErreur")
    description = taken.text(line, "DescriptionErreur")
    return Reason(
        code=taken.text(line, "CodeErreur"),
        text=taken.text(line, "LibelleErreur"),
        notes=(Note(description, code=nature, subject=number),),
    )
