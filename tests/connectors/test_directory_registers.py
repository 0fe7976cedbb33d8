"""Registers of one's own, loaded into the directory: they say the same as read, and a bad one is named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.directory.loading import load
from connectors.directory.reading import LoadedDirectory
from connectors.directory.refused import DirectoryRefused
from connectors.directory.versions import read_versions
from connectors.registers import read_directory, write_directory
from data_contracts.directory import Service, Structure
from data_contracts.errors import ConfigurationError
from tests.asked_directory import address_line, structure
from tests.connectors.f14_files import AT, CITY, CITY_SIREN, FULL_AT, ON, SECOND_AT, THIRD_AT, full, service, written

STRUCTURES = [
    Structure(CITY, "Ville", service_required=True, partner_code="VIL001", services={"EAU": Service("EAU", "Eau")}),
    Structure("11000201100044", "Etat", active=False),
]
ADDRESSES = "address,platform,siret,service_code,valid_from,valid_to\n"


def _as_parquet(folder: Path) -> None:
    for name in ("structures", "services"):
        header, *rows = [text.split(",") for text in (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()]
        flags = {"active", "service_required", "engagement_required", "service_or_engagement_required"}
        columns = {
            column: [row[at] == "true" if column in flags else row[at] or None for row in rows]
            for at, column in enumerate(header)
        }
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
        (folder / f"{name}.csv").unlink()


@pytest.mark.parametrize("parquet", [False, True])
def test_registers_say_the_same_loaded_as_read(tmp_path: Path, parquet: bool) -> None:
    registers = tmp_path / "registers"
    write_directory(registers, STRUCTURES)
    expected = read_directory(registers).structures
    if parquet:
        _as_parquet(registers)
    version = load(registers, tmp_path / "versions", at=AT).version
    assert (version.kind, version.stamp, version.since) == ("registers", None, ON)
    known = LoadedDirectory(tmp_path / "versions").known(ON, sirets=list(expected), sirens=["110002011", CITY_SIREN])
    assert known.structures == expected
    assert not known.addressed
    assert (known.is_public(CITY_SIREN), known.is_public("110002011")) == (True, False)


def test_addresses_of_registers_are_read_either_way(tmp_path: Path) -> None:
    registers = tmp_path / "registers"
    write_directory(registers, STRUCTURES)
    rows = f"{CITY_SIREN}_X,9999,{CITY},EAU,2026-11-01,2026-12-01\n{CITY_SIREN}_X,9999,,,2026-12-01,\n"
    (registers / "addresses.csv").write_text(ADDRESSES + rows, encoding="utf-8")
    load(registers, tmp_path / "versions", at=AT)
    for source in (read_directory(registers), LoadedDirectory(tmp_path / "versions")):
        lines = [address_line(source, f"{CITY_SIREN}_X", date(2026, month, 1)) for month in (10, 11, 12)]
        assert [one and (one.siret, one.service_code) for one in lines] == [None, (CITY, "EAU"), (None, None)]
        assert source.known(ON).addressed


def test_receivers_alone_leave_the_rest_and_stay_under_the_next_full_file(tmp_path: Path) -> None:
    folder = tmp_path / "versions"
    load(full(tmp_path / "full.xml"), folder, at=AT)
    (tmp_path / "registers").mkdir()
    (tmp_path / "registers" / "receivers.csv").write_text(f"siret,partner_code\n{CITY},VIL001\n", encoding="utf-8")
    assert load(tmp_path / "registers", folder, at=AT).version.stamp == FULL_AT
    load(written(tmp_path / "2.xml", at=SECOND_AT, after=FULL_AT, services=[service("NEW", motive="P")]), folder, at=AT)
    again = full(tmp_path / "full.xml")
    again.write_text(again.read_text().replace(FULL_AT, THIRD_AT), encoding="utf-8")
    load(again, folder, at=AT)
    for day in (17, 16):
        city = structure(LoadedDirectory(folder), CITY, date(2026, 11, day))
        assert city is not None
        assert (city.partner_code, "NEW" in city.services) == ("VIL001", day == 16)


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("addresses.csv", ADDRESSES + "A,9999,,,2026-11-01,\nA,9999,,,2026-11-01,\n", "line 3, column valid_from"),
        ("addresses.csv", ADDRESSES + "A,99,,,2026-11-01,\n", "line 2, column platform"),
        ("addresses.csv", ADDRESSES + "A,9999,,,,\n", "column valid_from"),
        ("receivers.csv", "siret,partner_code\n1,VIL001\n", "column siret"),
        ("receivers.csv", "siret\n1\n", "columns of a register"),
        ("receivers.parquet", "no parquet", "not Parquet"),
    ],
)  # fmt: skip
def test_a_bad_register_is_named_and_leaves_the_old_version(tmp_path: Path, name: str, text: str, what: str) -> None:
    folder = tmp_path / "versions"
    load(full(tmp_path / "full.xml"), folder, at=AT)
    (tmp_path / "registers").mkdir()
    (tmp_path / "registers" / name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=what):
        load(tmp_path / "registers", folder, at=AT)
    assert len(read_versions(folder)) == 1


def test_structures_come_with_their_services(tmp_path: Path) -> None:
    registers = tmp_path / "registers"
    write_directory(registers, STRUCTURES)
    (registers / "services.csv").unlink()
    with pytest.raises(DirectoryRefused, match="structures and services"):
        load(registers, tmp_path / "versions", at=AT)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DirectoryRefused, match="does not hold"):
        load(tmp_path / "empty", tmp_path / "versions", at=AT)
    with pytest.raises(DirectoryRefused, match="cannot be read"):
        load(tmp_path / "nothing.xml", tmp_path / "versions", at=AT)
