"""One mailbox over all channels: each partner is reached by its own channel, or by local folders when it has none."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing
from typing import BinaryIO, Protocol

from data_contracts.errors import ConfigurationError, PartnerRefused, PartnerUnavailable
from data_contracts.ports import Deposit, Mailbox

log = logging.getLogger("relais.mailboxes")


class ChannelMailbox(Mailbox, Protocol):
    """A mailbox of one kind of channel, that holds connections."""

    def close(self) -> None: ...


Opened = Callable[[], Mapping[str, tuple[frozenset[str], ChannelMailbox]]]
"""Makes the mailboxes by kind of channel, each with the codes of its partners."""


class Mailboxes:
    """`data_contracts.ports.Mailbox` that routes by partner. Close it.

    Channels are made at the first use: a stage that speaks to no partner reads no key and connects to nobody.
    Errors   ConfigurationError at the first use, as the channels say it, or when a partner has two.
    """

    def __init__(self, local: Mailbox, opened: Opened) -> None:
        self._local = local
        self._opened = opened
        self._kinds: Mapping[str, tuple[frozenset[str], ChannelMailbox]] | None = None
        self._by_partner: dict[str, ChannelMailbox] = {}

    def __repr__(self) -> str:
        return f"Mailboxes({', '.join(sorted(self._by_partner)) or 'local folders'})"

    def close(self) -> None:
        """Nothing; claims are free, connections closed. Used again, it opens them again."""
        kinds, self._kinds, self._by_partner = self._kinds, None, {}
        with ExitStack() as closed:
            for _, mailbox in (kinds or {}).values():
                closed.callback(mailbox.close)

    def incoming(self) -> Iterator[Deposit]:
        """Complete files of every partner's drop, sorted by partner code then name.

        Errors   PartnerRefused, else PartnerUnavailable, after all other partners' files.
        """
        failed: list[PartnerUnavailable | PartnerRefused] = []
        boxes = self._channels()
        with ExitStack() as ended:
            listings = [
                ended.enter_context(closing(listing))
                for listing in (
                    self._locally(failed),
                    *(_all_that_come(mailbox, failed) for _, mailbox in boxes.values()),
                )
            ]
            yield from heapq.merge(*listings, key=_order)
        refused = [error for error in failed if isinstance(error, PartnerRefused)]
        for error in refused or failed:
            raise error

    def open(self, deposit: Deposit) -> AbstractContextManager[BinaryIO]:
        """A reader of the deposit's bytes. PartnerUnavailable if the file changed or vanished since it was listed."""
        return self._of(deposit.partner_code).open(deposit)

    def remove(self, deposit: Deposit) -> None:
        """Nothing; the file is out of the drop, or is no longer the one that was listed."""
        self._of(deposit.partner_code).remove(deposit)

    def stage(self, partner_code: str, name: str, part: str, data: BinaryIO) -> None:
        """Nothing; the answer is staged in the partner's out folder."""
        self._of(partner_code).stage(partner_code, name, part, data)

    def publish(self, partner_code: str, name: str, part: str) -> None:
        """Nothing; what was staged as `part` bears its final name."""
        self._of(partner_code).publish(partner_code, name, part)

    def discard(self, partner_code: str, name: str, part: str) -> None:
        """Nothing; what was staged as `part` is gone."""
        self._of(partner_code).discard(partner_code, name, part)

    def _of(self, partner_code: str) -> Mailbox:
        self._channels()
        return self._by_partner.get(partner_code, self._local)

    def _channels(self) -> Mapping[str, tuple[frozenset[str], ChannelMailbox]]:
        if self._kinds is None:
            kinds = self._opened()
            kind_of: dict[str, str] = {}
            for kind, (partner_codes, _) in kinds.items():
                for partner_code in sorted(partner_codes):
                    if kind_of.setdefault(partner_code, kind) != kind:
                        raise _two_channels(partner_code, kind_of[partner_code], kind)
            self._by_partner = {code: kinds[kind][1] for code, kind in kind_of.items()}
            self._kinds = kinds
        return self._kinds

    def _locally(self, failed: list[PartnerUnavailable | PartnerRefused]) -> Generator[Deposit, None, None]:
        for deposit in _all_that_come(self._local, failed):
            if deposit.partner_code in self._by_partner:
                log.warning("drop.not_its_channel partner=%s name=%s", deposit.partner_code, deposit.name)
            else:
                yield deposit


def _all_that_come(
    mailbox: Mailbox, failed: list[PartnerUnavailable | PartnerRefused]
) -> Generator[Deposit, None, None]:
    """What a mailbox lists; how it ended, if badly, is told in `failed` and stops no other."""
    try:
        yield from mailbox.incoming()
    except (PartnerUnavailable, PartnerRefused) as error:
        failed.append(error)


def _order(deposit: Deposit) -> str:
    return deposit.partner_code


def _two_channels(partner_code: str, first: str, second: str) -> ConfigurationError:
    return ConfigurationError(
        "a partner has two channels",
        where=f"channels.toml, partners.{partner_code}",
        value=f"{first}, {second}",
        remedy="keep one: flows and answers take the same way",
    )
