"""A partner's SFTP account: where it is, how we prove who we are, how its files are known to be complete."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from connectors.channel_table import ChannelTable


class Complete(StrEnum):
    """How a file shows that it is whole."""

    RENAMED = "renamed"
    """Written under a temporary name, then renamed: every name that is not hidden or unfinished is whole."""
    DONE_FILE = "done_file"
    """`X.done` appears once X is whole."""
    STABLE = "stable"
    """Same size and modification time at two looks, `quiet_seconds` apart. The weakest: a stalled upload looks so."""
    SIZE_FILE = "size_file"
    """`X.size` holds the number of bytes of X, and after it the SHA-256 if the partner likes."""


class Pickup(StrEnum):
    """What we may do in the partner's folder."""

    CLAIM = "claim"
    """Rename the file into a folder of ours before it is read: no two collectors take the same. Then delete it."""
    REMOVE = "remove"
    """Read it in its place and delete it. Two collectors may read the same file; the ledger records it once. A resend
    that keeps size and modification time cannot be told from the file itself."""
    LEAVE = "leave"
    """Neither rename nor delete. The ledger remembers name, size and modification time, so it is taken once."""


class Verify(StrEnum):
    """How a delivered file is checked before it gets its final name."""

    SIZE = "size"
    CONTENT = "content"
    """Read back, and its SHA-256 compared."""


@dataclass(frozen=True)
class SftpAccount:
    """`host_keys`: the pinned public keys of the server; two while it changes them. Folders are named as the server
    shows them. `in_flight`: files under way at a time. `lease_seconds`: how long the claims of a collector that
    gives no more sign of life are respected."""

    partner_code: str
    host: str
    user: str
    key_file: Path
    host_keys: tuple[str, ...]
    pickup_folder: str
    delivery_folder: str
    port: int = 22
    certificate_file: Path | None = None
    passphrase_file: Path | None = None
    complete: Complete = Complete.RENAMED
    pickup: Pickup = Pickup.CLAIM
    verify: Verify = Verify.CONTENT
    quiet_seconds: int = 10
    lease_seconds: int = 60
    timeout_seconds: int = 30
    in_flight: int = 32

    def place(self, path: str = "") -> str:
        """Where something lies, for messages."""
        return f"{self.partner_code}, sftp://{self.user}@{self.host}:{self.port}/{path.removeprefix('/')}"


def sftp_account(table: ChannelTable) -> SftpAccount:
    """The account that a `[partners.CODE.sftp]` table describes.

    Errors   ConfigurationError naming the key that is missing, wrong or unknown.
    """
    account = SftpAccount(
        partner_code=table.partner_code,
        host=table.text("host"),
        port=table.number("port", 22, least=1, most=65_535),
        user=table.text("user"),
        key_file=table.secret("key_file"),
        certificate_file=table.file("certificate_file") if table.has("certificate_file") else None,
        passphrase_file=table.secret("passphrase_file") if table.has("passphrase_file") else None,
        host_keys=table.texts("host_keys"),
        pickup_folder=table.text("pickup_folder"),
        delivery_folder=table.text("delivery_folder"),
        complete=table.choice("complete", Complete.RENAMED),
        pickup=table.choice("pickup", Pickup.CLAIM),
        verify=table.choice("verify", Verify.CONTENT),
        quiet_seconds=table.number("quiet_seconds", 10, least=1, most=3_600),
        lease_seconds=table.number("lease_seconds", 60, least=3, most=86_400),
        timeout_seconds=table.number("timeout_seconds", 30, least=1, most=3_600),
        in_flight=table.number("in_flight", 32, least=1, most=64),
    )
    table.finish()
    return account
