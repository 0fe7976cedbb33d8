"""Status documents, read and checked one by one."""

from __future__ import annotations

from lxml import etree

from data_contracts.errors import DocumentUnreadable
from data_contracts.history import StatusMessage
from data_contracts.interfaces import Syntax
from pipelines.parsing.opening import STATUS_ROOT
from pipelines.parsing.values import line_number
from pipelines.parsing.xml_gate import gated
from pipelines.tracking.cdar_reading import read_cdar_tree
from pipelines.tracking.cpp_reading import read_cpp

CPP_ROOT = "CPPStatut"


def read_status(document: bytes, syntax: Syntax) -> StatusMessage:
    """What a status document says, with what is wrong with it.

    Shape    `findings` hold what the structure, the official rules on life cycles and our own checks say, each by the
             status concerned; `StatusMessage.sound` are the statuses that may be taken on.
    Errors   DocumentUnreadable, as `xml_gate.gated`, or with IRR_TYPE_F for another document than `syntax` says;
             ValueError for a syntax that holds no statuses.
    Cost     one parse and a few walks of the tree: 0.3 ms a CDAR, 0.1 ms a unit of CPPStatut.
    """
    if syntax is Syntax.CDAR:
        return read_cdar(document)
    if syntax is Syntax.CPP_STATUS:
        return read_cpp_status(document)
    raise ValueError(f"{syntax} holds no statuses")


def read_cpp_status(document: bytes) -> StatusMessage:
    """What a CPPStatut says (CPPFactureStatuts or CPPFluxStatuts). As `read_status`."""
    return read_cpp(_rooted(document, CPP_ROOT, "CPPStatut"))


def read_cdar(document: bytes) -> StatusMessage:
    """What a CDAR D22B says. As `read_status`."""
    return read_cdar_tree(_rooted(document, STATUS_ROOT, "CDAR"))


def _rooted(document: bytes, root_name: str, label: str) -> etree._Element:
    root = gated(document).getroot()
    if root.tag == root_name:
        return root
    raise DocumentUnreadable(
        "IRR_TYPE_F",
        f"the document is no {label}",
        what_fr=f"le document n'est pas un {label}",
        where=f"line {line_number(root)}",
        value=str(root.tag)[:200],
        remedy="send this document under the interface of its syntax",
    )
