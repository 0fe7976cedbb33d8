"""The connection to one SFTP account: opened when needed, opened anew when it broke, its errors in our words.

Everything here runs in the background loop. The server must show a pinned key; we log in by key alone, and nothing of
the user's own SSH settings, agent or known hosts is looked at.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

import asyncssh

from connectors.sftp_account import SftpAccount
from data_contracts.errors import ConfigurationError, PartnerRefused, PartnerSilent, PartnerUnavailable

RESUME_PAUSES_SECONDS = (0.2, 1.0, 3.0)
"""Waits before a broken transfer is taken up again; after the last the next run does it."""

_REMEMBERED_SECONDS = 0.5
"""So long a failure to connect answers for all that wait for the same connection."""

_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes256-ctr")
"""GCM first: it costs half the processor time of the others here."""

_ENDED = (
    asyncssh.SFTPConnectionLost,
    asyncssh.SFTPNoConnection,
    asyncssh.SFTPBadMessage,
    asyncssh.DisconnectError,
    asyncssh.ChannelOpenError,
    OSError,
)
Result = TypeVar("Result")

# The library tells every file it opens; what matters is in our errors.
logging.getLogger("asyncssh").setLevel(logging.WARNING)


class LinkBroken(PartnerSilent):
    """The connection ended or the server fell silent. What can be resumed is resumed."""


class Missing(PartnerUnavailable):
    """Nothing lies under the name."""


@dataclass(frozen=True)
class Link:
    """A connection and its channels. A server does the requests of a channel one by one, and a deletion may wait for
    its disk: on a channel of their own, renames and deletions do not hold reading up."""

    connection: asyncssh.SSHClientConnection
    reading: asyncssh.SFTPClient
    changing: asyncssh.SFTPClient


class SftpSession:
    """One connection, on which many requests are under way at a time.

    Errors   ConfigurationError when a key, certificate or host key of the account cannot be read.
    """

    def __init__(self, account: SftpAccount) -> None:
        self.account = account
        self._options = _options(account)
        self._connecting = asyncio.Lock()
        self._link: Link | None = None
        self._failure: tuple[float, PartnerUnavailable | PartnerRefused] | None = None

    @property
    def is_open(self) -> bool:
        return self._link is not None

    def reached(self, path: str) -> Reach:
        """`async with` gives the open channel, for requests about a path."""
        return Reach(self, path)

    def changing(self, path: str) -> Reach:
        """The same on the other channel, for requests that rename and delete."""
        return Reach(self, path, changing=True)

    async def kept_up(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """The result of work that may be done again, also if the connection breaks meanwhile."""
        for pause_seconds in RESUME_PAUSES_SECONDS:
            try:
                return await work()
            except LinkBroken:
                await asyncio.sleep(pause_seconds)
        return await work()

    async def close(self) -> None:
        """Nothing; the connection is closed. A later request opens another."""
        link, self._link = self._link, None
        if link is not None:
            link.connection.close()
            await link.connection.wait_closed()

    def forget(self, link: Link) -> None:
        """Give up a connection, unless another is open by now."""
        if self._link is link:
            link.connection.abort()
            self._link = None

    async def opened(self) -> Link:
        """The connection, made if there is none.

        Errors   LinkBroken when the server does not answer; PartnerRefused when it refuses us or is not the one pinned.
        """
        if self._link is not None:
            return self._link
        async with self._connecting:
            if self._link is None:
                self._raise_remembered()
                try:
                    self._link = await self._connected()
                except (PartnerUnavailable, PartnerRefused) as error:
                    self._failure = (time.monotonic(), error)
                    raise
            self._failure = None
            return self._link

    def _raise_remembered(self) -> None:
        """A refused login is not tried again by this session: the partner would lock the account."""
        if self._failure is not None:
            at, error = self._failure
            if isinstance(error, PartnerRefused) or time.monotonic() - at < _REMEMBERED_SECONDS:
                raise type(error)(error.what, where=error.where, value=error.value, remedy=error.remedy)

    async def _connected(self) -> Link:
        account = self.account
        connection: asyncssh.SSHClientConnection | None = None
        try:
            async with asyncio.timeout(account.timeout_seconds):
                connection = await asyncssh.connect(account.host, account.port, **self._options)
                return await _link(connection)
        except TimeoutError as error:
            _abort(connection)
            raise self.broken("", f"no login in {account.timeout_seconds} s") from error
        except asyncssh.HostKeyNotVerifiable as error:
            raise PartnerRefused(
                "the server does not show a host key that is pinned for the partner",
                where=account.place(),
                value=error.reason,
                remedy="stop and ask the partner by another way; if the key changed, add the new one to host_keys",
            ) from error
        except asyncssh.PermissionDenied as error:
            raise PartnerRefused(
                "the partner's server refuses our key",
                where=account.place(),
                value=error.reason,
                remedy="have the public key of key_file, or its certificate, accepted for the user",
            ) from error
        except asyncssh.KeyExchangeFailed as error:
            raise PartnerRefused(
                "the partner's server knows none of our algorithms",
                where=account.place(),
                value=error.reason,
                remedy="ask the partner to allow current algorithms",
            ) from error
        except (*_ENDED, asyncssh.SFTPError) as error:
            _abort(connection)
            raise self.broken("", str(error) or type(error).__name__) from error

    def broken(self, path: str, value: str) -> LinkBroken:
        return LinkBroken(
            "a partner's server does not answer",
            where=self.account.place(path),
            value=value,
            remedy="wait; if it lasts, check host, port and network, then call the partner",
        )


class Reach:
    """The open channel within a time limit, and what its errors mean.

    Errors   LinkBroken, Missing and PartnerUnavailable naming the path and a remedy; PartnerRefused at login.
    """

    def __init__(self, session: SftpSession, path: str, *, changing: bool = False) -> None:
        self._session = session
        self._path = path
        self._changing = changing

    async def __aenter__(self) -> asyncssh.SFTPClient:
        self._link = await self._session.opened()
        self._client = self._link.changing if self._changing else self._link.reading
        self._limit = asyncio.timeout(self._session.account.timeout_seconds)
        await self._limit.__aenter__()
        return self._client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._limit.__aexit__(kind, error, trace)
        except TimeoutError as late:
            self._session.forget(self._link)
            seconds = self._session.account.timeout_seconds
            raise self._session.broken(self._path, f"no answer in {seconds} s") from late
        if isinstance(error, _ENDED):
            self._session.forget(self._link)
            raise self._session.broken(self._path, str(error) or type(error).__name__) from error
        if isinstance(error, asyncssh.SFTPError):
            raise self._meant(error) from error

    def more_time(self) -> None:
        """Nothing; the server showed life, and the limit starts anew."""
        self._limit.reschedule(asyncio.get_running_loop().time() + self._session.account.timeout_seconds)

    def _meant(self, error: asyncssh.SFTPError) -> PartnerUnavailable:
        account = self._session.account
        where = account.place(self._path)
        if isinstance(error, asyncssh.SFTPNoSuchFile):
            return Missing(
                "a partner's server has no such file or folder",
                where=where,
                remedy="if it is a folder of the account, have it created or correct channels.toml",
            )
        if isinstance(error, asyncssh.SFTPPermissionDenied):
            return PartnerUnavailable(
                "a partner's server denies permission",
                where=where,
                value=error.reason,
                remedy=f"ask the partner to give {account.user} the rights, or choose another pickup",
            )
        return PartnerUnavailable(
            "a partner's server could not do what we asked",
            where=where,
            value=error.reason or type(error).__name__,
            remedy="see the partner's server: free space, rights, kind of file",
        )


def _options(account: SftpAccount) -> dict[str, Any]:
    try:
        passphrase = None
        if account.passphrase_file is not None:
            passphrase = account.passphrase_file.read_text(encoding="utf-8").rstrip("\r\n")
        key: Any = asyncssh.read_private_key(account.key_file, passphrase)
        if account.certificate_file is not None:
            key = (key, asyncssh.read_certificate(account.certificate_file))
        pinned = [asyncssh.import_public_key(row) for row in account.host_keys]
    except (OSError, ValueError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise ConfigurationError(
            "a key of the account cannot be read",
            where=account.place(),
            value=str(error),
            remedy="check key_file, passphrase_file, certificate_file and host_keys in channels.toml",
        ) from error
    return {
        "username": account.user,
        "client_keys": [key],
        "known_hosts": (pinned, [], []),
        "preferred_auth": "publickey",
        "agent_path": None,
        "config": None,
        "x509_trusted_certs": None,
        "encryption_algs": _CIPHERS,
        "compression_algs": None,
        "connect_timeout": account.timeout_seconds,
        "login_timeout": account.timeout_seconds,
        "keepalive_interval": account.timeout_seconds,
    }


async def _link(connection: asyncssh.SSHClientConnection) -> Link:
    """Both channels. On a server that gives one only, it serves for all."""
    reading = await connection.start_sftp_client(path_errors="surrogateescape")
    try:
        changing = await connection.start_sftp_client(path_errors="surrogateescape")
    except asyncssh.ChannelOpenError:
        changing = reading
    return Link(connection, reading, changing)


def _abort(connection: asyncssh.SSHClientConnection | None) -> None:
    if connection is not None:
        connection.abort()
