"""The amount of a payment order, read from the comment that recipients write it in."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.history import Payment
from pipelines.tracking.mandate_amounts import mandated


@pytest.mark.parametrize(
    ("comment", "amount", "currency"),
    [
        ("Montant mandaté : 1 234,56 EUR", "1234.56", "EUR"),
        ("Dossier 12 – montant du mandat: 1\u202f234\u202f567,5 €, le solde suivra.", "1234567.50", "EUR"),
        ("Montant mandaté : 480 sur le budget annexe", "480", ""),
        ("Amount ordered: 1234.56 XPF", "1234.56", "XPF"),
    ],
)
def test_an_amount_is_read_as_people_write_it(comment: str, amount: str, currency: str) -> None:
    (payment,) = mandated("08", comment)
    assert payment == Payment("MAPTTC", Decimal(amount), currency)


@pytest.mark.parametrize(
    "comment",
    [
        "", "Mandat 1234", "Montant : 12,00 EUR", "Montant mandaté : selon l'état joint",
        "Montant mandaté : 1.234,56 EUR", "Montant mandaté : 12,345 EUR",
        "Montant mandaté : 10,00 EUR ; montant mandaté : 12,00 EUR",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_not_guessed(comment: str) -> None:
    assert mandated("08", comment) == ()


def test_other_statuses_have_none() -> None:
    assert mandated("11", "Montant mandaté : 10,00 EUR") == ()


@given(st.decimals(0, 10**12, places=2), st.sampled_from(["EUR", "XPF", ""]))
def test_every_amount_comes_back(amount: Decimal, currency: str) -> None:
    grouped = f"{amount:,}".replace(",", " ").replace(".", ",")
    for written in (f"{amount}", grouped):
        assert mandated("08", f"Montant mandaté : {written} {currency}") == (Payment("MAPTTC", amount, currency),)
