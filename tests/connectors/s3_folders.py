"""Partners' prefixes of a bucket, seen by the suite of mailboxes as if they were folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.s3_account import S3Account
from connectors.s3_mailbox import S3Mailbox, s3_mailbox
from tests.connectors.s3_server import BUCKET, client, new_place

PARTNERS = ("AAA111", "BBB222", "PORTAL")
_made: dict[Path, BucketPath] = {}


class BucketPath:
    """As much of `pathlib.Path` as the suite needs, on keys."""

    def __init__(self, key: str) -> None:
        self.key = key

    @property
    def _client(self) -> Any:
        return client()

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]

    @property
    def parent(self) -> BucketPath:
        return BucketPath(self.key.rpartition("/")[0])

    def __truediv__(self, name: str) -> BucketPath:
        return BucketPath(f"{self.key}/{name}")

    def mkdir(self, **_: bool) -> None:
        self._client.put_object(Bucket=BUCKET, Key=f"{self.key}/", Body=b"")

    def write_bytes(self, data: bytes) -> None:
        self._client.put_object(Bucket=BUCKET, Key=self.key, Body=data)

    def read_bytes(self) -> bytes:
        data: bytes = self._client.get_object(Bucket=BUCKET, Key=self.key)["Body"].read()
        return data

    def unlink(self) -> None:
        self._client.delete_object(Bucket=BUCKET, Key=self.key)

    def exists(self) -> bool:
        return self.key in {path.key for path in self.parent.iterdir()}

    def iterdir(self) -> Iterator[BucketPath]:
        found = self._client.list_objects_v2(Bucket=BUCKET, Prefix=f"{self.key}/", Delimiter="/")
        return (BucketPath(row["Key"]) for row in found.get("Contents", ()) if row["Key"] != f"{self.key}/")


def account(root: BucketPath, partner_code: str = "AAA111", **changes: Any) -> S3Account:
    """A partner's account below a root."""
    values: dict[str, Any] = {
        "partner_code": partner_code,
        "place": new_place(prefix=""),
        "pickup_prefix": f"{root.key}/{partner_code}/in/",
        "delivery_prefix": f"{root.key}/{partner_code}/out/",
    }
    return S3Account(**values | changes)


def new_root() -> BucketPath:
    """A prefix where nothing lies."""
    return BucketPath(new_place().prefix.rstrip("/"))


def accounts_mailbox(folder: Path, **changes: Any) -> S3Mailbox:
    """A mailbox of all partners on fresh prefixes, which the test finds by its folder."""
    root = _made[folder] = new_root()
    return s3_mailbox(account(root, code, **changes) for code in PARTNERS)


def bucket_of(folder: Path) -> BucketPath | None:
    """The root of a test's mailbox, if that is one on S3."""
    return _made.get(folder)
