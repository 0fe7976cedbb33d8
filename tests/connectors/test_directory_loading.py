"""A directory from F14: what is loaded, what follows on what, what is left out and told, what is refused."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from connectors.directory.f14 import F14
from connectors.directory.loading import REFUSED_FAULTS, load
from connectors.directory.reading import LoadedDirectory
from connectors.directory.refused import DirectoryBusy, DirectoryGap, DirectoryRefused, DirectorySuperseded
from connectors.directory.versions import KEPT, POINTER, loading, named, read_versions
from data_contracts.errors import ConfigurationError, IntegrityBroken
from tests.asked_directory import address_line, structure
from tests.connectors.f14_files import (
    AT,
    CITY,
    CITY_SIREN,
    FULL_AT,
    ON,
    SECOND_AT,
    SHOP_SIREN,
    THIRD_AT,
    establishment,
    full,
    line,
    service,
    unit,
    written,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory folder with the full file in force."""
    load(full(tmp_path / "full.xml"), tmp_path / "versions", at=AT)
    return tmp_path / "versions"


def test_a_full_file_is_read_by_key(folder: Path) -> None:
    loaded = LoadedDirectory(folder)
    city = structure(loaded, CITY, ON)
    assert city is not None
    assert (city.name, city.active, city.service_required, city.engagement_required) == ("Ville", True, True, False)
    assert sorted(city.services) == ["EAU", "RH"]
    found = address_line(loaded, f"{CITY_SIREN}_{CITY}_EAU", ON)
    assert found is not None
    assert (found.siret, found.service_code, found.platform) == (CITY, "EAU", "9999")
    known = loaded.known(ON, sirens=[CITY_SIREN, SHOP_SIREN, "x"], sirets=["bad", f"{SHOP_SIREN}00011"])
    assert known.addressed
    assert known.is_public(CITY_SIREN)
    assert not known.is_public(SHOP_SIREN)
    assert known.structures == {}, "a private establishment is no structure to invoice here"
    by_address = loaded.known(ON, addresses=[f"{CITY_SIREN}_{CITY}", "nowhere", "'; DROP TABLE line; --"])
    assert sorted(by_address.structures) == [CITY]
    assert sorted(by_address.addresses) == [f"{CITY_SIREN}_{CITY}"]


def test_a_compressed_file_is_the_same(tmp_path: Path, folder: Path) -> None:
    packed = tmp_path / "full.xml.gz"
    packed.write_bytes(gzip.compress((tmp_path / "full.xml").read_bytes()))
    other = load(packed, tmp_path / "other", at=AT)
    assert other.version.counts == read_versions(folder)[0].counts
    cut = tmp_path / "cut.xml.gz"
    cut.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(DirectoryRefused, match="cannot be read"):
        load(cut, tmp_path / "third", at=AT)


def test_differentials_follow_on_one_another(tmp_path: Path, folder: Path) -> None:
    address = f"{CITY_SIREN}_{CITY}_RH"
    opening = [line(instance=9, code="RH", motive=motive, first="20261118") for motive in "NPS"]
    second = written(tmp_path / "2.xml", at=SECOND_AT, after=FULL_AT, lines=opening)
    masking = line(instance=12, code="RH", motive="N", nature="M", first="20261118")
    third = written(tmp_path / "3.xml", at=THIRD_AT, after=SECOND_AT, lines=[masking])
    with pytest.raises(DirectoryGap, match="weekly full file"):
        load(third, folder, at=AT)
    assert load(second, folder, at=AT).version.counts["addresses"] == 5, "one instance under three motives is one line"
    assert not load(second, folder, at=AT).new
    assert address_line(LoadedDirectory(folder), address, date(2026, 11, 17)) is None
    assert address_line(LoadedDirectory(folder), address, date(2026, 11, 18)) is not None
    load(third, folder, at=AT)
    assert address_line(LoadedDirectory(folder), address, date(2026, 11, 18)) is None
    with pytest.raises(DirectorySuperseded):
        load(second, folder, at=AT)
    assert [version.stamp for version in read_versions(folder)] == [FULL_AT, SECOND_AT, THIRD_AT]


def test_a_full_file_after_a_gap_mends_the_chain(tmp_path: Path, folder: Path) -> None:
    late = full(tmp_path / "late.xml")
    late.write_text(late.read_text().replace(FULL_AT, THIRD_AT), encoding="utf-8")
    assert load(late, folder, at=AT).version.kind == "full"
    fourth = written(tmp_path / "4.xml", at="20261118030000", after=THIRD_AT, services=[service("NEW", motive="P")])
    load(fourth, folder, at=AT)
    newest = structure(LoadedDirectory(folder), CITY, date(2026, 11, 18))
    assert newest is not None
    assert "NEW" in newest.services


