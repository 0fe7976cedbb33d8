"""Names of parts: answers that lie beside their place until they are published.

Partners know `.part` as the end of a name that is not theirs to take, so it stays last.
"""

from __future__ import annotations

from data_contracts.errors import ContractBroken

PART_END = ".part"


def part_name(name: str, part: str) -> str:
    """The name of a part of an answer; without `part` that of an answer staged before parts had names of their own.

    Errors   ContractBroken when these are no names.
    """
    if not name.isprintable() or "/" in name or name.startswith(".") or not name:
        raise ContractBroken("this is not a name for an answer", where="out folder", value=name)
    if not all(sign.isascii() and (sign.isalnum() or sign == "-") for sign in part):
        raise ContractBroken("this is not a name for a part", where=name, value=part)
    return f"{name}.{part}{PART_END}" if part else name + PART_END
