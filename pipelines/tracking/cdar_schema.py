"""What the official schema says of a CDAR, by the status that it concerns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lxml import etree

from data_contracts.answers import FindingRow
from data_contracts.history import MESSAGE
from data_contracts.rule_sets import CDAR_XSD
from pipelines.tracking.findings import TOO_MANY, Place, finding
from pipelines.tracking.structure_checks import FAULTS_MAX
from pipelines.validation.places import Places
from pipelines.validation.schema import schema_verdict
from pipelines.validation.streamed_schema import errors_beyond

_STEPS = 4
"""Parts of the path of a status, with the empty one before the root: `/Message/Acknowledgement/Reference`."""


COUNTED_FIRST_BYTES = 400_000
"""Bytes from which the errors of a message are counted before they are placed: placing many costs their square."""


def schema_findings(
    root: etree._Element, units: Sequence[etree._Element], document: bytes
) -> Iterator[tuple[int, FindingRow]]:
    """One finding for each error, up to `FAULTS_MAX`; beyond it, one that takes out the whole message, and of a large
    one no other.

    Shape    `units` are the elements of the statuses, in order of their ordinals.
    Errors   ConfigurationError when the schema is missing.
    Cost     nothing beyond libxml2's own walk for a valid message; two of them for a large one.
    """
    if len(document) >= COUNTED_FIRST_BYTES and errors_beyond(document, CDAR_XSD, FAULTS_MAX):
        yield finding(TOO_MANY, Place(MESSAGE), most=str(FAULTS_MAX))
        return
    places = Places(root)
    told = schema_verdict("", MESSAGE, places, CDAR_XSD, document, FAULTS_MAX).findings
    if told:
        ordinals = ordinals_by_path(places, units)
        yield from (on_status(row, ordinals) for row in told[:FAULTS_MAX])
    if len(told) > FAULTS_MAX:
        yield finding(TOO_MANY, Place(MESSAGE), most=str(FAULTS_MAX))


def ordinals_by_path(places: Places, units: Sequence[etree._Element]) -> Mapping[str, int]:
    """The ordinal of each status by the path of its element."""
    return {_plain(places.path(unit)): ordinal for ordinal, unit in enumerate(units)}


def on_status(row: FindingRow, ordinals: Mapping[str, int]) -> tuple[int, FindingRow]:
    """A finding with the ordinal of the status that its location leads to; `MESSAGE` where it leads to none.

    Shape    `flow_key` is empty and `position` the ordinal, as `findings.finding`.
    """
    status = "/".join(_plain(row["location"] or "").split("/")[:_STEPS])
    ordinal = ordinals.get(status, MESSAGE)
    return ordinal, FindingRow(**{**row, "flow_key": "", "position": ordinal})


def _plain(path: str) -> str:
    """A path without the numbers of firsts, which only some writers of paths give."""
    return path.replace("[1]", "")
