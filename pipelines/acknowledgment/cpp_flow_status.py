"""The acknowledgment of a Chorus Pro flow: CPPStatut with CPPFluxStatuts.

Source   CPPStatutPivot V1_19; codes 90, 93, 96 in `data_contracts.statuses`.
"""

from __future__ import annotations

from lxml import etree

from data_contracts.answers import ErrorLine, FlowAnswer
from data_contracts.errors import ContractBroken
from data_contracts.limits import COMMENT_CHARACTERS_MAX, STATUS_COMPLEMENT_CHARACTERS_MAX
from data_contracts.statuses import StatusFormat, status
from pipelines.acknowledgment.cpp_envelope import cpp_envelope
from pipelines.acknowledgment.elements import Streamed, bilingual, children, cut, instant

CPP_STATUS_VERSION = "V1_19"


def cpp_flow_status(answer: FlowAnswer) -> bytes:
    """The bytes of the CPPStatut that acknowledges a flow.

    Shape    one LigneErreurDetail for each error line, in order; no Details when there is none.
    Errors   ContractBroken if the code is not one of CPPFluxStatuts.
    Cost     linear in the lines; memory holds the written bytes and one line.
    """
    written = Streamed()
    with written.file as file:
        file.write_declaration()
        with file.element("CPPStatut", {"Version": CPP_STATUS_VERSION}):
            file.write(cpp_envelope(answer.header), pretty_print=True)
            with (
                file.element("CPPFluxStatuts", {"compteur": "1"}),
                file.element("CPPFluxStatutUnitaire", {"NumOrdre": "1"}),
                file.element("DonneesStatut"),
            ):
                for element in _status(answer):
                    file.write(element, pretty_print=True)
                if answer.lines:
                    with file.element("Details", {"NbLignesErreur": str(len(answer.lines))}):
                        for number, line in enumerate(answer.lines, start=1):
                            file.write(_line(number, line), pretty_print=True)
    return written.bytes()


def _status(answer: FlowAnswer) -> list[etree._Element]:
    row = status(StatusFormat.CPP_FLOW, answer.code)
    if row is None:
        raise ContractBroken("not a flow status of CPPStatut", where="FlowAnswer.code", value=answer.code)
    parent = etree.Element("DonneesStatut")
    comment = bilingual(answer.comment_fr, answer.comment_en, COMMENT_CHARACTERS_MAX)
    children(
        parent,
        (
            ("IdStatut", row.code),
            ("ComplementStatut", cut(row.label_fr, STATUS_COMPLEMENT_CHARACTERS_MAX)),
            ("Commentaire", comment or None),
            ("Horodatage", instant(answer.header.produced_at)),
            ("IdFlux", answer.flow_id),
        ),
    )
    return list(parent)


def _line(number: int, line: ErrorLine) -> etree._Element:
    element = etree.Element("LigneErreurDetail", {"IdLigne": str(number)})
    begun = line.message_fr.startswith(line.subject)
    label = line.message_fr if begun else f"{line.subject} : {line.message_fr}"
    children(
        element,
        (
            ("NatureErreur", line.nature),
            ("CodeErreur", line.code),
            ("LibelleErreur", cut(label, COMMENT_CHARACTERS_MAX)),
            ("DescriptionErreur", cut(line.message_en, COMMENT_CHARACTERS_MAX)),
        ),
    )
    return element
