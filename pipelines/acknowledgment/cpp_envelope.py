"""The Enveloppe block that CPPStatut and CPPFacturePivot share: who answers whom, under which flow id, when.

Source   CPPStatutPivot V1_19 and CPPFacturePivot V2_02, element EnveloppeUnitaire: DtPrd and IdFlx are the two
         parameters that must be there.
"""

from __future__ import annotations

from lxml import etree

from data_contracts.answers import Header
from pipelines.acknowledgment.elements import child, instant


def cpp_envelope(header: Header) -> etree._Element:
    """The Enveloppe element of an answer. `IdFlx` is the id of the answer's own flow."""
    envelope = etree.Element("Enveloppe")
    unit = child(envelope, "EnveloppeUnitaire", NumOrdre="1")
    parameters = child(unit, "Parametres")
    values = (("DtPrd", instant(header.produced_at)[:10]), ("IdFlx", header.name.flow_id))
    for order, (code, value) in enumerate(values, start=1):
        parameter = child(parameters, "ParametreIndiv", NumOrdre=f"{order:04d}")
        child(parameter, "Code", code)
        child(parameter, "Valeurparametre", value)
    partners = child(unit, "Partenaires")
    child(child(partners, "Recepteur"), "Id", header.name.partner_code)
    child(child(partners, "Emetteur"), "Id", header.name.emitter_code)
    return envelope
