"""The reasons to refuse a route. Rule ids are ours; sentences are `routing-{id}` of the catalogue of messages."""

from __future__ import annotations

from dataclasses import dataclass

from data_contracts.answers import FindingRow, InvoiceRow
from data_contracts.messages import both
from data_contracts.tables import Flag

RULE_SET = "relais.routing:2"


@dataclass(frozen=True)
class RoutingRule:
    """What a rule is told under: its motive and the terms it speaks of."""

    motive: str
    terms: tuple[str, ...]


_SIRET_TERMS = ("BT-46", "BT-47")
_ADDRESS_TERMS = ("BT-49",)

ROUTING_RULES: dict[str, RoutingRule] = {
    "RLS-ROUTE-01": RoutingRule("DEST_INC", _SIRET_TERMS),
    "RLS-ROUTE-02": RoutingRule("DEST_INC", _SIRET_TERMS),
    "RLS-ROUTE-03": RoutingRule("DEST_INC", _SIRET_TERMS),
    "RLS-ROUTE-04": RoutingRule("REJ_CONT_B2G", ("BT-10",)),
    "RLS-ROUTE-05": RoutingRule("REJ_CONT_B2G", ("BT-10",)),
    "RLS-ROUTE-06": RoutingRule("REJ_CONT_B2G", ("BT-10",)),
    "RLS-ROUTE-07": RoutingRule("REJ_CONT_B2G", ("BT-13",)),
    "RLS-ROUTE-08": RoutingRule("REJ_CONT_B2G", ("BT-10", "BT-13")),
    "RLS-ROUTE-09": RoutingRule("REJ_CONT_B2G", ("BT-10", "BT-30")),
    "RLS-ROUTE-10": RoutingRule("ADR_ERR", _ADDRESS_TERMS),
    "RLS-ROUTE-11": RoutingRule("REJ_ADR", _ADDRESS_TERMS),
    "RLS-ROUTE-12": RoutingRule("REJ_ADR", _ADDRESS_TERMS),
    "RLS-ROUTE-13": RoutingRule("REJ_ADR", _ADDRESS_TERMS),
}
"""01 to 03 the structure; 04 to 08 its demands; 09 a service for public senders alone; 10 to 13 the address: unknown,
not in force, received by another platform, received by none yet."""


def finding(
    invoice: InvoiceRow, rule: str, *, found: str | None = None, expected: str | None = None, **named: str
) -> FindingRow:
    """A finding of one of these rules. `named` fills in its sentence."""
    said = both(f"routing-{rule}", **named)
    return FindingRow(
        flow_key=invoice["flow_key"],
        position=invoice["position"],
        rule_set=RULE_SET,
        rule=rule,
        flag=Flag.FATAL,
        terms=list(ROUTING_RULES[rule].terms),
        location=None,
        line=None,
        found=found,
        expected=expected,
        message_fr=said.fr,
        message_en=said.en,
    )
