"""Where mail goes out: `mail.toml` of the home, with one table `[mail]`.

[mail]
server = "smtp.example.org"
port = 587
security = "starttls"                    # or "tls" (from the first byte), or "none" (a server on this machine)
sender = "notifications@example.org"
user = "relais"
password_file = "mail.password"          # of its owner alone
ca_file = "ca.pem"                       # instead of the machine's authorities
timeout_seconds = 30
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from connectors.channel_table import ChannelTable
from connectors.toml_file import read_toml
from data_contracts.errors import ConfigurationError
from data_contracts.mail import address

FILE_NAME = "mail.toml"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Security(StrEnum):
    """How the connection is kept private."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


@dataclass(frozen=True)
class MailSettings:
    """Nulls: an empty `user` means no login; without `ca_file` the machine's authorities are trusted."""

    server: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None
    timeout_seconds: int = 30


def read_mail_settings(home: Path) -> MailSettings | None:
    """The mail server of a home; None when it has no mail.toml.

    Errors   ConfigurationError naming file and key; also where a password, or the mail itself, would cross a network in
             the clear.
    """
    path = home / FILE_NAME
    document = read_toml(path, "the mail settings")
    if document is None:
        return None
    values = document.pop("mail", None)
    if document or not isinstance(values, dict):
        raise ConfigurationError("mail.toml has one table", where=str(path), remedy="write one table [mail]")
    where = f"{path}, mail"
    table = ChannelTable("", values, where, home)
    security = table.choice("security", Security.STARTTLS)
    settings = MailSettings(
        server=table.text("server"),
        port=table.number("port", _PORTS[security], least=1, most=65_535),
        security=security,
        sender=_address(table, where),
        user=table.text("user") if table.has("user") else "",
        password_file=table.secret("password_file") if table.has("password_file") else None,
        ca_file=table.file("ca_file") if table.has("ca_file") else None,
        timeout_seconds=table.number("timeout_seconds", 30, least=1, most=600),
    )
    table.finish()
    _consistent(settings, where)
    return settings


def _address(table: ChannelTable, where: str) -> str:
    text = table.text("sender")
    try:
        return address(text)
    except ValueError as error:
        raise ConfigurationError(
            f"sender is not {error}", where=f"{where}, sender", value=text, remedy="write the address alone"
        ) from None


def _consistent(settings: MailSettings, where: str) -> None:
    if bool(settings.user) != (settings.password_file is not None):
        raise ConfigurationError("user and password_file belong together", where=where, remedy="write both, or neither")
    if settings.security is Security.NONE and settings.server not in _LOOPBACK:
        raise ConfigurationError(
            "mail would cross the network in the clear",
            where=f"{where}, security",
            value=settings.server,
            remedy='write security = "starttls" or "tls"; "none" is for a server on this machine',
        )
