"""Status documents, read and checked one by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from lxml import etree

from data_contracts.answers import FindingRow
from data_contracts.history import StatusMessage
from data_contracts.interfaces import Syntax
from data_contracts.limits import CDAR_BYTES_MAX
from data_contracts.refusals import DocumentUnreadable
from pipelines.parsing.opening import STATUS_ROOT
from pipelines.parsing.values import line_number
from pipelines.parsing.xml_gate import gated
from pipelines.tracking import cpp_structure
from pipelines.tracking.cdar_reading import read_cdar_tree
from pipelines.tracking.cdar_schema import schema_findings
from pipelines.tracking.cpp_reading import read_cpp
from pipelines.tracking.findings import TOO_MANY
from pipelines.tracking.status_checks import status_findings
from pipelines.tracking.structure_checks import Places, count_findings, structure_findings

CPP_ROOT = "CPPStatut"
HOLDERS = frozenset({"CPPFactureStatuts", "CPPFluxStatuts"})


def read_status(document: bytes, syntax: Syntax) -> StatusMessage:
    """What a status document says, with what is wrong with it.

    Shape    `findings` hold what the structure and our own checks say, each by the status concerned;
             `StatusMessage.sound` are the statuses that may be taken on. What the official rules say of a CDAR is asked
             of many at once (`official`).
    Errors   DocumentUnreadable, as `xml_gate.gated`, or with IRR_TYPE_F for another document than `syntax` says;
             ValueError for a syntax that holds no statuses; ConfigurationError when the schema of CDAR is missing.
    Cost     one parse and a few walks of the tree.
    """
    if syntax is Syntax.CDAR:
        return read_cdar(document)
    if syntax is Syntax.CPP_STATUS:
        return read_cpp_status(document)
    raise ValueError(f"{syntax} holds no statuses")


def read_cpp_status(document: bytes) -> StatusMessage:
    """What a CPPStatut says (CPPFactureStatuts or CPPFluxStatuts). As `read_status`."""
    root = _rooted(document, CPP_ROOT, "CPPStatut")
    message, units = read_cpp(root)
    holders = [one for one in root if one.tag in HOLDERS]
    places = Places(root, units)
    return _with(
        message,
        structure_findings(root, cpp_structure.ROOT_TYPE, cpp_structure.TYPES, places),
        count_findings(holders[0] if len(holders) == 1 else None, len(units)),
    )


def read_cdar(document: bytes) -> StatusMessage:
    """What a CDAR D22B says. As `read_status`; IRR_TAILLE_F beyond `CDAR_BYTES_MAX`."""
    if len(document) > CDAR_BYTES_MAX:
        raise DocumentUnreadable.saying(
            "IRR_TAILLE_F", "parsing-statuses-size", size=str(len(document)), most=str(CDAR_BYTES_MAX)
        )
    root = _rooted(document, STATUS_ROOT, "CDAR")
    message, units = read_cdar_tree(root)
    return _with(message, schema_findings(root, units, document))


def _with(message: StatusMessage, *parts: Iterable[tuple[int, FindingRow]]) -> StatusMessage:
    """The message with all that was found, by status, then in the order of the layers."""
    found = [*chain(*parts)]
    # What has too many faults is out whole: ours would be told of nothing that is taken on.
    if all(one["rule"] != TOO_MANY for _, one in found):
        found += status_findings(message)
    return replace(message, findings=tuple(sorted(found, key=lambda one: one[0])))


def _rooted(document: bytes, root_name: str, label: str) -> etree._Element:
    root = gated(document).getroot()
    if root.tag == root_name:
        return root
    raise DocumentUnreadable.saying(
        "IRR_TYPE_F", "parsing-root", where=f"line {line_number(root)}", value=str(root.tag)[:200], label=label
    )
