"""Registers: what is written is read back, and a bad line is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connectors.directory.register_files import RECEIVERS_COLUMNS
from connectors.registers import (
    ADDRESSES_COLUMNS,
    PARTNERS_COLUMNS,
    SERVICES_COLUMNS,
    STRUCTURES_COLUMNS,
    STRUCTURES_OPTIONAL,
    read_directory,
    read_partners,
    write_directory,
    write_partners,
)
from data_contracts.directory import Service, Structure
from data_contracts.errors import ConfigurationError
from data_contracts.interfaces import SUBSCRIBED_ANSWERS
from data_contracts.partners import Partner

PARTNERS = [
    Partner("BBB222", "Éditeur, « Deux »", frozenset({"FSO1106A", "FSO1100A"}), active=False, weight=3),
    Partner("AAA111", "One", frozenset()),
]
STRUCTURES = [
    Structure("20000000200018", "Ville", service_required=True, partner_code="CCC333"),
    Structure(
        "10000000100011",
        "Ministère",
        active=False,
        engagement_required=True,
        service_or_engagement_required=True,
        services={
            "S2": Service("S2", "", active=False, engagement_required=True, valid_to=date(2027, 1, 1)),
            "S1": Service("S1", "Comptabilité", valid_from=date(2020, 1, 1)),
        },
    ),
]
STRUCTURE = "siret,name,active,service_required,engagement_required,service_or_engagement_required,partner_code\n"
SERVICE = "siret,code,name,active,engagement_required,valid_from,valid_to\n"


def test_partners_are_read_as_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "partners.csv"
    write_partners(path, PARTNERS)
    assert list(read_partners(path).rows.values()) == sorted(PARTNERS, key=lambda partner: partner.code)
    assert not read_partners(path).open_to_all
    first = path.read_bytes()
    write_partners(path, reversed(PARTNERS))
    assert path.read_bytes() == first


def test_a_directory_is_read_as_written(tmp_path: Path) -> None:
    write_directory(tmp_path, STRUCTURES)
    assert read_directory(tmp_path).structures == {row.siret: row for row in STRUCTURES}
    lines = (tmp_path / "services.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1] == "10000000100011,S1,Comptabilité,true,false,2020-01-01,"


def test_a_byte_order_mark_is_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "partners.csv"
    write_partners(path, PARTNERS)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_partners(path).rows) == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("AAA11,One,,true,1", "line 2, column code"),
        ("AAA111,,,true,1", "line 2, column name"),
        ("AAA111,One,FSO9999A,true,1", "FSO9999A is none"),
        ("AAA111,One,FEN1200A,true,1", "FEN1200A is none"),
        ("AAA111,One,,yes,1", "true or false"),
        ("AAA111,One,,true,0", "whole number from 1"),
        ("AAA111,One,,true", "4 cells for 5 columns"),
        ("AAA111,One,,true,1\nAAA111,Two,,true,1", "line 3, column code"),
        ('AAA111,"One,,true,1', "not CSV in UTF-8"),
        ("AAA111,\udce9,,true,1", "not CSV in UTF-8"),
    ],
)
def test_a_bad_partner_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "partners.csv"
    path.write_text(f"code,name,interfaces,active,weight\n{line}\n", encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ConfigurationError, match=said) as caught:
        read_partners(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("structure", "service", "said"),
    [
        ("1000000010001,X,true,false,false,false,", "", "SIRET of 14 digits"),
        ("10000000100011,X,true,false,false,false,abc", "", "column partner_code"),
        ("10000000100011,X,true,false,,false,", "", "column engagement_required"),
        ("10000000100011,X,true,false,false,false,", "20000000200018,S,,true,false,,", "SIRET of structures.csv"),
        ("10000000100011,X,true,false,false,false,", "10000000100011,S,,true,false,1/2/26,", "column valid_from"),
        ("10000000100011,X,true,false,false,false,", "10000000100011,S,,true,false,,\n" * 2, "code occurs twice"),
    ],
)
def test_a_bad_structure_or_service_is_named(tmp_path: Path, structure: str, service: str, said: str) -> None:
    (tmp_path / "structures.csv").write_text(STRUCTURE + structure + "\n", encoding="utf-8")
    (tmp_path / "services.csv").write_text(SERVICE + service, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said):
        read_directory(tmp_path)


def test_a_register_with_other_columns_or_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_partners(tmp_path / "absent.csv")
    (tmp_path / "partners.csv").write_text("code;name\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="columns"):
        read_partners(tmp_path / "partners.csv")


def test_a_structure_may_demand_that_commitments_stand(tmp_path: Path) -> None:
    plain, strict = STRUCTURES[0], replace(STRUCTURES[1], commitment_required=True)
    write_directory(tmp_path, [plain])
    assert "commitment_required" not in (tmp_path / "structures.csv").read_text()
    write_directory(tmp_path, [plain, strict])
    read = read_directory(tmp_path).structures
    assert [read[one.siret].commitment_required for one in (plain, strict)] == [False, True]


def test_the_page_on_registers_names_every_column() -> None:
    page = (Path(__file__).parents[2] / "docs" / "registers.md").read_text(encoding="utf-8")
    columns = {*PARTNERS_COLUMNS, *STRUCTURES_COLUMNS, *STRUCTURES_OPTIONAL, *SERVICES_COLUMNS, *ADDRESSES_COLUMNS}
    assert [name for name in sorted(columns | {*RECEIVERS_COLUMNS}) if f"`{name}`" not in page] == []
    assert [code for code in sorted(SUBSCRIBED_ANSWERS) if f"`{code}`" not in page] == []
