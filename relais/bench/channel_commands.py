"""`relais bench as2`, `sftp`, `store`: what the channels and the object store cost, beside what others make of them."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from relais.bench.showing import print_json, print_parts, show_with_load
from relais.progress import progress_bar


def as2(
    messages: Annotated[int, typer.Option(min=10, help="Messages received.")] = 500,
    payload_bytes: Annotated[int, typer.Option(min=1, help="Bytes of what each message holds.")] = 10_000,
    connections: Annotated[
        str, typer.Option(metavar="N[,N]", help="Connections that post at a time, measured one after the other.")
    ] = "1,4",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,
) -> None:
    """Measure how many AS2 messages a second a gateway receives on this machine: signed, encrypted, compressed.

    The gateway runs in a process of its own and listens on loopback. Figures are shown, never judged.

    Exit codes: 0 measured, 2 usage or configuration, 3 operating failure.

    Example: `relais bench as2 --messages 1000 --connections 1,4,8`
    """
    from relais.bench.as2_speed import METHOD, as2_json, as2_table, received

    rows = []
    for count in map(int, connections.split(",")):
        with tempfile.TemporaryDirectory(prefix="relais-as2-") as folder, progress_bar() as bar:
            task = bar.add_task(f"messages over {count} connections", total=messages)
            moved = partial(bar.advance, task)
            rows.append(received(Path(folder), messages, payload_bytes, count, moved))
    show_with_load(as2_json(rows) if as_json else [as2_table(rows), METHOD])


def sftp(
    home: Annotated[Path, typer.Option(help="Home whose channels.toml describes the account.")],
    partner: Annotated[str | None, typer.Option(help="Whose account; left out, the first one described.")] = None,
    files: Annotated[int, typer.Option(min=1, help="Small files to pick up.")] = 20_000,
    file_bytes: Annotated[int, typer.Option(min=1, help="Size of a small file.")] = 9_000,
    large_mb: Annotated[int, typer.Option(min=1, help="Size of the large file, in MB.")] = 300,
    rounds: Annotated[int, typer.Option(min=1, help="Times that each is measured.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,
) -> None:
    """Measure picking up by SFTP beside OpenSSH's own `sftp -r`, on a described account.

    A folder `relais-bench` is made in the account's pickup folder, filled, read by both, and removed.

    Exit codes: 0 measured, 2 usage or configuration, 3 operating failure.

    Example: `relais bench sftp --home /srv/relais --partner ELC001 --files 20000`
    """
    from relais.bench.sftp_speed import bench_account, sftp_figures, sftp_json, sftp_tables

    account = bench_account(home, partner)
    with progress_bar() as bar:
        task = bar.add_task("rounds", total=2 * rounds)
        figures = sftp_figures(
            account,
            files=files,
            file_bytes=file_bytes,
            large_bytes=large_mb * 1_000_000,
            rounds=rounds,
            done=lambda: bar.advance(task),
        )
    if as_json:
        print_json(sftp_json(figures))
    else:
        print_parts(sftp_tables(figures))


def store(
    home: Annotated[
        Path | None, typer.Option(help="Home whose relais.toml names a bucket; left out, a folder alone is measured.")
    ] = None,
    objects: Annotated[int, typer.Option(min=1, max=100_000, help="Small objects (20,000 bytes).")] = 300,
    large_mb: Annotated[int, typer.Option(min=1, help="Size of the large object, in MB.")] = 256,
    rounds: Annotated[int, typer.Option(min=1, help="Times that each is measured; the best is shown.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,
) -> None:
    """Measure what keeping objects costs, in a folder and in a bucket beside each other.

    Keys `relais-bench/` are written, read and deleted. Figures are shown, never judged.

    Exit codes: 0 measured, 2 usage or configuration, 3 operating failure.

    Example: `relais bench store --home /srv/relais --large-mb 256`
    """
    from relais.bench.store_speed import store_figures, store_json, store_tables

    with progress_bar() as bar:
        task = bar.add_task("rounds", total=rounds * (1 if home is None else 2))
        rates = store_figures(
            home, objects=objects, large_bytes=large_mb * 1_000_000, rounds=rounds, done=lambda: bar.advance(task)
        )
    show_with_load(store_json(rates) if as_json else [*store_tables(rates)])
