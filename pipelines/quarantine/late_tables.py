"""Tables of flows as of now: what left quarantine since their settlement takes the place of what was known then."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow.parquet as pq

from data_contracts.ports import ObjectStore
from data_contracts.quarantine import Quarantined, QuarantineState
from pipelines.quarantine.invoice import late_folder, rechecked_folder

_KEY = ["flow_key", "position"]


def left(entries: Sequence[Quarantined]) -> list[Quarantined]:
    """The entries that left quarantine."""
    return [one for one in entries if one.state in (QuarantineState.ACCEPTED, QuarantineState.REJECTED)]


def checked_since(name: str, frame: pl.DataFrame, entries: Sequence[Quarantined], store: ObjectStore) -> pl.DataFrame:
    """A checked table (`tables.CHECKED`) with the rows of invoices that were checked again in their place."""
    again = [one for one in entries if one.checked_attempt]
    folders = {one.id: rechecked_folder(one.flow_key, one.position, one.checked_attempt) for one in again}
    return _replaced(name, frame, again, folders, store)


def settled_since(name: str, frame: pl.DataFrame, entries: Sequence[Quarantined], store: ObjectStore) -> pl.DataFrame:
    """Outcomes, or the findings of settlement, with those of invoices that left quarantine in their place."""
    gone = left(entries)
    return _replaced(name, frame, gone, {one.id: late_folder(one.flow_key, one.position) for one in gone}, store)


def _replaced(
    name: str, frame: pl.DataFrame, entries: Sequence[Quarantined], folders: dict[str, str], store: ObjectStore
) -> pl.DataFrame:
    if not entries:
        return frame
    keys = pl.DataFrame(
        {"flow_key": [one.flow_key for one in entries], "position": [one.position for one in entries]},
        schema={"flow_key": pl.String, "position": pl.Int32},
    )
    frames = [frame.join(keys, on=_KEY, how="anti")]
    for one in entries:
        with store.open(f"{folders[one.id]}/{name}.parquet") as file:
            frames.append(pl.DataFrame(pl.from_arrow(pq.read_table(file))))
    return pl.concat(frames)