def test_what_loses_effect_is_inactive_in_whatever_order_it_is_told(tmp_path: Path, folder: Path) -> None:
    for at, after, motives in ((SECOND_AT, FULL_AT, "PS"), (THIRD_AT, SECOND_AT, "SP")):
        told = [establishment(instance=int(at[7]), motive=motive) for motive in motives]
        services = [service("EAU", instance=int(at[7]), motive=motive, status="I") for motive in motives]
        load(written(tmp_path / "d.xml", at=at, after=after, establishments=told, services=services), folder, at=AT)
        city = structure(LoadedDirectory(folder), CITY, date(2026, 11, int(at[6:8])))
        assert city is not None
        assert not city.active
        assert not city.services["EAU"].active
    back = [establishment(instance=7, motive="P", name="Ville nouvelle"), establishment(instance=5, motive="P")]
    load(written(tmp_path / "4.xml", at="20261118030000", after=THIRD_AT, establishments=back), folder, at=AT)
    city = structure(LoadedDirectory(folder), CITY, date(2026, 11, 18))
    assert city is not None
    assert (city.active, city.name) == (True, "Ville nouvelle"), "the highest instance counts"


def test_a_flow_is_routed_as_of_its_deposit_date(tmp_path: Path, folder: Path) -> None:
    leaving = [establishment(instance=2, motive="S", status="I")]
    load(written(tmp_path / "2.xml", at=SECOND_AT, after=FULL_AT, establishments=leaving), folder, at=AT)
    loaded = LoadedDirectory(folder)
    days = {day: structure(loaded, CITY, date(2026, 11, day)) for day in (1, 15, 16, 30)}
    assert {day: one is not None and one.active for day, one in days.items()} == {
        1: True,
        15: True,
        16: False,
        30: False,
    }
    assert loaded.version(date(2026, 11, 15)) == named(read_versions(folder), "previous")


def test_a_unit_that_is_no_longer_active_closes_its_structures(tmp_path: Path, folder: Path) -> None:
    gone = written(tmp_path / "2.xml", at=SECOND_AT, after=FULL_AT, units=[unit(instance=2, motive="S")])
    load(gone, folder, at=AT)
    known = LoadedDirectory(folder).known(ON, sirets=[CITY], sirens=[CITY_SIREN])
    assert not known.structures[CITY].active
    assert not known.is_public(CITY_SIREN)


@pytest.mark.parametrize(
    ("entry", "field", "why"),
    [
        (line(instance=9, first="20260231"), "DateDebut", "not a day"),
        (line(instance=9, address="217500016_OTHER"), "Identifiant", "not made of"),
        (line(instance=9, siret=None, code="X"), "IdLinRoutage", "without SIRET"),
        (line(instance=9, siret=None, suffix="S" * 120), "Identifiant", "more than 125"),
        (line(instance=9, platform="PDP1"), "IdPlateforme", "four digits"),
        (line(instance=9, nature="X"), "Nature", "not one of"),
        (line(instance=9, motive="Z"), "MotifPresence", "not one of"),
        (line(instance=10**19), "IdInstance", "whole number"),
        (line(instance=9).replace("<Nature>D</Nature>", ""), "Nature", "missing"),
        (line(instance=9).replace("<Nature>D</Nature>", "<Nature>D</Nature>" * 2), "Nature", "occurs twice"),
    ],
)
def test_a_corrupt_entry_is_told_and_sinks_nothing(tmp_path: Path, entry: str, field: str, why: str) -> None:
    loaded = load(full(tmp_path / "full.xml", lines=[entry, line(instance=2)]), tmp_path / "versions", at=AT)
    assert loaded.version.faults == 1
    assert loaded.version.counts["addresses"] == 1
    (told,) = [json.loads(text) for text in Path(loaded.faults_file).read_text(encoding="utf-8").splitlines()]
    assert (told["block"], told["entry"], told["field"]) == ("BlocLignesAnnuaire", 1, field)
    assert why in told["why"]
    assert told["line"] > 1


