"""The acknowledgment of a Chorus Pro flow: CPPStatut with CPPFluxStatuts.

Source   CPPStatutPivot V1_19; codes 90, 93, 96 in `data_contracts.statuses`. No text of it has a length in the schema.
"""

from __future__ import annotations

from collections.abc import Iterator

from data_contracts.answers import ErrorLine, FlowAnswer
from data_contracts.errors import ContractBroken
from data_contracts.limits import COMMENT_CHARACTERS_MAX, STATUS_COMPLEMENT_CHARACTERS_MAX
from data_contracts.messages import Language
from data_contracts.statuses import StatusFormat, status
from pipelines.acknowledgment.cpp_envelope import envelope_text
from pipelines.acknowledgment.elements import bilingual, cut, instant, shortened
from pipelines.acknowledgment.xml_text import DECLARATION, element, text

CPP_STATUS_VERSION = "V1_19"


def cpp_flow_status(answer: FlowAnswer) -> bytes:
    """The bytes of the CPPStatut that acknowledges a flow: `cpp_flow_status_parts`, in one piece."""
    return b"".join(cpp_flow_status_parts(answer))


def cpp_flow_status_parts(answer: FlowAnswer) -> Iterator[bytes]:
    """The CPPStatut that acknowledges a flow: its bytes, part by part.

    Shape    one LigneErreurDetail for each error line, in order; no Details when there is none.
    Errors   ContractBroken if the code is not one of CPPFluxStatuts.
    Cost     linear in the lines; memory holds one of them.
    """
    yield (
        f'{DECLARATION}<CPPStatut Version="{CPP_STATUS_VERSION}">{envelope_text(answer.header)}'
        '<CPPFluxStatuts compteur="1"><CPPFluxStatutUnitaire NumOrdre="1"><DonneesStatut>'
        f"{_status(answer)}"
    ).encode()
    if answer.lines:
        yield f'<Details NbLignesErreur="{len(answer.lines)}">'.encode()
        for number, line in enumerate(answer.lines, start=1):
            yield _line(number, line).encode()
        yield b"</Details>"
    yield b"</DonneesStatut></CPPFluxStatutUnitaire></CPPFluxStatuts></CPPStatut>"


def _status(answer: FlowAnswer) -> str:
    row = status(StatusFormat.CPP_FLOW, answer.code)
    if row is None:
        raise ContractBroken("not a flow status of CPPStatut", where="FlowAnswer.code", value=answer.code)
    comment = bilingual(answer.comment_fr, answer.comment_en, COMMENT_CHARACTERS_MAX)
    return "".join(
        (
            element("", "IdStatut", row.code),
            element("", "ComplementStatut", cut(row.label_fr, STATUS_COMPLEMENT_CHARACTERS_MAX)),
            element("", "Commentaire", comment or None),
            element("", "Horodatage", instant(answer.header.produced_at)),
            element("", "IdFlux", answer.flow_id),
        )
    )


def _line(number: int, line: ErrorLine) -> str:
    begun = line.message_fr.startswith(line.subject)
    label = line.message_fr if begun else f"{line.subject} : {line.message_fr}"
    return (
        f'<LigneErreurDetail IdLigne="{number}">\n  <NatureErreur>{text(line.nature)}</NatureErreur>\n'
        f"  <CodeErreur>{text(line.code)}</CodeErreur>\n"
        f"  <LibelleErreur>{text(shortened(label, COMMENT_CHARACTERS_MAX, Language.FR))}</LibelleErreur>\n"
        f"  <DescriptionErreur>{text(shortened(line.message_en, COMMENT_CHARACTERS_MAX, Language.EN))}"
        "</DescriptionErreur>\n</LigneErreurDetail>\n"
    )
