"""Partners' mailboxes as prefixes of buckets: one account a partner.

Whole    An object shows only once it is whole. Names of unfinished files (`.part` …) are left alone all the same.
Crash    An object that was recorded but not yet deleted is found again under the same identity, and only deleted.
Answers  Staged under a name of the attempt's own that ends in `.part`, then copied or renamed to the final name, which
         is only ever created.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO
from urllib.parse import quote

from connectors.local_drop import UNFINISHED
from connectors.part_names import part_name
from connectors.read_ahead import ReadAhead
from connectors.s3_account import Keeps, Pickup, Publish, S3Account
from connectors.s3_reading import FIRST_BYTES, Look, S3Reader, look
from connectors.s3_server import PAGE_KEYS, PARTNER, ConditionFailed, NothingThere, S3Server
from connectors.s3_writing import PART_BYTES, first_part, sweep_uploads, write_large, write_small
from data_contracts.errors import ContractBroken, IntegrityBroken, PartnerRefused, PartnerUnavailable, RelaisError
from data_contracts.ports import Deposit

IN_FLIGHT = 8
"""Small objects under way at a time while a drop is gone through."""


class S3Mailbox:
    """`data_contracts.ports.Mailbox` on S3 accounts."""

    def __init__(self, accounts: Iterable[S3Account]) -> None:
        self._accounts = {account.partner_code: _Account(account) for account in accounts}
        self._ahead: dict[str, ReadAhead] = {}

    def __repr__(self) -> str:
        return f"S3Mailbox({', '.join(sorted(self._accounts))})"

    def close(self) -> None:
        """Nothing: no claim is held, and connections are the process's."""

    def incoming(self) -> Iterator[Deposit]:
        """Whole objects of every account's drop, sorted by partner code then name.

        Errors   PartnerRefused, else PartnerUnavailable, after all other partners' objects.
        Cost     memory for one page of a listing.
        """
        failed: list[RelaisError] = []
        for partner_code in sorted(self._accounts):
            try:
                yield from self._dropped(partner_code)
            except (PartnerUnavailable, PartnerRefused) as error:
                failed.append(error)
        refused = [error for error in failed if isinstance(error, PartnerRefused)]
        for first in refused or failed:
            raise first

    @contextmanager
    def open(self, deposit: Deposit) -> Iterator[BinaryIO]:
        """A reader of the deposit's bytes.

        Errors   PartnerUnavailable if the object is not the one that was listed, at the start or after the last read.
        """
        ahead = self._ahead.get(deposit.partner_code)
        data = ahead.take(deposit) if ahead is not None else None
        if data is not None:
            yield io.BytesIO(data)
            return
        account = self._of(deposit.partner_code)
        with io.BufferedReader(account.reader(deposit), FIRST_BYTES) as stream:
            yield stream
        if not account.is_same(deposit):
            raise account.changed(deposit.name)

    def remove(self, deposit: Deposit) -> None:
        """Nothing; the object is out of the drop, or is no longer the one that was listed."""
        self._of(deposit.partner_code).remove(deposit)

    def stage(self, partner_code: str, name: str, part: str, data: BinaryIO) -> None:
        """Nothing; `{name}.{part}.part` lies durably in the partner's out folder."""
        self._of(partner_code).stage(part_name(name, part), data)

    def publish(self, partner_code: str, name: str, part: str) -> None:
        """Nothing; what was staged as `part` bears its final name. A no-op once that is done.

        Errors   IntegrityBroken if an answer of that name with other bytes still waits for the partner.
        """
        self._of(partner_code).publish(name, part_name(name, part))

    def discard(self, partner_code: str, name: str, part: str) -> None:
        """Nothing; what was staged as `part`, and what is left of its upload, is gone."""
        self._of(partner_code).discard(part_name(name, part))

    def _dropped(self, partner_code: str) -> Iterator[Deposit]:
        """Deposits of one account; while the caller goes through them, the next small ones are being read."""
        account = self._accounts[partner_code]
        with ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="relais-s3-read") as readers:
            ahead = ReadAhead(lambda rows: [readers.submit(account.whole, row) for row in rows], IN_FLIGHT)
            self._ahead = {partner_code: ahead}
            try:
                for page in account.dropped():
                    ahead.add(page)
                    for deposit in page:
                        yield deposit
                        ahead.passed(deposit)
            finally:
                self._ahead = {}

    def _of(self, partner_code: str) -> _Account:
        if partner_code not in self._accounts:
            raise ContractBroken("this partner has no S3 account", where="mailbox", value=partner_code)
        return self._accounts[partner_code]


