"""A real S3 server for the tests of one process, and places on it."""

from __future__ import annotations

import atexit
import itertools
import shutil
import tempfile
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from connectors.s3_place import S3Place
from connectors.s3_server import STORE, S3Server
from data_contracts.errors import ConfigurationError
from infra.seaweedfs.server import REGION, ObjectServer, kill_server, prepared, start_server

BUCKET = "relais-tests"
_prefixes = (f"test{number}/" for number in itertools.count(1))


def running_object_server() -> ObjectServer:
    """The server of this process; the test is skipped where none can be had."""
    made, said = _server()
    if made is None:
        pytest.skip(f"no S3 server: {said}")
    return made


def new_place(**changes: Any) -> S3Place:
    """A prefix of the tests' bucket where nothing lies."""
    return place_on(running_object_server(), **{"prefix": next(_prefixes)} | changes)


def place_on(server: ObjectServer, **changes: Any) -> S3Place:
    values = {
        "bucket": BUCKET,
        "credentials_file": server.credentials_file,
        "endpoint": server.endpoint,
        "timeout_seconds": 20,
    }
    return S3Place(**values | changes)


@cache
def client(server: ObjectServer | None = None) -> Any:
    """A client of no code of ours, as a partner has one."""
    server = server or running_object_server()
    keys = tomllib.loads(server.credentials_file.read_text())
    return boto3.session.Session().client(
        "s3",
        endpoint_url=server.endpoint,
        region_name=REGION,
        aws_access_key_id=keys["access_key"],
        aws_secret_access_key=keys["secret_key"],
        config=Config(s3={"addressing_style": "path"}),
    )


def lying(place: S3Place) -> list[str]:
    """Whatever lies below the prefix of a place, ours or not."""
    server = S3Server(place, STORE)
    pages = server.pages("list_objects_v2", Prefix=place.prefix)
    return sorted(row["Key"].removeprefix(place.prefix) for page in pages for row in page.get("Contents", ()))


def started_server() -> ObjectServer:
    """A further server with the tests' bucket, removed at the end of the process."""
    home = Path(tempfile.mkdtemp(prefix="relais-s3-"))
    try:
        made = prepared(home)
        start_server(made)
    except ConfigurationError:
        shutil.rmtree(home)
        raise
    atexit.register(_removed, made)
    client(made).create_bucket(Bucket=BUCKET)
    return made


@cache
def _server() -> tuple[ObjectServer | None, str]:
    try:
        return started_server(), ""
    except ConfigurationError as error:
        return None, str(error)


def _removed(made: ObjectServer) -> None:
    kill_server(made)
    shutil.rmtree(made.place, ignore_errors=True)
