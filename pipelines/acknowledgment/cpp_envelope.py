"""The Enveloppe block that CPPStatut and CPPFacturePivot share: who answers whom, under which flow id, when.

Source   CPPStatutPivot V1_19 and CPPFacturePivot V2_02, element EnveloppeUnitaire: DtPrd and IdFlx are the two
         parameters that must be there.
"""

from __future__ import annotations

from lxml import etree

from data_contracts.answers import Header
from pipelines.acknowledgment.elements import child, instant
from pipelines.acknowledgment.xml_text import text


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


def envelope_text(header: Header) -> str:
    """The same as text."""
    name = header.name
    values = (("DtPrd", instant(header.produced_at)[:10]), ("IdFlx", name.flow_id))
    parameters = "".join(
        f'      <ParametreIndiv NumOrdre="{order:04d}">\n        <Code>{code}</Code>\n'
        f"        <Valeurparametre>{text(value)}</Valeurparametre>\n      </ParametreIndiv>\n"
        for order, (code, value) in enumerate(values, start=1)
    )
    return (
        f'<Enveloppe>\n  <EnveloppeUnitaire NumOrdre="1">\n    <Parametres>\n{parameters}    </Parametres>\n'
        f"    <Partenaires>\n      <Recepteur>\n        <Id>{text(name.partner_code)}</Id>\n      </Recepteur>\n"
        f"      <Emetteur>\n        <Id>{text(name.emitter_code)}</Id>\n      </Emetteur>\n    </Partenaires>\n"
        "  </EnveloppeUnitaire>\n</Enveloppe>\n"
    )