def test_a_file_full_of_corrupt_entries_is_refused(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.directory.loading.FAULTS_FREE", 2)
    bad = [line(instance=number, first="2026") for number in range(10, 13)]
    with pytest.raises(DirectoryRefused, match="3 of 3 entries"):
        load(written(tmp_path / "2.xml", at=SECOND_AT, after=FULL_AT, lines=bad), folder, at=AT)
    assert len((folder / REFUSED_FAULTS).read_text().splitlines()) == 3
    assert [version.stamp for version in read_versions(folder)] == [FULL_AT]


def test_a_full_file_that_lost_half_is_refused_unless_accepted(tmp_path: Path, folder: Path) -> None:
    small = written(tmp_path / "small.xml", at=SECOND_AT, lines=[line(instance=1)])
    with pytest.raises(DirectoryRefused, match="0 structures, where 2 are in force"):
        load(small, folder, at=AT)
    assert load(small, folder, at=AT, accept_shrinking=True).version.counts["structures"] == 0


def test_names_that_the_format_does_not_know_are_told(tmp_path: Path) -> None:
    newer = line(instance=2).replace("<Nature>", "<Nouveau>1</Nouveau><Nature>")
    loaded = load(full(tmp_path / "full.xml", lines=[newer]), tmp_path / "versions", at=AT)
    assert loaded.strange == {"Nouveau": 1}
    assert loaded.version.faults == 0


_ENTITY = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;">]>'
_OUTSIDE = '<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd">'


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (_ENTITY + "<AnnuaireConsultationF14/>", "DOCTYPE"),
        (_OUTSIDE + "<AnnuaireConsultationF14/>", "DOCTYPE"),
        ('<?xml version="1.0" encoding="UTF-16"?><AnnuaireConsultationF14/>', "not well-formed|not version 1.0"),
        ("<AnnuaireConsultationF14/>".encode("utf-16"), "encoding"),
        ('<?xml version="1.0" encoding="windows-1252"?><AnnuaireConsultationF14/>', "not version 1.0"),
        ('<?xml version="1.1"?><AnnuaireConsultationF14/>', "not version 1.0|not well-formed"),
        ("<Invoice/>", "root element"),
        ("", "not well-formed|says nothing"),
        ("<AnnuaireConsultationF14/>", "TypeFlux"),
        ("<AnnuaireConsultationF14><HorodateProduction>" + "2" * 9_000_000, "does not end|not well-formed"),
        ("<AnnuaireConsultationF14><Horodate" + "x" * 9_000_000, "does not end|not well-formed"),
        ("<AnnuaireConsultationF14>" + "<!--" + "x" * 9_000_000, "does not end|not well-formed"),
        ("<AnnuaireConsultationF14>&amp;&undeclared;", "not well-formed"),
        ("<AnnuaireConsultationF14><Deep/></AnnuaireConsultationF14>", "out of place"),
    ],
)
def test_a_hostile_file_is_refused_and_leaves_the_old_version(
    tmp_path: Path, folder: Path, content: str | bytes, what: str
) -> None:
    path = tmp_path / "hostile.xml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DirectoryRefused, match=what):
        load(path, folder, at=AT)
    assert [version.stamp for version in read_versions(folder)] == [FULL_AT]


def _told(inside: str, lines: str = "") -> str:
    return (
        f"<AnnuaireConsultationF14><HorodateProduction>{THIRD_AT}</HorodateProduction><TypeFlux>C</TypeFlux>"
        f"<BlocLignesAnnuaire>{inside}</BlocLignesAnnuaire>{lines}</AnnuaireConsultationF14>"
    )


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (_told("<LigneAnnuaire>" + "<A>" * 50 + "</A>" * 50 + "</LigneAnnuaire>"), "nested too deeply"),
        (_told("<Etablissement/>"), "out of place"),
        (_told("", "<BlocLignesAnnuaire/>"), "occurs twice"),
        (_told("<LigneAnnuaire>" + "".join(f"<N{n}/>" for n in range(150)) + "</LigneAnnuaire>"), "full of names"),
        (_told("<LigneAnnuaire><Nom " + " ".join(f'a{n}=""' for n in range(150)) + "/></LigneAnnuaire>"), "of names"),
        (_told(line(instance=1))[:-30], "not well-formed"),
    ],
)
def test_a_file_of_the_wrong_shape_is_refused(tmp_path: Path, folder: Path, content: str, what: str) -> None:
    path = tmp_path / "hostile.xml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DirectoryRefused, match=what):
        load(path, folder, at=AT, accept_shrinking=True)
    assert [version.stamp for version in read_versions(folder)] == [FULL_AT]
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == [read_versions(folder)[0].name]


def test_old_versions_are_kept_and_then_gone(tmp_path: Path, folder: Path) -> None:
    reader = LoadedDirectory(folder)
    held = reader.connection(ON)
    assert held is not None
    before = FULL_AT
    for day in range(16, 16 + KEPT):
        at = f"202611{day}030000"
        load(written(tmp_path / "d.xml", at=at, after=before), folder, at=AT)
        before = at
    versions = read_versions(folder)
    assert len(versions) == KEPT
    assert versions[0].number == 2
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == [one.name for one in versions]
    assert held.execute("SELECT count(*) FROM line").fetchone() == (4,), "who was reading goes on reading"
    assert structure(reader, CITY, ON) is not None


def test_one_loads_at_a_time(tmp_path: Path, folder: Path) -> None:
    with loading(folder), pytest.raises(DirectoryBusy):
        load(tmp_path / "full.xml", folder, at=AT)


def test_versions_are_named(folder: Path) -> None:
    versions = read_versions(folder)
    assert named(versions, "current") == named(versions, "1") == named(versions, versions[0].name)
    with pytest.raises(ConfigurationError, match="no such version"):
        named(versions, "previous")
    (folder / POINTER).write_text("{", encoding="utf-8")
    with pytest.raises(IntegrityBroken):
        read_versions(folder)


def test_what_a_file_says_of_itself_is_read_from_its_beginning(tmp_path: Path) -> None:
    with full(tmp_path / "full.xml").open("rb") as stream:
        heading = F14(stream, "full.xml").heading()
    assert (heading.produced_at, heading.after, heading.full) == (FULL_AT, None, True)
