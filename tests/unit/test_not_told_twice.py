"""A fault that an official rule tells is not told again by ours, unless ours alone refuses it."""

from __future__ import annotations

import pytest

from data_contracts.interfaces import Circuit
from data_contracts.rule_sets import RULE_SETS
from pipelines.validation.management_rules import RULE_SET, RULES
from pipelines.validation.rejecting import not_told_twice, rejects
from pipelines.validation.rule_files import file_of
from relais.rule_texts import rule_texts
from tests.unit.rows import finding

FRENCH = "fr.fnfe.br-fr-flux2.ubl:1.4.0"
EUROPEAN = "eu.cen.en16931.ubl:1.3.16"
HISTORICAL, AFNOR = Circuit.CHORUS_PRO, Circuit.AFNOR


@pytest.mark.parametrize(
    ("circuit", "ours", "flag", "official", "stays"),
    [
        # The official rule refuses: nothing to add.
        (AFNOR, "G1.02", "fatal", (FRENCH, "BR-FR-08_BT-23", "fatal"), False),
        (AFNOR, "G1.10", "fatal", (EUROPEAN, "BR-CL-04", "fatal"), False),
        # It only warns, or is of another fault: ours refuses.
        (AFNOR, "G1.02", "fatal", (FRENCH, "BR-FR-08_BT-23", "warning"), True),
        (AFNOR, "G1.02", "fatal", (FRENCH, "BR-FR-04_BT-3", "fatal"), True),
        # On the historical circuit official rules refuse nothing: ours decides.
        (HISTORICAL, "G1.10", "fatal", (EUROPEAN, "BR-CL-04", "fatal"), True),
        # Where ours warns too, one warning is enough.
        (HISTORICAL, "RLS-CPRO-32", "warning", (EUROPEAN, "BR-CO-15", "fatal"), False),
        (HISTORICAL, "RLS-CPRO-32", "warning", (EUROPEAN, "BR-CO-10", "fatal"), True),
    ],
)
def test_ours_is_told_where_it_adds_something(
    circuit: Circuit, ours: str, flag: str, official: tuple[str, str, str], stays: bool
) -> None:
    own = finding(RULE_SET, ours, flag=flag)
    told = finding(official[0], official[1], flag=official[2])
    assert not_told_twice([own], [told], circuit) == ([own] if stays else [])


def test_schema_and_own_rules_refuse_everywhere_and_warnings_nowhere() -> None:
    for circuit in Circuit:
        assert rejects(finding(RULE_SET, "G1.07"), circuit)
        assert rejects(finding("xsd:UBL 2.1 Invoice", "XSD"), circuit)
        assert not rejects(finding(RULE_SET, "G1.07", flag="warning"), circuit)
        assert rejects(finding(FRENCH, "BR-FR-08_BT-23"), circuit) is (circuit is AFNOR)


def test_the_rules_that_ours_repeat_are_rules_of_the_official_files() -> None:
    official = {text.rule for rule_set in RULE_SETS.values() for text in rule_texts(file_of(rule_set))}
    named = {name for rule in RULES for name in rule.repeats}
    assert named - official == set()
