"""Who of the sample is reached by which channel. Whoever is not named here has local folders."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """Channels of the profile, as channels.toml names them."""

    SFTP = "sftp"
    S3 = "s3"
    AS2 = "as2"


@dataclass(frozen=True)
class Reached:
    """A partner's channel; `options` are those of its table in channels.toml beside address and keys."""

    kind: Kind
    options: dict[str, str | int] = field(default_factory=dict)

    @property
    def complete(self) -> str:
        """How an SFTP partner shows that a file is whole."""
        return str(self.options.get("complete", "renamed"))


SPREAD: dict[str, Reached] = {
    # Not claimed by renaming: the answers' numbers follow the order in which flows land, and a collector that is killed
    # would keep its claims for a while, in which later names land first.
    "ELC001": Reached(Kind.SFTP, {"complete": "size_file", "pickup": "remove"}),
    "TRA001": Reached(Kind.S3),
    "BAT001": Reached(Kind.AS2),
    "ETA001": Reached(Kind.SFTP, {"complete": "renamed"}),
    "CHU001": Reached(Kind.SFTP, {"complete": "done_file"}),
    "CHU002": Reached(Kind.S3),
    "DEP001": Reached(Kind.S3, {"publish": "rename"}),
    "UNI001": Reached(Kind.SFTP, {"complete": "stable", "quiet_seconds": 1, "verify": "size"}),
    "COM001": Reached(Kind.AS2),
}


def partners_by(kind: Kind) -> list[str]:
    """Codes of the partners that a kind of channel reaches, in order."""
    return sorted(code for code, reached in SPREAD.items() if reached.kind is kind)
