"""What channels.toml of the home says of the sample's partners."""

from __future__ import annotations

import json
from pathlib import Path

from connectors.channel_table import FILE_NAME
from infra.openssh.server import HOST
from infra.servers.certificates import own_key, shown
from infra.servers.spread import SPREAD, Kind
from infra.servers.stand import OUR_ID, Stand

BUCKET = "relais-partners"

Table = dict[str, str | int | list[str]]


def write_channels(stand: Stand) -> Path:
    """The file, written anew."""
    made = {Kind.SFTP: _sftp, Kind.S3: _s3, Kind.AS2: _as2}
    lines: list[str] = []
    for code, reached in sorted(SPREAD.items()):
        lines.append(f"[partners.{code}.{reached.kind}]")
        table = made[reached.kind](stand, code) | reached.options
        # JSON texts, numbers and lists of texts are TOML values.
        lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()]
        lines.append("")
    path = stand.home / FILE_NAME
    part = path.with_suffix(".part")
    part.write_text("\n".join(lines), encoding="utf-8")
    part.replace(path)
    return path


def _sftp(stand: Stand, code: str) -> Table:
    place = stand.sshd.seen_as(stand.sshd.files / code)
    return {
        "host": HOST,
        "port": stand.sshd.port,
        "user": stand.sshd.user,
        "key_file": str(stand.sshd.client_key),
        "host_keys": [stand.sshd.host_key],
        "pickup_folder": f"{place}/in",
        "delivery_folder": f"{place}/out",
    }


def _s3(stand: Stand, code: str) -> Table:
    return {
        "endpoint": stand.weed.endpoint,
        "bucket": BUCKET,
        "credentials_file": str(stand.weed.credentials_file),
        "pickup_prefix": f"{code}/in/",
        "delivery_prefix": f"{code}/out/",
    }


def _as2(stand: Stand, code: str) -> Table:
    return {
        "as2_id": code,
        "our_id": OUR_ID,
        "keys": [str(own_key(stand.certificates, OUR_ID))],
        "certificates": [str(shown(stand.certificates, code))],
        "url": stand.peers[code].url,
    }
