"""DGFiP's rules on invoices that no family here judges: who does, or why nobody can."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Elsewhere:
    """One rule of annex 7. `by` are the official rules that judge it; `note` says what else there is to know."""

    id: str
    about: str
    by: tuple[str, ...] = ()
    note: str = ""


ELSEWHERE = (
    Elsewhere("G1.09", "form of dates", note="the schemas of UBL and CII"),
    Elsewhere("G1.12", "total VAT in euros where the currency is another", ("BR-FR-CO-12_BT-5",)),
    Elsewhere("G1.14", "amounts: 19 digits, 2 decimals",
              ("BR-FR-DEC-01_BT-109", "BR-FR-DEC-01_BT-112", "BR-FR-DEC-01_BT-115")),
    Elsewhere("G1.15", "quantities: 19 digits, 4 decimals", ("BR-FR-DEC-02_BT-129",)),
    Elsewhere("G1.16", "prices: 19 digits, 6 decimals, not negative", ("BR-FR-DEC-03_BT-146",)),
    Elsewhere("G1.31", "what a credit note or a corrective invoice corrects", ("BR-FR-CO-04_BT-4", "BR-FR-CO-05_BT-3"),
              "on the historical circuit, RLS-CPRO-11"),
    Elsewhere("G1.41", "reason of an exemption from VAT", ("BR-E-10",)),
    Elsewhere("G1.45", "an invoice is deposited once", note="settlement, by year of issue, issuer's SIREN and number"),
    Elsewhere("G1.47", "VAT number of a seller that is exempt", ("BR-E-02", "BR-E-03", "BR-E-04")),
    Elsewhere("G1.63", "SIREN of seller and buyer", ("BR-FR-10_BT-30", "BR-FR-11_BT-47"), "routing looks the buyer up"),
    Elsewhere("G1.76", "member of a single taxable entity", ("BR-FR-CO-14_BT-29-1", "BR-FR-CO-15_BT-29-1")),
    Elsewhere("G2.32", "data of an invoice out of the scope of VAT", note="not for invoices to the public sector"),
    Elsewhere("G4.03", "extensions of attachments", note="reading, which refuses them by IRR_EXT_DOC"),
    Elsewhere("G1.55", "net price is gross price less rebate", note="nobody: the tables hold no gross price"),
    Elsewhere("G6.21", "VATEX-FR-CNWVAT on credit notes alone", note="nobody: the tables hold no exemption code"),
)  # fmt: skip
