"""The verdict on one document: a fact drawn from what each official layer said. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from data_contracts.tables import Flag, Verdict
from pipelines.validation.judge import Judgment


class VerdictRow(TypedDict):
    """One row of `tables.VERDICTS`."""

    flow_key: str
    position: int
    verdict: str
    xsd_valid: bool | None
    rule_sets: list[str]
    cause: str | None


@dataclass(frozen=True)
class Layer:
    """One official rule file that is due on a document. `judgment` is None when it did not run.

    `label` is `coordinate@sha256`.
    """

    coordinate: str
    label: str
    judgment: Judgment | None


SCHEMA_LAYER = "xsd"
NOT_XML = "IRR_SYNTAX"
"""The motive under which a document that is not well-formed is refused."""


def verdict(
    flow_key: str, position: int, *, xsd_valid: bool | None, layers: Sequence[Layer], schema_name: str | None = ""
) -> VerdictRow:
    """The row of one document. `schema_name` is None when no schema was asked for.

    Shape    undetermined when a layer crashed or did not run, whatever the others say: nobody knows all that is wrong;
             else invalid when the schema says so or a fatal official rule is broken; else valid. What is known to be
             wrong stands in the findings either way, and acceptance goes by them. A warning never makes invalid.
    Nulls    `cause` names the first layer that gave no answer, on an undetermined document only.
    """
    fatal = any(hit.flag == Flag.FATAL.value for layer in layers if layer.judgment for hit in layer.judgment.hits)
    cause = _cause(xsd_valid, layers, schema_name)
    if cause is not None:
        outcome = Verdict.UNDETERMINED
    elif xsd_valid is False or fatal:
        outcome = Verdict.INVALID
    else:
        outcome = Verdict.VALID
    return VerdictRow(
        flow_key=flow_key,
        position=position,
        verdict=outcome.value,
        xsd_valid=xsd_valid,
        rule_sets=[layer.label for layer in layers if layer.judgment is not None and layer.judgment.crashed is None],
        cause=cause,
    )


def stopped(flow_key: str, position: int, stops: int) -> VerdictRow:
    """The row of a document whose batch took its worker down: nothing is known, so it is set aside."""
    return set_aside(flow_key, position, f"batch stopped its worker {stops} times")


def set_aside(flow_key: str, position: int, cause: str) -> VerdictRow:
    """The row of a document of which nothing is known, for a cause that is ours."""
    return VerdictRow(
        flow_key=flow_key,
        position=position,
        verdict=Verdict.UNDETERMINED.value,
        xsd_valid=None,
        rule_sets=[],
        cause=cause,
    )


def unreadable(flow_key: str, position: int, motive: str) -> VerdictRow:
    """The row of a document that cannot be read as an invoice of its syntax, under the motive of its refusal.

    Nulls    `xsd_valid` is False where there is no XML document, in libxml2's own word; null where none was asked.
    """
    return VerdictRow(
        flow_key=flow_key,
        position=position,
        verdict=Verdict.INVALID.value,
        xsd_valid=False if motive == NOT_XML else None,
        rule_sets=[],
        cause=None,
    )


def _cause(xsd_valid: bool | None, layers: Sequence[Layer], schema_name: str | None) -> str | None:
    if xsd_valid is None and schema_name is not None:
        return f"{SCHEMA_LAYER}:{schema_name}: did not run"
    for layer in layers:
        if layer.judgment is None:
            return f"{layer.coordinate}: did not run"
        if layer.judgment.crashed is not None:
            return f"{layer.coordinate}: {layer.judgment.crashed}"
    return None
