"""Chorus Pro's own management rules, judged over a whole batch of invoices at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files

import polars as pl

from data_contracts.answers import FindingRow
from data_contracts.interfaces import Circuit
from pipelines.validation.management_sentences import sentences
from pipelines.validation.places import VALUE_CHARACTERS_MAX
from pipelines.validation.rules import (
    amounts,
    credit_notes,
    dates,
    frames,
    numbers,
    payments,
    recipients,
    suppliers,
    vat,
)
from pipelines.validation.rules.facts import CIRCUIT, Deposit, Terms, facts
from pipelines.validation.rules.family import Rule

RULE_SET = "relais.chorus-pro:2"
PACKAGE = "pipelines.validation.rules"

FAMILIES = {
    "numbers": numbers.RULES,
    "dates": dates.RULES,
    "frames": frames.RULES,
    "credit notes": credit_notes.RULES,
    "suppliers": suppliers.RULES,
    "recipients": recipients.RULES,
    "payments": payments.RULES,
    "vat": vat.RULES,
    "amounts": amounts.RULES,
}
RULES: tuple[Rule, ...] = tuple(rule for family in FAMILIES.values() for rule in family)
RULE_BY_ID = {rule.id: rule for rule in RULES}


@cache
def digest() -> str:
    """SHA-256 of the modules that hold the rules, in the order of their names."""
    modules = sorted((file for file in files(PACKAGE).iterdir() if file.name.endswith(".py")), key=lambda one: one.name)
    return sha256(b"".join(module.read_bytes() for module in modules)).hexdigest()


def label() -> str:
    """These rules as a verdict names what judged: `coordinate@sha256`, as of an official file."""
    return f"{RULE_SET}@{digest()}"


def management_findings(terms: Terms, deposits: Mapping[str, Deposit]) -> Iterator[FindingRow]:
    """One finding for each readable invoice and rule that it breaks: circuit by circuit, in the order of the invoices,
    then of `RULES`.

    Shape    `deposits` by flow key; every flow of the invoices is there.
    Nulls    a rule that cannot tell counts as broken.
    Cost     a few polars queries a batch, whatever its size; what is found is worked out for broken rules alone.
    """
    known = facts(terms, deposits)
    for circuit in Circuit:
        rules = [rule for rule in RULES if circuit in rule.on]
        yield from _findings(known.filter(pl.col(CIRCUIT) == circuit.value), rules, circuit)


def _findings(invoices: pl.DataFrame, rules: list[Rule], circuit: Circuit) -> Iterator[FindingRow]:
    if invoices.is_empty():
        return
    broken = invoices.select((~rule.holds.fill_null(False)).alias(rule.id) for rule in rules)
    somehow = broken.select(pl.any_horizontal(pl.all())).to_series()
    if not somehow.any():
        return
    broken, invoices = broken.filter(somehow), invoices.filter(somehow)
    rules = [rule for rule in rules if broken[rule.id].any()]
    said = invoices.select(
        *(rule.found.str.slice(0, VALUE_CHARACTERS_MAX).alias(f"found {rule.id}") for rule in rules),
        *(_expected(rule).alias(f"expected {rule.id}") for rule in rules),
    ).to_dict(as_series=False)
    hits = {rule.id: broken[rule.id].to_list() for rule in rules}
    keys = zip(invoices["flow_key"].to_list(), invoices["position"].to_list(), strict=True)
    for row, (flow_key, position) in enumerate(keys):
        for rule in rules:
            if hits[rule.id][row]:
                found, expected = said[f"found {rule.id}"][row], said[f"expected {rule.id}"][row]
                told = sentences(rule.id, found, expected)
                yield FindingRow(
                    flow_key=flow_key,
                    position=position,
                    rule_set=RULE_SET,
                    rule=rule.id,
                    flag=rule.flag_on(circuit).value,
                    terms=list(rule.terms),
                    location=None,
                    line=None,
                    found=found,
                    expected=expected,
                    message_fr=told.fr,
                    message_en=told.en,
                )


def _expected(rule: Rule) -> pl.Expr:
    return rule.expected if isinstance(rule.expected, pl.Expr) else pl.lit(rule.expected, dtype=pl.String())
