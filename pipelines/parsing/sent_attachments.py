"""An attachment as an invoice gives it, whichever syntax it is written in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sent:
    """An attachment as an invoice gives it. `data` makes its bytes, out of base64 but not out of a zip.

    Shape    `node` is (path, row) in the tables of its batch; None for a file that a PDF embeds.
    """

    names: tuple[str, ...]
    kind: str
    media_type: str
    data: Callable[[], bytes] = field(compare=False, repr=False)
    node: tuple[int, int] | None = None
