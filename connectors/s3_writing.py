"""Writing objects: small ones by one request, large ones in parts, never more than some parts in memory.

Proof    The server is told the SHA-256 of a small object and refuses other bytes. Of each part it answers an ETag, the
         MD5 of what it took, which is compared before the parts become an object.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from connectors.s3_reading import SHA256
from connectors.s3_server import NothingThere, S3Server
from data_contracts.errors import RelaisError

PART_BYTES = 1 << 23
"""An object up to this size is written by one request. 10,000 parts, the most there may be, hold 84 GB."""

PARTS_UNDER_WAY = 4
COPY_BYTES_MAX = 5 * 1000**3
"""The largest object that servers copy by one request."""

_READ_BYTES = 1 << 20
_MD5 = re.compile(r'"[0-9a-f]{32}"')


@dataclass(frozen=True)
class Written:
    sha256: str
    size_bytes: int


def first_part(data: BinaryIO) -> bytes:
    """The first bytes of a stream: all of them, if they are fewer than a part."""
    return b"".join(_pieces(data, PART_BYTES))


def write_small(server: S3Server, key: str, data: bytes, *, create_only: bool) -> Written:
    """What was written by one request, durable and at once.

    Errors   ConditionFailed when only creating, and the key is taken.
    """
    digest = hashlib.sha256(data)
    condition = {"IfNoneMatch": "*"} if create_only else {}
    answer = server.call(
        "put_object",
        key,
        Body=data,
        Metadata={SHA256: digest.hexdigest()},
        ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
        **condition,
    )
    _check_taken(server, key, answer, hashlib.md5(data, usedforsecurity=False).digest())
    return Written(digest.hexdigest(), len(data))


def write_large(server: S3Server, key: str, first: bytes, rest: BinaryIO) -> Written:
    """What was written in parts: a first one and what follows. Nobody sees it before it is whole.

    Errors   those of the stream and of the server; the parts are then given up.
    Cost     memory for PARTS_UNDER_WAY parts and one.
    """
    upload_id: str = server.call("create_multipart_upload", key)["UploadId"]
    try:
        parts = _Parts(server, key, upload_id)
        written = parts.sent(first, rest)
        server.call("complete_multipart_upload", key, UploadId=upload_id, MultipartUpload={"Parts": parts.taken})
    except BaseException:
        with suppress(RelaisError, NothingThere):
            server.call("abort_multipart_upload", key, UploadId=upload_id)
        raise
    return written


def sweep_uploads(server: S3Server, prefix: str, age_seconds: float) -> int:
    """How many unfinished uploads under a prefix, begun before that age, were given up with the parts they hold."""
    oldest = datetime.now(UTC) - timedelta(seconds=age_seconds)
    swept = 0
    for page in server.pages("list_multipart_uploads", Prefix=prefix):
        for upload in page.get("Uploads", ()):
            # Not every server looks at the prefix.
            if upload["Key"].startswith(prefix) and upload["Initiated"] < oldest:
                with suppress(NothingThere):
                    server.call("abort_multipart_upload", upload["Key"], UploadId=upload["UploadId"])
                swept += 1
    return swept


class _Parts:
    """The parts of one upload, some of them under way at a time."""

    def __init__(self, server: S3Server, key: str, upload_id: str) -> None:
        self._server = server
        self._key = key
        self._upload_id = upload_id
        self.taken: list[dict[str, Any]] = []

    def sent(self, first: bytes, rest: BinaryIO) -> Written:
        """Hash and size of the stream; every part was taken by the server."""
        digest = hashlib.sha256()
        size_bytes = 0
        under_way: deque[Future[str]] = deque()
        with ThreadPoolExecutor(PARTS_UNDER_WAY, thread_name_prefix="part") as pool:
            part = first
            number = 0
            try:
                while part:
                    number += 1
                    under_way.append(pool.submit(self._send, number, part))
                    digest.update(part)
                    size_bytes += len(part)
                    if len(under_way) == PARTS_UNDER_WAY:
                        self._take(under_way.popleft())
                    part = first_part(rest)
                while under_way:
                    self._take(under_way.popleft())
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return Written(digest.hexdigest(), size_bytes)

    def _send(self, number: int, part: bytes) -> str:
        answer = self._server.call("upload_part", self._key, UploadId=self._upload_id, PartNumber=number, Body=part)
        _check_taken(self._server, self._key, answer, hashlib.md5(part, usedforsecurity=False).digest())
        etag: str = answer["ETag"]
        return etag

    def _take(self, sending: Future[str]) -> None:
        self.taken.append({"PartNumber": len(self.taken) + 1, "ETag": sending.result()})


def _check_taken(server: S3Server, key: str, answer: dict[str, Any], md5: bytes) -> None:
    """With keys of a key server, the ETag is no MD5 and proves nothing."""
    etag = str(answer["ETag"])
    encrypted = str(answer.get("ServerSideEncryption", "")).startswith("aws:") or "SSECustomerAlgorithm" in answer
    if _MD5.fullmatch(etag) and not encrypted and etag.strip('"') != md5.hex():
        raise server.unavailable(key, f"it took other bytes than we sent: ETag {etag}, MD5 {md5.hex()}")


def _pieces(data: BinaryIO, size_bytes: int) -> Iterator[bytes]:
    left = size_bytes
    while left and (piece := data.read(min(left, _READ_BYTES))):
        left -= len(piece)
        yield piece
