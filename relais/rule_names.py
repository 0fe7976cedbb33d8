"""Rule sets by the names that people use: short names, coordinates, coordinates without version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from data_contracts import rule_sets
from data_contracts.errors import ConfigurationError
from data_contracts.interfaces import Circuit, Syntax
from data_contracts.rule_sets import BR_FR_CDAR, CDAR_XSD, RULE_SETS, RuleRegister, RuleSet
from pipelines.parsing.opening import Kind
from pipelines.validation.check import Demand, Due

FACTURX = "factur-x"
SHORT_NAMES: dict[str, tuple[RuleSet, ...]] = {
    "en16931": (rule_sets.EN16931_UBL, rule_sets.EN16931_CII),
    "br-fr": (rule_sets.BR_FR_UBL, rule_sets.BR_FR_CII),
    "extended-ctc-fr": (rule_sets.EXTENDED_CTC_FR_UBL, rule_sets.EXTENDED_CTC_FR_CII),
    FACTURX: (
        rule_sets.FACTURX_BASIC_WL,
        rule_sets.FACTURX_BASIC,
        rule_sets.FACTURX_EN16931,
        rule_sets.FACTURX_EXTENDED,
    ),
    "br-fr-cdar": (rule_sets.BR_FR_CDAR,),
}
"""A short name stands for the file of a document's syntax; `factur-x` for that of its profile."""


@dataclass(frozen=True)
class Asked:
    """Rule sets that one name stands for: at most one of them judges a document."""

    name: str
    rule_sets: tuple[RuleSet, ...]

    def due_on(self, kind: Kind) -> RuleSet | None:
        """The one that judges such a document; None when the name has no file for its syntax."""
        syntax = Syntax.CII if kind.syntax is Syntax.FACTURX else kind.syntax
        fitting = [row for row in self.rule_sets if row.syntax is syntax]
        if self.name == FACTURX and fitting:
            profile = rule_sets.checks(Circuit.AFNOR, Syntax.FACTURX, kind.root, kind.specification)
            fitting = [row for row in fitting if row.group in {one.group for one in profile.rules}]
        return fitting[0] if fitting else None


def asked(names: Sequence[str], register: RuleRegister, on: date) -> tuple[Asked, ...]:
    """What these names stand for on a day, each once.

    Shape    a coordinate with its version is that very file; without it, the version in force.
    Errors   ConfigurationError when a name stands for nothing.
    """
    return tuple(_asked(name, register, on) for name in dict.fromkeys(names))


def known(register: RuleRegister) -> tuple[RuleSet, ...]:
    """Every rule set, installed and registered."""
    return (*RULE_SETS.values(), *(release.rule_set for release in register.releases))


def demand_for(names: Sequence[str], register: RuleRegister, on: date, *, xsd: bool, syntax: Syntax | None) -> Demand:
    """What `relais check` asks of a document: the schema unless `xsd` is false, and the rules named.

    Without names, the rules of the document's profile, or those of a life-cycle status. Where rules are named, statuses
    are taken if some of them are for statuses.

    Errors   ConfigurationError when a name stands for nothing.
    """
    wanted = asked(names, register, on)

    def due(kind: Kind) -> Due:
        found = [(row.name, row.due_on(kind)) for row in wanted]
        chosen = tuple(dict.fromkeys(row for _, row in found if row is not None))
        inapplicable = tuple(name for name, row in found if row is None)
        if kind.syntax is Syntax.CDAR:
            schema = CDAR_XSD if xsd else None
            return Due(schema, chosen if wanted else (register.in_force(BR_FR_CDAR, on),), inapplicable)
        # The schemas of AFNOR interfaces: those of the Factur-X profiles for a PDF, the general ones otherwise.
        profile = rule_sets.checks(Circuit.AFNOR, kind.syntax, kind.root, kind.specification)
        schema = profile.schema if xsd else None
        if not wanted:
            return Due(schema, tuple(register.in_force(row, on) for row in profile.rules[:1]))
        return Due(schema, chosen, inapplicable)

    statuses = not wanted or any(rule_set.syntax is Syntax.CDAR for row in wanted for rule_set in row.rule_sets)
    return Demand(syntax, due, statuses)


def _asked(name: str, register: RuleRegister, on: date) -> Asked:
    if name in SHORT_NAMES:
        return Asked(name, tuple(register.in_force(row, on) for row in SHORT_NAMES[name]))
    for row in RULE_SETS.values():
        if name == row.group:
            return Asked(name, (register.in_force(row, on),))
    exact = [row for row in known(register) if row.coordinate == name]
    if exact:
        # Two files of one coordinate, when an operator replaced the installed one: that in force goes first.
        in_force = [row for row in exact if register.in_force(row, on) == row]
        return Asked(name, ((in_force or exact)[-1],))
    raise ConfigurationError(
        "no rule set has this name",
        where="rule sets",
        value=name,
        remedy=f"use {', '.join(SHORT_NAMES)}, or a coordinate that `relais rules list` shows",
    )
