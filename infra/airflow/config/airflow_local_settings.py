"""Read by every Airflow process. The scheduler imports the heavy libraries once, and each forked task inherits them.

Only imports happen here: a parent that has run a polars query and then forks leaves children that hang.
"""

import importlib
import sys

CONNECT_ARGS = {"timeout": 30.0}
"""Seconds that a connection waits for another process's write to the SQLite database before it gives up."""

HEAVY = ("lxml.etree", "polars", "pyarrow.compute", "pyarrow.parquet", "sqlalchemy")

if "scheduler" in sys.argv:
    for name in HEAVY:
        importlib.import_module(name)

__all__ = ["CONNECT_ARGS"]
