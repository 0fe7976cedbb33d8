"""Our S3 server, started and stopped: `python -m infra.seaweedfs.service up|down --home FOLDER`."""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from connectors.channel_table import FILE_NAME
from data_contracts.errors import ConfigurationError
from infra.account_file import write_accounts
from infra.seaweedfs.server import REGION, ObjectServer, prepared, start_server, stop_server

STORE_BUCKET = "relais-store"
DROPS_BUCKET = "relais-drops"


def make_bucket(server: ObjectServer, name: str) -> None:
    """Nothing; the bucket is there."""
    keys = tomllib.loads(server.credentials_file.read_text())
    client = boto3.session.Session().client(
        "s3",
        endpoint_url=server.endpoint,
        region_name=REGION,
        aws_access_key_id=keys["access_key"],
        aws_secret_access_key=keys["secret_key"],
        config=Config(s3={"addressing_style": "path"}),
    )
    try:
        client.head_bucket(Bucket=name)
    except ClientError:
        client.create_bucket(Bucket=name)


def settings_text(server: ObjectServer) -> str:
    """What relais.toml says of a store on this server."""
    return _lines(
        {
            "store_url": f"s3://{STORE_BUCKET}",
            "store_endpoint": server.endpoint,
            "store_credentials_file": str(server.credentials_file),
        }
    )


def channels_text(server: ObjectServer, partner_codes: list[str]) -> str:
    """What channels.toml says of partners whose drops are in one bucket of this server, each below its code."""
    values = {
        "bucket": DROPS_BUCKET,
        "endpoint": server.endpoint,
        "credentials_file": str(server.credentials_file),
        "publish": "rename",
    }
    return "\n".join(f"[partners.{code}.s3]\n{_lines(values)}" for code in partner_codes)


def main() -> int:
    """Exit code 0, or 2 when the server cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m infra.seaweedfs.service", description=__doc__)
    parser.add_argument("action", choices=["up", "down"])
    parser.add_argument("--home", type=Path, default=Path("var/seaweedfs"), help="its data, credentials and log")
    parser.add_argument("--partners", default="", metavar="CODE[,CODE]", help="partners who have drops there")
    parser.add_argument("--channels", type=Path, metavar="HOME", help=f"write their accounts to {FILE_NAME} there")
    given = parser.parse_args()
    try:
        if given.action == "down":
            stop_server(ObjectServer(given.home.absolute()))
            return 0
        server = prepared(given.home)
        start_server(server)
        for bucket in (STORE_BUCKET, DROPS_BUCKET):
            make_bucket(server, bucket)
        if given.channels is not None:
            codes = [code for code in given.partners.split(",") if code]
            write_accounts(given.channels / FILE_NAME, channels_text(server, codes))
        print(settings_text(server), end="")
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _lines(values: dict[str, str]) -> str:
    # A JSON text is a TOML one.
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())


if __name__ == "__main__":
    sys.exit(main())
