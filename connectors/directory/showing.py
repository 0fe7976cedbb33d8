"""What a directory says of one key, for a person: a SIRET, a SIREN or an address, as of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connectors.directory.reading import LoadedDirectory
from data_contracts.directory import AddressLine, Directory, DirectorySource, Structure, line_in_force

LINES_MAX = 200
"""Lines shown of one unit: one may have thousands of addresses."""


@dataclass(frozen=True)
class Shown:
    """`private` names an establishment that is no public body, None otherwise. `in_force` are those of `lines` that
    hold on the day. `version` is None where the directory was not loaded but read from registers. Annex 3, DT-3-6 asks
    that `refuses_prospecting` be shown with the rest."""

    key: str
    on: date
    version: str | None
    public: bool
    structure: Structure | None
    private: str | None
    lines: tuple[AddressLine, ...]
    in_force: frozenset[AddressLine]
    more: bool
    refuses_prospecting: bool

    @property
    def found(self) -> bool:
        return bool(self.structure or self.private or self.lines or self.public)


def shown(source: DirectorySource, key: str, on: date) -> Shown:
    """What is known of a SIRET (with the addresses that bear it), a SIREN (with all its addresses), or one address."""
    siret = key if _digits(key, 14) else None
    siren = key[:9] if siret is not None or _digits(key, 9) else None
    known = source.known(on, sirets=[siret] if siret else [], sirens=[siren] if siren else [], addresses=[key])
    lines = [*known.addresses.get(key, ())]
    if siren is not None:
        lines = _under(source, known, f"{siren}_{siret}" if siret else siren, on)
    version = source.version(on) if isinstance(source, LoadedDirectory) else None
    private = source.private(int(siret), on) if siret and isinstance(source, LoadedDirectory) else None
    refuses = (
        isinstance(source, LoadedDirectory)
        and siren is not None
        and source.refuses_prospecting(int(siren), int(siret) if siret else None, on)
    )
    kept = tuple(sorted(lines, key=lambda line: (line.address, line.valid_from, line.instance))[:LINES_MAX])
    return Shown(
        key=key,
        on=on,
        version=version.name if version else None,
        public=siren is not None and known.is_public(siren),
        structure=known.structures.get(siret) if siret else None,
        private=private,
        lines=kept,
        in_force=frozenset(_holding(kept, on)),
        more=len(lines) > LINES_MAX,
        refuses_prospecting=refuses,
    )


def _under(source: DirectorySource, known: Directory, start: str, on: date) -> list[AddressLine]:
    if isinstance(source, LoadedDirectory):
        return source.lines_under(start, on, LINES_MAX + 1)
    return [line for address, each in known.addresses.items() if address.startswith(start) for line in each]


def _holding(lines: tuple[AddressLine, ...], on: date) -> list[AddressLine]:
    each = {line.address: [one for one in lines if one.address == line.address] for line in lines}
    return [line for same in each.values() if (line := line_in_force(same, on)) is not None]


def _digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()
