"""Numbers at the edge of what is held exactly."""

from __future__ import annotations

import pytest

from pipelines.validation.compiled.evaluation.numerals import decimal_parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("0", (0, 0)),
        (" -12.50 ", (-125, 1)),
        ("+.5", (5, 1)),
        ("000123.4000", (1234, 1)),
        ("9000000000000000", (9 * 10**15, 0)),
        ("9000000000000001", None),
        ("0.12345678901", None),
        ("0" * 5_000 + "7", (7, 0)),
        ("9" * 5_000, None),
        ("1." + "0" * 5_000, (1, 0)),
        ("1." + "1" * 5_000, None),
        (".", None),
        ("1e3", None),
        ("", None),
    ],
)
def test_a_decimal_is_read_exactly_or_not_at_all(text: str, parts: tuple[int, int] | None) -> None:
    assert decimal_parts(text) == parts
