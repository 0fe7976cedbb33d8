"""The Enveloppe block that CPPStatut and CPPFacturePivot share: who answers whom, under which flow id, when.

Source   CPPStatutPivot V1_19 and CPPFacturePivot V2_02, element EnveloppeUnitaire: DtPrd and IdFlx are the two
         parameters that must be there.
"""

from __future__ import annotations

from data_contracts.answers import Header
from pipelines.acknowledgment.elements import instant
from pipelines.acknowledgment.xml_text import text


def envelope_text(header: Header) -> str:
    """The Enveloppe element of an answer, as text. `IdFlx` is the id of the answer's own flow."""
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