class _Account:
    """What one account can do."""

    def __init__(self, account: S3Account) -> None:
        self._account = account
        self._server = S3Server(account.place, PARTNER)
        self._versions = account.keeps is Keeps.VERSIONS

    # ---- the drop ----

    def dropped(self) -> Iterator[list[Deposit]]:
        """Whole objects of the drop, sorted by name, a page of the listing at a time."""
        prefix = self._account.pickup_prefix
        operation, rows = ("list_object_versions", "Versions") if self._versions else ("list_objects_v2", "Contents")
        for page in self._server.pages(operation, Prefix=prefix, Delimiter="/", MaxKeys=PAGE_KEYS):
            named = ((row["Key"].removeprefix(prefix), row) for row in page.get(rows, ()) if row.get("IsLatest", True))
            yield [self._deposit(name, row) for name, row in named if _complete(name)]

    def whole(self, deposit: Deposit) -> bytes:
        """The bytes of the object that was listed. Errors as `reader`."""
        with io.BufferedReader(self.reader(deposit), FIRST_BYTES) as stream:
            return stream.read()

    def reader(self, deposit: Deposit) -> S3Reader:
        """A reader of the object that was listed.

        Errors   PartnerUnavailable if it is gone or another.
        """

        def changed() -> RelaisError:
            return self.changed(deposit.name)

        try:
            version = self._version(deposit)
            # What a partner says of the hash of its bytes is not for us to judge here.
            reader = S3Reader(self._server, self._in(deposit), changed=changed, damaged=self.changed, version=version)
        except NothingThere as error:
            raise self.changed(deposit.name) from error
        if not self._is(deposit, reader.look):
            raise self.changed(deposit.name)
        return reader

    def is_same(self, deposit: Deposit) -> bool:
        """Whether the object that was listed still lies there."""
        version = self._version(deposit)
        try:
            answer = self._server.call("head_object", self._in(deposit), **({"VersionId": version} if version else {}))
        except NothingThere:
            return False
        return self._is(deposit, look(answer))

    def remove(self, deposit: Deposit) -> None:
        """Nothing; the object is out of the drop, or another lies there."""
        if self._account.pickup is Pickup.LEAVE:
            return
        if self._versions:
            self._remove_version(deposit)
        elif self.is_same(deposit):
            etag = deposit.identity.partition(":")[0]
            try:
                self._server.call("delete_object", self._in(deposit), IfMatch=f'"{etag}"')
            except (ConditionFailed, NothingThere):
                return

    def changed(self, name: str) -> PartnerUnavailable:
        return PartnerUnavailable(
            "the file changed since it was listed",
            where=self._account.place.shown(self._account.pickup_prefix),
            value=name,
            remedy="write it once, under a name of its own",
        )

    def _remove_version(self, deposit: Deposit) -> None:
        """Deletes the version and, before it, those it hid: they would come up as new deposits."""
        key, version = self._in(deposit), self._version(deposit)
        hidden: list[str] = []
        found = False
        for page in self._server.pages("list_object_versions", Prefix=key):
            # From the newest to the oldest.
            rows = sorted(
                (row for rows in ("Versions", "DeleteMarkers") for row in page.get(rows, ()) if row["Key"] == key),
                key=lambda row: row["LastModified"],
                reverse=True,
            )
            for row in rows:
                found = found or row["VersionId"] == version
                if found:
                    hidden.append(row["VersionId"])
        for each in reversed(hidden):
            self._server.call("delete_object", key, VersionId=each)

    def _deposit(self, name: str, row: dict[str, Any]) -> Deposit:
        identity = _identity(row["ETag"], row["Size"], row["LastModified"])
        if self._versions:
            identity += f":{row['VersionId']}"
        return Deposit(self._account.partner_code, name, row["Size"], identity)

    def _is(self, deposit: Deposit, there: Look) -> bool:
        identity = _identity(there.etag, there.size_bytes, there.modified)
        return deposit.identity.split(":")[:3] == identity.split(":")

    def _version(self, deposit: Deposit) -> str:
        return deposit.identity.split(":", 3)[3] if self._versions else ""

    def _in(self, deposit: Deposit) -> str:
        return self._account.pickup_prefix + deposit.name

    # ---- the out folder ----

    def out(self, name: str) -> Look | None:
        """What lies in the out folder under a name."""
        try:
            return look(self._server.call("head_object", self._out(name)))
        except NothingThere:
            return None

    def stage(self, part_name: str, data: BinaryIO) -> None:
        """Nothing; the part lies there, in the place of any other."""
        part = self._out(part_name)
        first = first_part(data)
        if len(first) < PART_BYTES:
            write_small(self._server, part, first, create_only=False)
            return
        write_large(self._server, part, first, data)

    def discard(self, part_name: str) -> None:
        """Nothing; neither the part nor an upload of it lies there."""
        part = self._out(part_name)
        sweep_uploads(self._server, part, 0.0)
        self._server.call("delete_object", part)

    def publish(self, name: str, part_name: str) -> None:
        """Nothing; the part bears its final name, and that name was free or bore the same bytes."""
        part, final = self._out(part_name), self._out(name)
        try:
            if self._account.publish is Publish.RENAME:
                source = quote(f"{self._account.place.bucket}/{part}")
                self._server.call("rename_object", final, RenameSource=source, DestinationIfNoneMatch="*")
                return
            source_object = {"Bucket": self._account.place.bucket, "Key": part}
            self._server.call("copy_object", final, CopySource=source_object, IfNoneMatch="*")
        except NothingThere:
            return
        except ConditionFailed:
            self._check_same(name, part_name)
        self._server.call("delete_object", part)

    def _check_same(self, name: str, part_name: str) -> None:
        published, staged = self.out(name), self.out(part_name)
        if published is None or staged is None:
            return  # The partner took it, or it was published, in this instant.
        same = published.size_bytes == staged.size_bytes
        if not same or self._sha256(name, published) != self._sha256(part_name, staged):
            raise IntegrityBroken(
                "another answer of the same name still waits for the partner",
                where=f"out folder of {self._account.partner_code}",
                value=name,
                remedy="find out which ledger wrote it; move it away if it is of an earlier trial",
            )

    def _sha256(self, name: str, there: Look) -> str:
        """Of large answers, whose hash nobody knew when they began, by reading them."""
        if there.sha256:
            return there.sha256

        def changed() -> RelaisError:
            return self._server.unavailable(self._out(name), "it changed while it was read")

        with S3Reader(self._server, self._out(name), changed=changed, damaged=self.changed) as reader:
            return hashlib.file_digest(io.BufferedReader(reader, FIRST_BYTES), "sha256").hexdigest()

    def _out(self, name: str) -> str:
        return self._account.delivery_prefix + name


def _complete(name: str) -> bool:
    unfinished = name.startswith(".") or name.lower().endswith(UNFINISHED)
    return bool(name) and "/" not in name and not unfinished


def _identity(etag: str, size_bytes: int, modified: datetime) -> str:
    # Listings and single answers agree on seconds, not always on their fractions.
    return f"{etag.strip(chr(34))}:{size_bytes}:{int(modified.timestamp())}"


def s3_mailbox(accounts: Iterable[S3Account]) -> S3Mailbox:
    """The mailbox of these accounts; nothing is connected before it is used."""
    return S3Mailbox(accounts)
