"""Read by every Airflow process. The scheduler imports the heavy libraries once, so that each forked task inherits them.

Only imports happen here: a parent that has run a polars query and then forks leaves children that hang.
"""

import sys

CONNECT_ARGS = {"timeout": 30.0}
"""Seconds that a connection waits for another process's write to the SQLite database before it gives up."""

if "scheduler" in sys.argv:
    import lxml.etree
    import polars
    import pyarrow
    import pyarrow.compute
    import pyarrow.parquet
    import sqlalchemy  # noqa: F401

__all__ = ["CONNECT_ARGS"]
