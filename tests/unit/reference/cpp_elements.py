"""What both CPP documents are built of, by lxml: children of an element, the envelope, a document written by units."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

from lxml import etree

from data_contracts.answers import Header
from pipelines.acknowledgment.elements import child, instant

Parts = Iterable[tuple[str, str | None]]
"""Tags with their texts; a None text means that the element is not written."""


def children(parent: etree._Element, parts: Parts) -> None:
    """Add one child for each part that has a text, in order."""
    for tag, text in parts:
        if text is not None:
            child(parent, tag, text)


class Streamed:
    """A document written unit by unit, so that memory holds one unit besides the bytes already written."""

    def __init__(self) -> None:
        self._buffer = BytesIO()
        self.file = etree.xmlfile(self._buffer, encoding="UTF-8")

    def bytes(self) -> bytes:
        return self._buffer.getvalue()


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
