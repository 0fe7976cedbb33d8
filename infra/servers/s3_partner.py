"""Partners with a part of our bucket: they put objects into it, and take answers home, with boto3 as it is."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3

from infra.seaweedfs.server import REGION
from infra.servers.channels_file import BUCKET
from infra.servers.journal import Journal
from infra.servers.stand import Stand


class S3Partners:
    """The partners that come by S3."""

    def __init__(self, stand: Stand, codes: Sequence[str]) -> None:
        self._stand = stand
        self._codes = codes

    def prepare(self) -> None:
        """Nothing; the bucket is there."""
        make_bucket(self._stand, BUCKET)

    def drop(self, code: str, sources: Sequence[Path], journal: Journal) -> int:
        """How many files were dropped now."""
        client, dropped = s3_client(self._stand), 0
        for source in sources:
            if source not in journal:
                with source.open("rb") as body:
                    client.put_object(Bucket=BUCKET, Key=f"{code}/in/{source.name}", Body=body)
                journal.add([source])
                dropped += 1
        return dropped

    def take(self, code: str, out: Path) -> None:
        """Nothing; the partner's answers lie in the folder."""
        client = s3_client(self._stand)
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{code}/out/"):
            for row in page.get("Contents", ()):
                name = row["Key"].removeprefix(f"{code}/out/")
                if not name.startswith(".") and not name.endswith(".part"):
                    client.download_file(BUCKET, row["Key"], str(out / name))


def make_bucket(stand: Stand, name: str) -> None:
    """Nothing; the server has the bucket."""
    client = s3_client(stand)
    if name not in [row["Name"] for row in client.list_buckets()["Buckets"]]:
        client.create_bucket(Bucket=name)


def s3_client(stand: Stand) -> Any:
    """A client of the stand's server, as any program would make it."""
    credentials = tomllib.loads(stand.weed.credentials_file.read_text())
    return boto3.client(
        "s3", endpoint_url=stand.weed.endpoint, region_name=REGION, aws_access_key_id=credentials["access_key"],
        aws_secret_access_key=credentials["secret_key"],
    )  # fmt: skip
