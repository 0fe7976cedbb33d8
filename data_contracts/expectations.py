"""What must hold for the invoices of one day once they are settled: the suite that gates the `reconcile` DAG.

Data only: `kind` is the name of a Great Expectations class, `arguments` its arguments; `only_where` is a column and a
value that narrow the rows; `meaning` is the sentence printed in the Data Docs.
The table is one row an invoice: columns of INVOICES, VERDICTS and OUTCOMES, with `circuit`, `issue_year`, `seller_key`
and `finding_count`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from data_contracts.limits import INVOICE_NUMBER_CHARACTERS_MAX_CHORUS_PRO
from data_contracts.motives import MOTIVES
from data_contracts.tables import Outcome, Verdict

DAY_SUITE = "invoices of a day"


@dataclass(frozen=True)
class Expectation:
    kind: str
    meaning: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    only_where: tuple[str, str] | None = None


_ACCEPTED = ("outcome", Outcome.ACCEPTED.value)
_REJECTED = ("outcome", Outcome.REJECTED.value)
_CURRENCY = "^[A-Z]{3}$"
_SHA256 = "^[0-9a-f]{64}$"


def day_suite(received_count: int) -> tuple[Expectation, ...]:
    """The expectations on a day's table, which must hold as many rows as invoices were received."""
    return (
        Expectation(
            "ExpectTableRowCountToEqual",
            "Received = accepted + rejected + quarantined: every invoice received has one row.",
            {"value": received_count},
        ),
        Expectation(
            "ExpectCompoundColumnsToBeUnique",
            "No invoice has two rows.",
            {"column_list": ["flow_key", "position"]},
        ),
        Expectation(
            "ExpectColumnValuesToBeInSet",
            "Every invoice is accepted, rejected or quarantined.",
            {"column": "outcome", "value_set": [outcome.value for outcome in Outcome]},
        ),
        Expectation("ExpectColumnValuesToNotBeNull", "No outcome is missing.", {"column": "outcome"}),
        Expectation(
            "ExpectColumnValuesToBeInSet",
            "Every verdict is valid, invalid or undetermined.",
            {"column": "verdict", "value_set": [verdict.value for verdict in Verdict]},
        ),
        Expectation("ExpectColumnValuesToNotBeNull", "No verdict is missing.", {"column": "verdict"}),
        Expectation(
            "ExpectColumnValuesToMatchRegex",
            "Every document's bytes have a hash.",
            {"column": "sha256", "regex": _SHA256},
        ),
        Expectation(
            "ExpectColumnValuesToBeInSet",
            "No invoice is accepted with a schema error.",
            {"column": "xsd_valid", "value_set": [True]},
            _ACCEPTED,
        ),
        *(
            Expectation(
                "ExpectColumnValuesToNotBeNull", f"An accepted invoice has its {column}.", {"column": column}, _ACCEPTED
            )
            for column in ("number", "issue_date", "seller_id", "buyer_siret", "currency", "partner_code", "frame")
        ),
        Expectation(
            "ExpectColumnValueLengthsToBeBetween",
            "The number of an accepted invoice fits the public sector's limit.",
            {"column": "number", "min_value": 1, "max_value": INVOICE_NUMBER_CHARACTERS_MAX_CHORUS_PRO},
            _ACCEPTED,
        ),
        Expectation(
            "ExpectColumnValuesToMatchRegex",
            "An accepted invoice's currency looks like ISO 4217.",
            {"column": "currency", "regex": _CURRENCY},
            _ACCEPTED,
        ),
        Expectation(
            "ExpectCompoundColumnsToBeUnique",
            "No two accepted invoices share issuer, year and number.",
            {"column_list": ["seller_key", "issue_year", "number"]},
            _ACCEPTED,
        ),
        Expectation("ExpectColumnValuesToNotBeNull", "A rejection has a motive.", {"column": "motive"}, _REJECTED),
        Expectation(
            "ExpectColumnValuesToBeInSet",
            "A rejection's motive is in the catalogue.",
            {"column": "motive", "value_set": sorted(MOTIVES)},
            _REJECTED,
        ),
        Expectation(
            "ExpectColumnValuesToBeBetween",
            "A rejection is explained by at least one finding.",
            {"column": "finding_count", "min_value": 1},
            _REJECTED,
        ),
    )
