"""Flows as a person names them: by key, by the first characters of it, or by name."""

from __future__ import annotations

from typing import Any

from data_contracts.errors import ConfigurationError

ID_CHARACTERS_MIN = 6
"""Characters of a flow key that are enough to name it, if no other begins with them."""


def names(wanted: str, flow_key: str, flow_name: str) -> bool:
    """Whether a flow may be meant."""
    return wanted in (flow_key, flow_name) or (len(wanted) >= ID_CHARACTERS_MIN and flow_key.startswith(wanted))


def flow_key(built: Any, wanted: str, where: str) -> str:
    """The key of the one flow that is meant. ConfigurationError if there is none, or more than one."""
    flows = built.ledger.flows_named(wanted, by_prefix=len(wanted) >= ID_CHARACTERS_MIN)
    found = {flow.flow_key for flow in flows if names(wanted, flow.flow_key, flow.name)}
    if len(found) != 1:
        problem = "no flow is named so" if not found else "more than one flow is named so"
        raise ConfigurationError(problem, where=where, value=wanted, remedy="write the flow's whole key")
    return str(found.pop())
