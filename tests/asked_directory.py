"""A directory asked for one thing at a time, as tests do; stages ask for many at once."""

from __future__ import annotations

from datetime import date

from data_contracts.directory import AddressLine, DirectorySource, Structure, line_in_force


def structure(source: DirectorySource, siret: str, on: date) -> Structure | None:
    """The public structure of a SIRET as of a day, None if there is none."""
    return source.known(on, sirets=[siret]).structures.get(siret)


def address_line(source: DirectorySource, address: str, on: date) -> AddressLine | None:
    """The line of an address, whole and exact, that holds on a day; None if there is none."""
    return line_in_force(source.known(on, addresses=[address]).addresses.get(address, ()), on)
