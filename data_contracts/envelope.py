"""The envelope name of a flow: 41 characters that say interface, partner and flow id.

    FSO1100A_XXX999_XXX9991100000000000000001
    |        |      |     |   |
    |        |      |     |   sequence, 15 digits
    |        |      |     digits of the interface code, 4
    |        |      emitter's application code, 6 (these 25 characters are the flow id)
    |        partner's application code, 6
    interface code, 8

Source: EDI-2017 p. 3; DSE-CP 5.4.3.1 p. 61 to 63; G7.33.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from data_contracts.refusals import FlowRefused

ENVELOPE_NAME_CHARACTERS = 41
SEQUENCE_DIGITS = 15
SEQUENCE_MAX = 10**SEQUENCE_DIGITS - 1

SERIES_DIGITS = 5
"""Leading digits of our own sequence numbers that name a series; the other ten count within it, from 1, without gap.

Series are what makes numbers repeatable: within one, order is fixed (a sender's flows settle in order of landing),
while which of two senders is settled first is chance. A recipient sees a gap in each sender's series by itself.
"""

SERIES_SPAN = 10 ** (SEQUENCE_DIGITS - SERIES_DIGITS)
SERIES_MAX = 10**SERIES_DIGITS - 1
SETTLED_SERIES = 0
"""Answers to the sender of a settled flow."""
REFUSED_SERIES = 1
"""Answers to the sender of a refused flow, which come while earlier flows are still being checked."""
FIRST_SENDER_SERIES = 2
"""From here on, one series for each sender whose invoices are diffused to others."""
RELAY_SERIES = 25_000
"""From here on, one series for each sender of status flows, towards the suppliers that its statuses are relayed to, a
sender that is itself the supplier among them: relays then shift no number of an answer on invoices."""
LATE_SERIES = 50_000
"""From here on, the same series over again for late answers, on invoices that left quarantine: when a person decides is
chance, and must not shift the numbers of anything else."""

_NAME = re.compile(r"([A-Z]{3}[0-9]{4}[A-Z])_([A-Z0-9]{6})_(([A-Z0-9]{6})([0-9]{4})([0-9]{15}))")


@dataclass(frozen=True)
class EnvelopeName:
    """A parsed envelope name. For a flow we receive, partner and emitter are the same application code."""

    interface_code: str
    partner_code: str
    emitter_code: str
    sequence: int

    @property
    def flow_id(self) -> str:
        return f"{self.emitter_code}{self.interface_code[3:7]}{self.sequence:015d}"

    def __str__(self) -> str:
        return f"{self.interface_code}_{self.partner_code}_{self.flow_id}"


def parsed(name: str) -> EnvelopeName:
    """The parts of an envelope name.

    Errors   FlowRefused with IRR_FORM if the name does not follow the grammar, or if the four digits
             of the flow id are not those of the interface code.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise FlowRefused.saying("IRR_FORM", "admission-envelope", where="envelope name", value=name[:255])
    interface_code, partner_code, _, emitter_code, digits, sequence = match.groups()
    if digits != interface_code[3:7]:
        raise FlowRefused.saying(
            "IRR_FORM",
            "admission-flow-id",
            where="envelope name",
            value=name,
            digits=digits,
            envelope=interface_code,
            expected=interface_code[3:7],
        )
    return EnvelopeName(interface_code, partner_code, emitter_code, int(sequence))
