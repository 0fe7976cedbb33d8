"""PostgreSQL for tests: one private cluster a session, one database a test."""

from __future__ import annotations

import atexit
import itertools
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

import psycopg
import pytest

from infra.postgresql.cluster import OWNER, Cluster, PostgresqlAbsent

FAST = {"fsync": "off", "max_connections": "60"}
"""A killed server loses nothing by it; only a machine that loses its power would."""

_names = (f"test_{number}" for number in itertools.count(1))


def new_database() -> str:
    """The address of an empty database; the test skips where PostgreSQL is not to be had."""
    made = cluster()
    name = next(_names)
    with psycopg.connect(driver_url(made.url()), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {OWNER}")
    return made.url(name)


def cluster() -> Cluster:
    """The session's cluster; the test skips where PostgreSQL is not to be had."""
    made, said = _cluster()
    if made is None:
        pytest.skip(f"no PostgreSQL: {said}")
    return made


def driver_url(url: str) -> str:
    """The address as the driver itself takes it."""
    return url.replace("+psycopg", "", 1)


@lru_cache(maxsize=1)
def _cluster() -> tuple[Cluster | None, str]:
    folder = Path(tempfile.mkdtemp(prefix="relais-postgresql-"))
    made = Cluster(folder)

    def away() -> None:
        made.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)

    try:
        made.start(FAST)
    except PostgresqlAbsent as error:
        shutil.rmtree(folder)
        return None, str(error)
    atexit.register(away)
    return made, ""
