"""Checking commitments that a public body deposits: each is taken, or refused with every reason. Pure.

Rules RLS-EJ-01 to 08 are ours. Lengths: NumeroEngagement and CodeService of CPPFacturePivot V2_02.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from data_contracts.commitments import Commitment, CommitmentLine, CommitmentState
from data_contracts.directory import Directory
from data_contracts.messages import Sentences, both
from pipelines.acknowledgment.elements import quoted
from pipelines.commitments.reading import RawCommitment
from pipelines.validation.rules.keys import insee_keyed

NUMBER_CHARACTERS_MAX = 50
SERVICE_CHARACTERS_MAX = 100
LABEL_CHARACTERS_MAX = 500

_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,2})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_NUMBER = re.compile(r"[0-9]{1,6}")
_DAYS = ("issued_on", "valid_from", "valid_to")


@dataclass(frozen=True)
class Flaw:
    """Why a commitment is refused."""

    rule: str
    sentences: Sentences


@dataclass(frozen=True)
class Checked:
    """One commitment of a document: `commitment` if it is taken, else `flaws`. `subject` names it to people."""

    subject: str
    commitment: Commitment | None
    flaws: tuple[Flaw, ...] = ()


def checked(raws: Sequence[RawCommitment], partner_code: str, directory: Directory) -> list[Checked]:
    """Every commitment of a document, taken or refused with all its flaws, in order.

    Shape    `directory` knows the structures named; a structure's commitments come through its own connection only.
             Of a number that comes twice, both are refused: nobody can tell which is meant.
    """
    counts: dict[tuple[str, str], int] = {}
    for raw in raws:
        key = (raw.fields["structure"], raw.fields["number"])
        counts[key] = counts.get(key, 0) + 1
    return [_checked(raw, partner_code, directory, counts) for raw in raws]


def _checked(
    raw: RawCommitment, partner_code: str, directory: Directory, counts: dict[tuple[str, str], int]
) -> Checked:
    fields = raw.fields
    flaws = [*_malformed(raw), *_misplaced(fields["structure"], fields["service"], partner_code, directory)]
    if counts[fields["structure"], fields["number"]] > 1:
        flaws.append(_flaw("RLS-EJ-06", number=quoted(fields["number"])))
    made = None if flaws else _made(raw)
    if made is not None and not _ordered(made):
        flaws.append(_flaw("RLS-EJ-05"))
    subject = f"{quoted(fields['number']) or '?'} ({raw.place})"
    return Checked(subject, None if flaws else made, tuple(flaws))


def _malformed(raw: RawCommitment) -> Iterable[Flaw]:
    fields = raw.fields
    wrong = [
        name
        for name, right in (
            ("number", bool(fields["number"]) and _plain(fields["number"], NUMBER_CHARACTERS_MAX)),
            ("service", _plain(fields["service"], SERVICE_CHARACTERS_MAX)),
            ("amount", _AMOUNT.fullmatch(fields["amount"]) is not None),
            ("currency", _CURRENCY.fullmatch(fields["currency"]) is not None),
            ("state", fields["state"] in {state.value for state in CommitmentState}),
            *((name, _day(fields[name]) is not None or (name != "issued_on" and not fields[name])) for name in _DAYS),
        )
        if not right
    ]
    for name in wrong:
        yield _flaw("RLS-EJ-01", field=name, found=quoted(fields[name]))
    for name in ("structure", "supplier"):
        if len(fields[name]) != 14 or not insee_keyed(fields[name]):
            yield _flaw("RLS-EJ-02", field=name, found=quoted(fields[name]))
    for at, line in enumerate(raw.lines, start=1):
        right = _NUMBER.fullmatch(line["number"]) and _AMOUNT.fullmatch(line["amount"])
        if not right or not _plain(line["label"], LABEL_CHARACTERS_MAX):
            yield _flaw("RLS-EJ-07", line=at)
    numbers = [line["number"] for line in raw.lines]
    if len(set(numbers)) != len(numbers):
        yield _flaw("RLS-EJ-08")


def _misplaced(siret: str, service: str, partner_code: str, directory: Directory) -> Iterable[Flaw]:
    if directory.open_to_all and siret not in directory.structures:
        return
    structure = directory.structures.get(siret)
    if structure is None or structure.partner_code != partner_code:
        # The same sentence for both: nobody learns by asking which structures there are.
        yield _flaw("RLS-EJ-03", structure=quoted(siret), partner=partner_code)
    elif service and service not in structure.services:
        yield _flaw("RLS-EJ-04", structure=siret, service=quoted(service))


def _made(raw: RawCommitment) -> Commitment:
    fields = raw.fields
    issued_on = _day(fields["issued_on"])
    assert issued_on is not None, "a commitment without flaw has a day"
    return Commitment(
        structure=fields["structure"],
        number=fields["number"],
        service=fields["service"],
        supplier=fields["supplier"],
        amount=Decimal(fields["amount"]),
        currency=fields["currency"],
        issued_on=issued_on,
        valid_from=_day(fields["valid_from"]),
        valid_to=_day(fields["valid_to"]),
        state=CommitmentState(fields["state"]),
        lines=tuple(CommitmentLine(int(one["number"]), one["label"], Decimal(one["amount"])) for one in raw.lines),
    )


def _ordered(made: Commitment) -> bool:
    return made.valid_to is None or (made.valid_from or made.issued_on) <= made.valid_to


def _plain(text: str, characters_max: int) -> bool:
    return len(text) <= characters_max and text.isprintable()


def _day(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _flaw(rule: str, **values: str | int) -> Flaw:
    return Flaw(rule, both(f"commitment-{rule}", **values))
