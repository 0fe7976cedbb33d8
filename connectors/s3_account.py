"""A partner's bucket, or its part of one of ours: where it drops flows and takes answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from connectors.channel_table import FILE_NAME, ChannelTable
from connectors.s3_place import BUCKET, REGION, S3Place
from data_contracts.errors import ConfigurationError


class Pickup(StrEnum):
    """What we do with an object once it is recorded."""

    REMOVE = "remove"
    """Delete it, if it is still the one that was listed."""
    LEAVE = "leave"
    """Nothing. The ledger remembers name, ETag, size and time, so it is taken once."""


class Publish(StrEnum):
    """How a staged answer gets its final name."""

    COPY = "copy"
    """The server copies it, create-only, and the staged one is deleted. If we are killed between the two, and the
    partner takes the answer before the next run, it is shown a second time: same name, same bytes."""
    RENAME = "rename"
    """One request, RenameObject: exactly once. Only for servers that know it (SeaweedFS, Amazon's directory buckets);
    others take it for an upload of nothing."""


class Keeps(StrEnum):
    """What the partner's bucket keeps."""

    LATEST = "latest"
    """The last object of a name. A resend of the same bytes within a second cannot be told from the first."""
    VERSIONS = "versions"
    """Every object of a name; each is told from all others. What is taken out is deleted for good."""


@dataclass(frozen=True)
class S3Account:
    """`place` has no prefix of its own; `pickup_prefix` and `delivery_prefix` end with `/`."""

    partner_code: str
    place: S3Place
    pickup_prefix: str
    delivery_prefix: str
    pickup: Pickup = Pickup.REMOVE
    publish: Publish = Publish.COPY
    keeps: Keeps = Keeps.LATEST


def s3_account(table: ChannelTable) -> S3Account:
    """The account that a `[partners.CODE.s3]` table describes.

    Errors   ConfigurationError naming the key that is missing, wrong or unknown.
    """
    code = table.partner_code
    place = S3Place(
        bucket=table.text("bucket"),
        credentials_file=table.secret("credentials_file"),
        endpoint=table.text("endpoint") if table.has("endpoint") else "",
        region=table.text("region", REGION),
        timeout_seconds=table.number("timeout_seconds", 60, least=1, most=3_600),
        attempts=table.number("attempts", 5, least=1, most=10),
    )
    account = S3Account(
        partner_code=code,
        place=place,
        pickup_prefix=_prefix(table.text("pickup_prefix", f"{code}/in/")),
        delivery_prefix=_prefix(table.text("delivery_prefix", f"{code}/out/")),
        pickup=table.choice("pickup", Pickup.REMOVE),
        publish=table.choice("publish", Publish.COPY),
        keeps=table.choice("keeps", Keeps.LATEST),
    )
    table.finish()
    where = f"{FILE_NAME}, partners.{code}.s3"
    if not BUCKET.fullmatch(place.bucket):
        raise ConfigurationError(
            "this is not the name of a bucket",
            where=f"{where}, bucket",
            value=place.bucket,
            remedy="write its name alone: small letters, digits, points and hyphens",
        )
    if account.pickup_prefix == account.delivery_prefix:
        raise ConfigurationError(
            "answers would be picked up as flows",
            where=f"{where}, delivery_prefix",
            value=account.delivery_prefix,
            remedy="write another one than pickup_prefix",
        )
    return account


def _prefix(text: str) -> str:
    return text.strip("/") + "/"
