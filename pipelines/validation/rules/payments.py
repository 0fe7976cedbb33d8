"""How an invoice is paid: payment means (BT-81), bank account (BT-84), currency (BT-5)."""

from __future__ import annotations

import polars as pl

from data_contracts.tables import Flag
from pipelines.validation.rules.code_lists import (
    CREDIT_NOTES,
    CURRENCIES,
    CURRENCIES_WITHDRAWN,
    MIXED_FAMILY,
    PAYMENT_MEANS,
)
from pipelines.validation.rules.facts import ACCOUNT, ACCOUNT_KEYED, FAMILY
from pipelines.validation.rules.family import (
    INFERRED_EVERYWHERE,
    INFERRED_HISTORICAL,
    SECOND_HAND_HISTORICAL,
    VERIFIED_EVERYWHERE,
    VERIFIED_HISTORICAL,
    Rule,
)
from pipelines.validation.rules.identifier_formats import IBAN_LENGTHS
from pipelines.validation.rules.language import BT, exists, given, listed, one_of

_IS_CREDIT_NOTE = one_of(BT[3], CREDIT_NOTES)
_ACCOUNT = pl.col(ACCOUNT)
# BT-84 may hold an account number of another kind, of which nothing is known.
_IS_IBAN = exists(pl.col(ACCOUNT_KEYED))
_LENGTH = _ACCOUNT.str.slice(0, 2).replace_strict(IBAN_LENGTHS, default=None, return_dtype=pl.UInt32())
_HAS_LENGTH = _ACCOUNT.str.len_chars() == _LENGTH

RULES = (
    Rule(
        id="G1.10",
        terms=("BT-5",),
        holds=given(exists(BT[5]), one_of(BT[5], (*CURRENCIES, *CURRENCIES_WITHDRAWN))),
        found=BT[5],
        expected="ISO 4217",
        source="DGFiP annex 7, G1.10; CPPFacturePivot V2_02, Devise",
        on=VERIFIED_EVERYWHERE,
        repeats=("BR-CL-04", "FX-SCH-A-000595"),
    ),
    Rule(
        id="RLS-CPRO-25",
        terms=("BT-5",),
        # The official samples of FSO1116A state no currency: in the mixed syntaxes the attachment is the invoice.
        holds=given(pl.col(FAMILY) != MIXED_FAMILY, exists(BT[5])),
        found=BT[5],
        expected="ISO 4217",
        source="CPPFacturePivot V2_02, Devise",
        on=VERIFIED_EVERYWHERE,
        repeats=("BR-05",),
    ),
    Rule(
        id="RLS-CPRO-26",
        terms=("BT-81",),
        # Chorus Pro refuses it by the name of the CII element; nothing is known of UBL.
        holds=given(one_of(pl.col("syntax"), ("cii", "facturx")) & ~_IS_CREDIT_NOTE, exists(BT[81])),
        found=BT[81],
        expected=listed(PAYMENT_MEANS),
        source="Refusals of Chorus Pro: SpecifiedTradeSettlementPaymentMeans.TypeCode.value est obligatoire",
        on=VERIFIED_HISTORICAL,
    ),
    Rule(
        id="RLS-CPRO-27",
        terms=("BT-81",),
        holds=given(exists(BT[81]), one_of(BT[81], PAYMENT_MEANS)),
        found=BT[81],
        expected=listed(PAYMENT_MEANS),
        source="CPPFacturePivot V2_02, ModePaiement, which says so of invoices on their way out",
        on=INFERRED_HISTORICAL,
        flag=Flag.WARNING,
    ),
    Rule(
        id="RLS-CPRO-28",
        terms=("BT-3", "BT-81"),
        holds=given(_IS_CREDIT_NOTE, ~exists(BT[81])),
        found=BT[81],
        expected=None,
        source="Odoo community, l10n_fr_chorus: a credit note is sent without payment means",
        on=SECOND_HAND_HISTORICAL,
        flag=Flag.WARNING,
    ),
    Rule(
        id="RLS-CPRO-29",
        terms=("BT-84",),
        holds=given(_IS_IBAN & exists(_LENGTH), _HAS_LENGTH),
        found=BT[84],
        expected=_LENGTH.cast(pl.String),
        source="ISO 13616, IBAN registry",
        on=INFERRED_EVERYWHERE,
        flag=Flag.WARNING,
    ),
    Rule(
        id="RLS-CPRO-30",
        terms=("BT-84",),
        # One of a wrong length has no key to speak of.
        holds=given(_IS_IBAN & _HAS_LENGTH.fill_null(True), pl.col(ACCOUNT_KEYED)),
        found=BT[84],
        expected="ISO 7064",
        source="ISO 13616; ISO/IEC 7064, modulo 97-10",
        on=INFERRED_EVERYWHERE,
        flag=Flag.WARNING,
    ),
)
