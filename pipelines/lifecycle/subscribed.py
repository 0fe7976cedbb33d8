"""By which interface a depositor hears of the life of its invoices: the version that it subscribes to. Pure."""

from __future__ import annotations

from dataclasses import replace

from data_contracts.interfaces import CATALOGUE, CPP_V1_LIFECYCLE, Circuit, Interface
from data_contracts.partners import Partners


def lifecycle_of(partner_code: str, deposit_code: str, partners: Partners) -> str:
    """The interface by which the depositor of an invoice hears of its life."""
    deposit = CATALOGUE[deposit_code]
    partner = partners.rows.get(partner_code)
    if deposit.circuit is Circuit.CHORUS_PRO and partner is not None and CPP_V1_LIFECYCLE in partner.interfaces:
        return CPP_V1_LIFECYCLE
    return deposit.made_available


def as_subscribed(deposit: Interface, partner_code: str, partners: Partners) -> Interface:
    """The catalogue's row of a deposit, its lifecycle answers in the version that the depositor subscribes to."""
    code = lifecycle_of(partner_code, deposit.code, partners)
    return deposit if code == deposit.made_available else replace(deposit, lifecycle=code, made_available=code)
