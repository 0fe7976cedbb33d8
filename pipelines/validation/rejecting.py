"""Which findings reject an invoice, by the policy of its circuit; and which of ours say again what another says."""

from __future__ import annotations

from collections.abc import Sequence

from data_contracts.answers import FindingRow
from data_contracts.interfaces import Circuit
from data_contracts.rule_sets import POLICIES
from data_contracts.tables import Flag
from pipelines.validation.management_rules import RULE_BY_ID

FRENCH_RULES_PREFIX = "fr.fnfe.br-fr"
OWN_RULES_PREFIXES = ("relais.", "xsd:")


def rejects(finding: FindingRow, circuit: Circuit) -> bool:
    """Whether a finding rejects the invoice under the circuit's policy."""
    if finding["flag"] != Flag.FATAL:
        return False
    rule_set, policy = finding["rule_set"], POLICIES[circuit]
    if rule_set.startswith(OWN_RULES_PREFIXES):
        return True
    return policy.french_rules_reject if rule_set.startswith(FRENCH_RULES_PREFIX) else policy.profile_rules_reject


def not_told_twice(own: Sequence[FindingRow], told: Sequence[FindingRow], circuit: Circuit) -> list[FindingRow]:
    """The findings of management rules on an invoice, without those that official findings on it already tell.

    A fault that only ours rejects stays told by ours, whatever official warnings say of it.
    """
    by_id: dict[str, list[FindingRow]] = {}
    for finding in told:
        by_id.setdefault(finding["rule"], []).append(finding)
    kept = []
    for finding in own:
        same = [twin for official in RULE_BY_ID[finding["rule"]].repeats for twin in by_id.get(official, ())]
        ours_alone = rejects(finding, circuit) and not any(rejects(twin, circuit) for twin in same)
        if not same or ours_alone:
            kept.append(finding)
    return kept
