"""Settings, assembly, clocks, and the words of Airflow."""

from __future__ import annotations

import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from connectors.assembly import house
from connectors.clock import FixedClock, SystemClock
from connectors.orchestrator import in_house, raised_as_airflow
from connectors.registers import write_directory, write_partners
from connectors.s3_place import S3Place
from connectors.settings import HOME_VARIABLE, Settings, default, from_environment, load, write
from data_contracts.directory import Structure
from data_contracts.errors import ConfigurationError, IntegrityBroken, LedgerConflict
from data_contracts.partners import Partner
from tests.connectors.scenes import NOON, landed


def test_a_home_without_settings_has_everything_inside(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings == default(tmp_path)
    assert settings.ledger_url == f"sqlite:///{tmp_path}/ledger.db"
    assert (settings.store_dir, settings.mailbox_dir) == (tmp_path / "store", tmp_path / "drops")
    assert not settings.open_partners


def test_settings_are_read_as_written(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path / "new",
        ledger_url='postgresql+psycopg://relais:p"a\\ss@db/relais',
        store_dir=Path("/srv/objets é"),
        mailbox_dir=tmp_path / "drops",
        partners_file=tmp_path / "partners.csv",
        open_directory=True,
        fixed_now=NOON,
        store_url="s3://relais/prod",
        store_endpoint="https://s3.example.org",
        store_region="eu-west-3",
        store_credentials_file=tmp_path / "store.toml",
    )
    write(settings)
    write(settings)
    assert load(settings.home) == settings
    assert (settings.home / "relais.toml").stat().st_mode & 0o077 == 0


def test_relative_paths_start_at_the_home(tmp_path: Path) -> None:
    (tmp_path / "relais.toml").write_text('store_dir = "objects"\npartners_file = "partners.csv"\n', encoding="utf-8")
    settings = load(tmp_path)
    assert (settings.store_dir, settings.partners_file) == (tmp_path / "objects", tmp_path / "partners.csv")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 1", "colour"),
        ("[ledger]\nurl = 'x'", "relais.toml, ledger"),
        ("store_dir = 3", "store_dir"),
        ("open_partners = 'yes'", "true or false"),
        ("fixed_now = 2026-09-01T12:00:00", "with its zone"),
        ("ledger_url = 'sqlite:///ledger.db'", "absolute path"),
        ("ledger_url = 'sqlite://'", "absolute path"),
        ("ledger_url = ", "cannot be read"),
        ("store_url = 3", "a text"),
        ("store_secret_key = 'hunter2'", "unknown"),
    ],
)
def test_a_bad_setting_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "relais.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said) as caught:
        load(tmp_path)
    assert "relais.toml" in str(caught.value)


def test_a_home_may_keep_its_objects_in_a_bucket(tmp_path: Path) -> None:
    (tmp_path / "relais.toml").write_text('store_url = "s3://relais/prod"\nstore_credentials_file = "store.toml"\n')
    place = load(tmp_path).store_place
    assert place == S3Place("relais", tmp_path / "store.toml", "prod/")
    assert default(tmp_path).store_place is None


@pytest.mark.parametrize(
    "text", ['store_url = "s3://relais"', 'store_url = "relais"\nstore_credentials_file = "f"', 'store_endpoint = "x"']
)
def test_a_bucket_half_described_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "relais.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"relais\.toml, store_url"):
        house(replace(load(tmp_path), open_partners=True, open_directory=True))


@pytest.mark.parametrize(
    "url", ["postgresql://relais:hunter2@db/r", "postgresql://db/r?password=hunter2", "://hunter2"]
)
def test_credentials_are_never_shown(tmp_path: Path, url: str) -> None:
    settings = replace(default(tmp_path), ledger_url=url)
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings)
    assert "***" in repr(settings) or "password=masked" in repr(settings)


def test_the_home_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    with pytest.raises(ConfigurationError, match="remedy: export RELAIS_HOME"):
        from_environment()
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "absent"))
    with pytest.raises(ConfigurationError, match="not a folder"):
        from_environment()
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    assert from_environment().home == tmp_path


def test_a_house_is_ready_to_work_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_partners(tmp_path / "partners.csv", [Partner("AAA111", "One", frozenset({"FSO1100A"}))])
    write_directory(tmp_path / "directory", [Structure("10000000100011", "X")])
    settings = replace(
        default(tmp_path),
        partners_file=tmp_path / "partners.csv",
        directory_dir=tmp_path / "directory",
        fixed_now=NOON,
    )
    write(settings)
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    for opened in (nullcontext(house(settings)), in_house()):
        with opened as rooms:
            pass
        assert rooms.clock.now() == NOON
        assert list(rooms.partners.rows) == ["AAA111"]
        assert list(rooms.directory.structures) == ["10000000100011"]
        assert list(rooms.mailbox.incoming()) == []
        rooms.store.put("a/b", b"c")
        landed(rooms.ledger)
    assert rooms.ledger.reconciliation().flows_received == 1


def test_a_missing_register_must_be_declared_open(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="partners_file"):
        house(default(tmp_path))
    with pytest.raises(ConfigurationError, match="directory_dir"):
        house(replace(default(tmp_path), open_partners=True))
    rooms = house(replace(default(tmp_path), open_partners=True, open_directory=True))
    assert rooms.partners.open_to_all
    assert rooms.directory.open_to_all
    assert rooms.clock.now() <= datetime.now(UTC)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    settings = replace(
        default(tmp_path), open_partners=True, open_directory=True, store_dir=tmp_path / "file" / "store"
    )
    with pytest.raises(ConfigurationError, match="cannot be created"):
        house(settings)


def test_clocks_say_utc() -> None:
    paris = timezone(timedelta(hours=2))
    assert FixedClock(datetime(2026, 9, 1, 14, tzinfo=paris)).now() == NOON
    assert FixedClock(datetime(2026, 9, 1, 14, tzinfo=paris)).now().tzinfo is UTC
    assert SystemClock().now().tzinfo is UTC
    with pytest.raises(ConfigurationError, match="zone"):
        FixedClock(datetime(2026, 9, 1, 14))  # noqa: DTZ001


def test_errors_reach_airflow_in_its_words() -> None:
    from airflow.sdk.exceptions import AirflowFailException

    for terminal in (IntegrityBroken("bytes differ"), ConfigurationError("no home")):
        with pytest.raises(AirflowFailException, match=terminal.what) as caught, raised_as_airflow():
            raise terminal
        assert caught.value.__cause__ is terminal
    with pytest.raises(LedgerConflict), raised_as_airflow():
        raise LedgerConflict("busy")
    with raised_as_airflow():
        pass


def test_connectors_are_imported_without_airflow() -> None:
    script = "import sys, connectors.orchestrator; sys.exit('airflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
