"""Who is connected: a partner (raccordement) is an application code with the interfaces it subscribes to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from data_contracts.interfaces import Interface
from data_contracts.refusals import FlowRefused

APPLICATION_CODE = re.compile(r"[A-Z0-9]{6}")

RELAIS_CODE = "RLS001"
"""Our own application code: the emitter of every answer."""

PORTAL_CODE = "PORTAL"
"""The mailbox of recipients without a connection of their own: what they would read on the portal."""

UNKNOWN_CODE = "INCONN"
"""The mailbox that gets the answer to a flow whose sender cannot be told from its name."""


@dataclass(frozen=True)
class Partner:
    """`interfaces` are the deposit codes subscribed to; their acknowledgment and lifecycle codes come with them
    (DSE-CP p. 52). `weight` shares work between partners: 2 gets twice the turns of 1."""

    code: str
    name: str
    interfaces: frozenset[str]
    active: bool = True
    weight: int = 1


@dataclass(frozen=True)
class Partners:
    """The table of partners.

    `open_to_all`: every application code is taken as subscribed to every interface. Meant for pre-checks, where
    there is no table; the summary of a run says so.
    """

    rows: dict[str, Partner]
    open_to_all: bool = False

    def subscribed(self, code: str, interface: Interface) -> None:
        """Nothing, when the partner may deposit under the interface.

        Errors   FlowRefused with IRR_CODE_APP for an unknown or inactive partner, IRR_CODE_INTER without subscription.
        """
        if self.open_to_all:
            return
        partner = self.rows.get(code)
        if partner is None or not partner.active:
            raise FlowRefused.saying("IRR_CODE_APP", "admission-unknown", where="envelope name", value=code)
        if interface.code not in partner.interfaces:
            raise FlowRefused.saying(
                "IRR_CODE_INTER",
                "admission-subscription",
                where="envelope name",
                value=interface.code,
                code=code,
                interface=interface.code,
                known=", ".join(sorted(partner.interfaces)),
            )


NOBODY = Partners({})
"""No partner is known: all get what the catalogue says."""
