"""Registers of people: what is written is meant, and a bad line is named with its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.notification_register import (
    NOTIFICATIONS,
    NOTIFICATIONS_COLUMNS,
    SUPPLIERS,
    read_subscriptions,
    read_suppliers,
)
from data_contracts.errors import ConfigurationError
from data_contracts.history import Phase
from data_contracts.messages import Language
from data_contracts.notifications import Frequency, Role, Subscription

HEAD = ",".join(NOTIFICATIONS_COLUMNS)
SIRET = "21750001600019"


def written(folder: Path, *lines: str) -> Path:
    (folder / NOTIFICATIONS).write_text("\n".join((HEAD, *lines)) + "\n", encoding="utf-8")
    return folder


def test_lines_are_read_in_order_of_address(tmp_path: Path) -> None:
    home = written(
        tmp_path,
        f"{SIRET},COMPTA,,z@ville.fr,fr,user,never,rejected to_recycle",
        ",,AAA111,a@elc.example,en,principal_manager,daily,all",
    )
    assert read_subscriptions(home) == (
        Subscription(
            "a@elc.example", Language.EN, Role.PRINCIPAL_MANAGER, Frequency.DAILY, partner_code="AAA111"
        ),
        Subscription(
            "z@ville.fr", Language.FR, Role.USER, Frequency.NEVER, structure=SIRET, service="COMPTA",
            phases=frozenset({Phase.REJECTED, Phase.TO_RECYCLE}),
        ),
    )  # fmt: skip


def test_without_registers_nobody_is_told(tmp_path: Path) -> None:
    assert read_subscriptions(tmp_path) == ()
    assert read_suppliers(tmp_path) == {}


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (f"{SIRET},,,a@b.fr,fr,principal_manager,never,all", "frequency is not daily or at_once: a principal manager"),
        (f"{SIRET},,,a@b.fr,fr,principal_manager,daily,rejected", "events is not all: a principal manager"),
        (f"{SIRET},,AAA111,a@b.fr,fr,user,daily,all", "not both"),
        (",,,a@b.fr,fr,user,daily,all", "not both"),
        (",COMPTA,AAA111,a@b.fr,fr,user,daily,all", "only structures have services"),
        ("123,,,a@b.fr,fr,user,daily,all", "14 digits"),
        (f"{SIRET},,,not an address,fr,user,daily,all", "mail address"),
        (f"{SIRET},,,a@b.fr,de,user,daily,all", "language is not one of fr, en"),
        (f"{SIRET},,,a@b.fr,fr,boss,daily,all", "role is not one of"),
        (f"{SIRET},,,a@b.fr,fr,user,weekly,all", "frequency is not one of"),
        (f"{SIRET},,,a@b.fr,fr,user,daily,paid", "events is not all, or a list of"),
        (f"{SIRET},,,a@b.fr,fr,user,daily,", "events is not all"),
        (f"{SIRET},,aaa,a@b.fr,fr,user,daily,all", "six capitals"),
    ],
)
def test_a_bad_line_is_refused_with_its_place(line: str, named: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=named) as told:
        read_subscriptions(written(tmp_path, line))
    assert "line 2, column" in str(told.value)
    assert "remedy" in str(told.value)


def test_the_same_address_for_the_same_scope_is_said_once(tmp_path: Path) -> None:
    line = f"{SIRET},,,a@b.fr,fr,user,daily,all"
    with pytest.raises(ConfigurationError, match="email occurs twice"):
        read_subscriptions(written(tmp_path, line, line))
    assert len(read_subscriptions(written(tmp_path, line, line.replace(",,,", ",S1,,")))) == 2


def test_suppliers_have_one_connection_each(tmp_path: Path) -> None:
    (tmp_path / SUPPLIERS).write_text(f"siret,partner_code\n{SIRET},AAA111\n")
    assert read_suppliers(tmp_path) == {SIRET: "AAA111"}
    (tmp_path / SUPPLIERS).write_text(f"siret,partner_code\n{SIRET},AAA111\n{SIRET},BBB222\n")
    with pytest.raises(ConfigurationError, match="siret occurs twice"):
        read_suppliers(tmp_path)
