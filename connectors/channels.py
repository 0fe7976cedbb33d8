"""Channels of a home: how each partner is reached. `channels.toml` has a table `[partners.CODE.KIND]` for each.

A kind of channel is a field of `Channels` and a reader of its table in `_KINDS`. Secrets are never in the file: it
names the files that hold them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.as2.partner import As2Partner, as2_partner
from connectors.channel_table import FILE_NAME, ChannelTable
from connectors.s3_account import S3Account, s3_account
from connectors.sftp_account import SftpAccount, sftp_account
from connectors.toml_file import read_toml
from data_contracts.errors import ConfigurationError
from data_contracts.partners import APPLICATION_CODE


@dataclass(frozen=True)
class Channels:
    """Channels by kind, then by partner code in order. A partner without any has a local folder."""

    sftp: Mapping[str, SftpAccount] = field(default_factory=dict)
    as2: Mapping[str, As2Partner] = field(default_factory=dict)
    s3: Mapping[str, S3Account] = field(default_factory=dict)


_KINDS: dict[str, Callable[[ChannelTable], Any]] = {"sftp": sftp_account, "as2": as2_partner, "s3": s3_account}


def read_channels(home: Path) -> Channels:
    """The channels of a home; none when it has no channels.toml.

    Errors   ConfigurationError naming the file, the table and the key.
    """
    path = home / FILE_NAME
    document = read_toml(path, "the channels") or {}
    partners = document.pop("partners", {})
    if document or not isinstance(partners, dict):
        raise _misplaced(str(path), next(iter(document), "partners"))
    kinds: dict[str, dict[str, Any]] = {kind: {} for kind in _KINDS}
    for partner_code in sorted(partners):
        tables = partners[partner_code]
        where = f"{path}, partners.{partner_code}"
        if not APPLICATION_CODE.fullmatch(partner_code) or not isinstance(tables, dict):
            raise _misplaced(where, partner_code)
        for kind, values in tables.items():
            if kind not in _KINDS or not isinstance(values, dict):
                raise _misplaced(where, kind)
            table = ChannelTable(partner_code, values, f"{where}.{kind}", home)
            kinds[kind][partner_code] = _KINDS[kind](table)
    return Channels(**kinds)


def _misplaced(where: str, value: str) -> ConfigurationError:
    return ConfigurationError(
        "this is not a channel of a partner",
        where=where,
        value=value,
        remedy="write tables [partners.CODE.KIND]: an application code, and one of " + ", ".join(sorted(_KINDS)),
    )
