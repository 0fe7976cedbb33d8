"""Assembly: from settings to the ports that the stages take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from connectors.channel_table import FILE_NAME as CHANNELS
from connectors.clock import FixedClock, SystemClock
from connectors.directory.reading import LoadedDirectory
from connectors.directory.versions import read_versions
from connectors.lanes import Lane, LaneLedger
from connectors.ledger import SqlLedger
from connectors.local_drop import LocalMailbox
from connectors.mailboxes import ChannelMailbox, Mailboxes
from connectors.object_storage import LocalStore
from connectors.registers import read_directory, read_partners
from connectors.rule_register import read_register
from connectors.settings import Settings, load
from data_contracts.directory import Directory, DirectorySource
from data_contracts.errors import ConfigurationError
from data_contracts.partners import Partners
from data_contracts.ports import Clock, ObjectStore
from data_contracts.rule_sets import RuleRegister


@dataclass(frozen=True)
class House:
    """Everything that a stage may ask for. `cache_dir` holds what can be made again, and is this user's alone;
    `register` says which rule files an operator added. Close it, or use it in a `with` block."""

    ledger: SqlLedger
    store: ObjectStore
    mailbox: Mailboxes
    clock: Clock
    partners: Partners
    directory: DirectorySource
    cache_dir: Path
    register: RuleRegister

    def close(self) -> None:
        """Nothing; claims on partners' files are free, connections closed. Used again, they are opened again."""
        try:
            self.mailbox.close()
        finally:
            self.ledger.close()

    def __enter__(self) -> House:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


CACHE = "cache"


def house_at(home: Path) -> House:
    """The ports of the home that lies in a folder. Errors as `house`, and as its settings cannot be read."""
    return house(load(home))


def house(settings: Settings, lane: Lane = Lane.EVERY) -> House:
    """The ports of a home; its folders and tables exist afterwards. The ledger shows what waits in a lane.

    Errors   ConfigurationError when a register is missing and not declared open, or cannot be read; IntegrityBroken
             when a registered rule file was changed.
    """
    partners, directory = _partners(settings), directory_of(settings)
    try:
        for folder in (settings.home, settings.store_dir, settings.mailbox_dir):
            folder.mkdir(parents=True, exist_ok=True)
        cache_dir = settings.home / CACHE
        cache_dir.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            "a folder cannot be created",
            where=str(error.filename),
            value=error.strerror or "",
            remedy="choose another place in relais.toml, or check who may write there",
        ) from error
    store = store_of(settings)
    ledger = LaneLedger(settings.ledger_url, lane, weights=_weights(partners))
    ledger.create_tables()
    clock, register = clock_of(settings), read_register(settings.rules)
    mailbox = Mailboxes(LocalMailbox(settings.mailbox_dir), lambda: _channel_mailboxes(settings, store, clock))
    return House(ledger, store, mailbox, clock, partners, directory, cache_dir, register)


def store_of(settings: Settings) -> ObjectStore:
    """The object store of a home, ready to be written to: its bucket if it names one, else its folder."""
    place = settings.store_place
    if place is not None:
        from connectors.s3_store import S3Store

        in_bucket = S3Store(place)
        in_bucket.prepare()
        return in_bucket
    store = LocalStore(settings.store_dir)
    store.prepare()
    return store


def clock_of(settings: Settings) -> Clock:
    """The business time of a home."""
    return SystemClock() if settings.fixed_now is None else FixedClock(settings.fixed_now)


def _channel_mailboxes(
    settings: Settings, store: ObjectStore, clock: Clock
) -> Mapping[str, tuple[frozenset[str], ChannelMailbox]]:
    """Mailboxes by kind of channel, of those kinds that some partner has.

    Each kind stands on libraries that take a second to import: those that no partner needs are not.
    """
    if not (settings.home / CHANNELS).exists():
        return {}
    from connectors.channels import read_channels

    channels = read_channels(settings.home)
    mailboxes: dict[str, tuple[frozenset[str], ChannelMailbox]] = {}
    if channels.sftp:
        from connectors.sftp import sftp_mailbox

        mailboxes["sftp"] = frozenset(channels.sftp), sftp_mailbox(channels.sftp.values())
    if channels.as2:
        from connectors.as2.assembly import as2_mailbox

        mailboxes["as2"] = frozenset(channels.as2), as2_mailbox(channels.as2, settings.ledger_url, store, clock)
    if channels.s3:
        from connectors.s3_mailbox import s3_mailbox

        mailboxes["s3"] = frozenset(channels.s3), s3_mailbox(channels.s3.values())
    return mailboxes


def _partners(settings: Settings) -> Partners:
    if settings.partners_file is not None:
        rows = read_partners(settings.partners_file).rows
        return Partners(rows, open_to_all=settings.open_partners)
    if settings.open_partners:
        return Partners({}, open_to_all=True)
    raise _missing("partners_file", "open_partners", settings)


def directory_of(settings: Settings) -> DirectorySource:
    """The directory of a home: what was loaded, else its registers, else an open one.

    Errors   ConfigurationError when there is none and it is not declared open, or a register cannot be read.
    """
    if read_versions(settings.directory_versions):
        return LoadedDirectory(settings.directory_versions, open_to_all=settings.open_directory)
    if settings.directory_dir is not None:
        return replace(read_directory(settings.directory_dir), open_to_all=settings.open_directory)
    if settings.open_directory:
        return Directory({}, open_to_all=True)
    raise _missing("directory_dir", "open_directory", settings)


def _weights(partners: Partners) -> dict[str, int]:
    return {code: partner.weight for code, partner in sorted(partners.rows.items()) if partner.weight != 1}


def _missing(name: str, flag: str, settings: Settings) -> ConfigurationError:
    return ConfigurationError(
        "a register is missing",
        where=f"{settings.home}/relais.toml, {name}",
        remedy=f"set {name}, or {flag} = true to take everyone",
    )
