"""Writing commitments for suppliers: the same JSON as public bodies deposit. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from data_contracts.commitments import Commitment
from pipelines.commitments.reading import FORMAT


def written(commitments: Sequence[Commitment]) -> bytes:
    """The document that holds these commitments, in order; what `read_commitments` reads gives them back."""
    document = {"format": FORMAT, "commitments": [_object(one) for one in commitments]}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _object(one: Commitment) -> dict[str, object]:
    return {
        "number": one.number,
        "structure": one.structure,
        "service": one.service or None,
        "supplier": one.supplier,
        "amount": f"{one.amount:f}",
        "currency": one.currency,
        "issued_on": one.issued_on.isoformat(),
        "valid_from": _day(one.valid_from),
        "valid_to": _day(one.valid_to),
        "state": one.state.value,
        "lines": [
            {"number": str(line.number), "label": line.label, "amount": f"{line.amount:f}"} for line in one.lines
        ],
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
