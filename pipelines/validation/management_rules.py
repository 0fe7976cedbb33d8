"""Chorus Pro's own management rules, judged over a whole batch of invoices at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from data_contracts.answers import FindingRow
from data_contracts.interfaces import Circuit
from pipelines.validation.places import VALUE_CHARACTERS_MAX
from pipelines.validation.rules import amounts, codes, dates, numbers, parties
from pipelines.validation.rules.family import CONTROL_DATE, Rule

RULE_SET = "relais.chorus-pro:1"

RULES: tuple[Rule, ...] = (*numbers.RULES, *dates.RULES, *codes.RULES, *parties.RULES, *amounts.RULES)


def management_findings(invoices: pl.DataFrame, circuit: Circuit, today: date) -> list[FindingRow]:
    """One finding for each invoice and rule that it breaks, in the order of the invoices, then of `RULES`.

    Shape    `invoices` has the columns of `tables.INVOICES`; unreadable documents are left out by the caller.
    Nulls    a rule that cannot tell counts as broken, unless it says that absence has a rule of its own.
    Cost     one polars query a batch: about 10 ms, whatever its size up to thousands.
    """
    rules = [rule for rule in RULES if circuit in rule.circuits]
    frame = invoices.lazy().with_columns(pl.lit(today, dtype=pl.Date).alias(CONTROL_DATE))
    answers = frame.select(
        "flow_key",
        "position",
        *(rule.broken.fill_null(rule.null_breaks).alias(f"{rule.id} broken") for rule in rules),
        *(rule.found.str.slice(0, VALUE_CHARACTERS_MAX).alias(f"{rule.id} found") for rule in rules),
    ).collect()
    return list(_findings(answers, rules))


def _findings(answers: pl.DataFrame, rules: list[Rule]) -> Iterator[FindingRow]:
    any_broken = pl.any_horizontal([pl.col(f"{rule.id} broken") for rule in rules])
    for row in answers.filter(any_broken).iter_rows(named=True):
        for rule in rules:
            if row[f"{rule.id} broken"]:
                yield FindingRow(
                    flow_key=row["flow_key"],
                    position=row["position"],
                    rule_set=RULE_SET,
                    rule=rule.id,
                    flag=rule.flag.value,
                    terms=list(rule.terms),
                    location=None,
                    line=None,
                    found=row[f"{rule.id} found"],
                    expected=rule.expected,
                    message_fr=rule.message_fr,
                    message_en=rule.message_en,
                )
