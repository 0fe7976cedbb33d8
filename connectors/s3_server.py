"""Requests to an S3 server: time limits, bounded retries, and errors in our words.

botocore tries a request again, with growing pauses, when the connection breaks, the server is busy or fails. What is
left is told here: try later, or a person must correct something, or the answer is one that the caller expects.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeVar

import boto3.session
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from connectors.s3_place import S3Place, read_credentials
from data_contracts.errors import (
    ConfigurationError,
    PartnerRefused,
    PartnerSilent,
    RelaisError,
    StoreUnavailable,
)

CONNECT_SECONDS = 5
PAGE_KEYS = 1_000
"""Names a listing brings at once: the most that servers give."""

CONNECTIONS = 16
_CONFLICT_PAUSES_SECONDS = (0.05, 0.2, 0.8)

_AGAIN = {"BadDigest", "IncompleteBody", "InvalidPart", "NoSuchUpload", "RequestTimeout", "XAmzContentSHA256Mismatch"}
"""Refusals that the same request sent again need not meet: bytes damaged on their way, an upload swept meanwhile."""

_CONFLICTS = {"ConditionalRequestConflict", "OperationAborted"}
Result = TypeVar("Result")


class NothingThere(Exception):
    """No object lies under the key."""


class ConditionFailed(Exception):
    """What the request presupposed does not hold: the key is taken, or the object is another."""


class BeyondEnd(Exception):
    """The object has no byte of the range asked for."""


@dataclass(frozen=True)
class Voice:
    """Which errors say that a server does not answer, and that it refuses us."""

    server: str
    unavailable: type[RelaisError]
    refused: type[RelaisError]


STORE = Voice("the object store", StoreUnavailable, ConfigurationError)
PARTNER = Voice("a partner's S3 server", PartnerSilent, PartnerRefused)


class S3Server:
    """One bucket of a server, for any number of threads and processes; nothing is connected before it is used."""

    def __init__(self, place: S3Place, voice: Voice) -> None:
        self.place = place
        self.voice = voice

    def call(self, operation: str, key: str = "", **arguments: Any) -> dict[str, Any]:
        """What the server answers to a request about an object, or about the bucket when no key is given.

        Errors   NothingThere, ConditionFailed, BeyondEnd; else those of the voice, naming place and remedy.
        """
        if key:
            arguments["Key"] = key
        for pause_seconds in _CONFLICT_PAUSES_SECONDS:
            try:
                return self._called(operation, key, arguments)
            except _Conflict:
                time.sleep(pause_seconds)
        try:
            return self._called(operation, key, arguments)
        except _Conflict as conflict:
            raise self.unavailable(key, str(conflict)) from conflict

    def kept_up(self, key: str, work: Callable[[], Result]) -> Result:
        """The result of work that reads a body, and may be done again when the connection breaks meanwhile."""
        attempt = 1
        while True:
            try:
                return work()
            except (BotoCoreError, HTTPClientError, OSError) as error:
                if attempt >= self.place.attempts:
                    raise self.unavailable(key, str(error)) from error
                time.sleep(0.1 * 2**attempt)
                attempt += 1

    def pages(self, operation: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        """The pages of a listing, one in memory at a time."""
        with self._reaching(str(arguments.get("Prefix", ""))):
            paginator = self._client().get_paginator(operation)
            yield from paginator.paginate(Bucket=self.place.bucket, **arguments)

    def unavailable(self, key: str, value: str) -> RelaisError:
        return self.voice.unavailable(
            f"{self.voice.server} does not answer as it should",
            where=self._where(key),
            value=value,
            remedy="wait; if it lasts, see the server: network, free space, its own log",
        )

    def _called(self, operation: str, key: str, arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            with self._reaching(key):
                answer: dict[str, Any] = getattr(self._client(), operation)(Bucket=self.place.bucket, **arguments)
                return answer
        except NothingThere:
            if operation == "head_object":
                # The answer to HEAD has no body that could tell a missing bucket from a missing object.
                with self._reaching(""):
                    self._client().head_bucket(Bucket=self.place.bucket)
            raise

    def _client(self) -> Any:
        return _client(replace(self.place, bucket="", prefix=""), os.getpid())

    @contextmanager
    def _reaching(self, key: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            raise self._meant(error, key) from error
        except (BotoCoreError, HTTPClientError, OSError) as error:
            raise self.unavailable(key, str(error)) from error

    def _meant(self, error: ClientError, key: str) -> Exception:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        said = f"{status} {code}".strip()
        if status == 412:
            return ConditionFailed(said)
        if status == 416:
            return BeyondEnd(said)
        if code in _CONFLICTS:
            return _Conflict(said)
        if (status >= 500 and status != 501) or status == 429 or code in _AGAIN:
            return self.unavailable(key, said)
        if status == 404 and code != "NoSuchBucket" and key:
            return NothingThere(said)
        return self.voice.refused(
            f"{self.voice.server} has no such bucket" if status == 404 else f"{self.voice.server} refuses what we ask",
            where=self._where(key),
            value=said,
            remedy="check bucket, endpoint, region and credentials file, this machine's time, and what we may do there",
        )

    def _where(self, key: str) -> str:
        return self.place.shown(key.removeprefix(self.place.prefix))


class _Conflict(Exception):
    """Another request about the same key is under way at the server."""


@cache
def _client(place: S3Place, _process: int) -> Any:
    """The client of a process for a server: it is costly to make, and connections shared with a forked child would give
    one the other's answers."""
    credentials = read_credentials(place.credentials_file)
    # Settings, profiles and endpoints that this user has for other tools must not lead us elsewhere.
    elsewhere = dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))
    own = botocore.session.Session(session_vars={"profile": (None, None, None, None), **elsewhere})
    return boto3.session.Session(botocore_session=own).client(
        "s3",
        endpoint_url=place.endpoint or None,
        region_name=place.region,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.session_token,
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=place.timeout_seconds,
            retries={"mode": "standard", "total_max_attempts": place.attempts},
            max_pool_connections=CONNECTIONS,
            ignore_configured_endpoint_urls=True,
            # A host name for each bucket is nothing that servers of our own have.
            s3={"addressing_style": "path" if place.endpoint else "virtual"},
        ),
    )
