"""`relais bench`: proof on a corpus that compiled rules are right, and figures of what checking and channels cost."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console, RenderableType

from data_contracts.errors import ConfigurationError
from relais.progress import progress_bar

if TYPE_CHECKING:
    from pipelines.parsing.opening import Kind
    from pipelines.parsing.scanner.reading import Scanner
    from relais.bench.parity import Compiled, Due, Parity

FILE_WIDTH = 160
AGREED, DIFFERENT = 0, 1

bench = typer.Typer(no_args_is_help=True, help="Compare and measure engines and channels.")


@bench.callback()
def _root() -> None:
    """Compare and measure engines and channels."""


@bench.command()
def parity(
    corpus: Annotated[Path, typer.Option(help="Directory, or tar file, whose .xml and .pdf documents are judged.")],
    rules: Annotated[
        str | None,
        typer.Option(
            metavar="SET[,SET]",
            help="Rule sets: en16931, br-fr, extended-ctc-fr, factur-x, or coordinates. Left out: the rules of each "
            "document's profile and the French ones; with --verdicts, en16931.",
        ),
    ] = None,
    mutants: Annotated[int, typer.Option(min=0, help="Mutants of the documents to judge beside them.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed draws the same sample and makes the same mutants.")] = 1,
    verdicts: Annotated[
        Path | None, typer.Option(help="Recorded verdicts (JSON lines) to compare with, instead of SaxonC live.")
    ] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="Judge so many documents, drawn by the seed.")] = None,
    home: Annotated[Path | None, typer.Option(help="Home whose added rule files may be named.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,
) -> None:
    """Read and judge a corpus by both roads, the fast and the official one, and tell every difference.

    What the scanner reads and proves is compared with libxml2. Live, rules, flags, order, locations and sentences are
    compared with SaxonC; with `--verdicts`, rules, flags and counts. A document that compiled rules leave undecided is
    no difference: the official engine judges it. The nth mutant of `a.xml` is named `a.xml#n`; seed, name and number
    alone make it.

    Exit codes: 0 no disagreement, 1 some, 2 usage or configuration, 3 operating failure.
    """
    from pipelines.parsing.scanner.standing import standing_scanner
    from pipelines.validation.proved_schemas import automaton
    from pipelines.validation.saxon import SaxonJudge
    from relais.bench.corpus import documents, names, sampled
    from relais.bench.parity import compared, shares
    from relais.bench.parity_report import parity_json, parity_tables
    from relais.bench.recorded import recorded_verdicts

    if verdicts is not None and mutants:
        raise ConfigurationError(
            "nobody recorded a verdict on mutants", where="--mutants", value=str(mutants), remedy="leave out --verdicts"
        )
    official = recorded_verdicts(verdicts) if verdicts is not None else SaxonJudge()
    chosen = sampled(names(corpus), sample, seed)
    with tempfile.TemporaryDirectory(prefix="relais-rules-") as cache, progress_bar() as bar:
        task = bar.add_task("documents judged", total=len(chosen) + mutants)
        scanner = standing_scanner(automaton(Path(cache)))
        result = compared(
            documents(corpus, chosen),
            compiled=_compiled(Path(cache), scanner),
            official=official,
            due=_due(rules, home, recorded=verdicts is not None),
            mutants=shares(chosen, mutants),
            seed=seed,
            scanner=scanner,
            progress=lambda done: bar.advance(task, done),
        )
    if not result.tallies:
        raise ConfigurationError(
            "no document of the corpus was compared",
            where=str(corpus),
            value=rules or "",
            remedy="name rule sets of the corpus's syntax, and verdicts recorded under the same names",
        )
    against = f"recorded verdicts of {verdicts}" if verdicts is not None else "SaxonC live"
    said = f"{len(chosen):,} documents of {corpus} and {mutants:,} mutants, seed {seed}, against {against}"
    if as_json:
        _print_json({"corpus": str(corpus), "seed": seed, "against": against, **parity_json(result)})
    else:
        _print([said, *parity_tables(result)])
    raise typer.Exit(_code(result))


@bench.command()
def check(
    kinds: Annotated[
        str,
        typer.Option(
            metavar="KIND[,KIND]",
            help="What to check: utility, builder, caterer, long (all UBL), cii, facturx, and lines (one invoice, of 1 "
            "to 10,000 lines).",
        ),
    ] = "utility,long,cii,lines",
    invoices: Annotated[int, typer.Option(min=1, help="Invoices of each kind.")] = 2_000,
    saxon: Annotated[int, typer.Option(min=0, help="Of each kind, so many also by SaxonC; 0 for none.")] = 50,
    corpus: Annotated[Path | None, typer.Option(help="Directory or tar file whose documents are checked too.")] = None,
    lines_max: Annotated[int, typer.Option(min=1, help="The longest single invoice, in lines.")] = 10_000,
    reader: Annotated[
        str, typer.Option(metavar="READER", help="What reads: native (the C extension), python, or libxml2.")
    ] = "native",
    seed: Annotated[int, typer.Option(help="The same seed writes the same invoices.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,
) -> None:
    """Measure what checking costs on this machine: invoices a second and core, where time goes, memory.

    Generated invoices, all of them valid, and on demand those of a corpus go through every layer of an AFNOR flow, in
    this one process; then SaxonC checks a sample of the same documents. Figures are shown, never judged.

    Exit codes: 0 measured, 2 usage or configuration, 3 operating failure.
    """
    from relais.bench.speed import Bench, Reader, beside_official
    from relais.bench.speed_report import speed_json, speed_tables
    from relais.bench.workloads import LINE_COUNTS, LINES, checked_kinds, generated, invoice_of_lines, of_corpus

    if reader not in set(Reader):
        raise ConfigurationError("no such reader", where="--reader", value=reader, remedy=f"use {', '.join(Reader)}")
    names = checked_kinds(kinds)
    workloads = [generated(name, invoices, seed) for name in names if name != LINES]
    workloads += [of_corpus(corpus)] if corpus is not None else []
    counts = [count for count in LINE_COUNTS if count <= lines_max] if LINES in names else []
    with tempfile.TemporaryDirectory(prefix="relais-rules-") as cache, progress_bar() as bar:
        task = bar.add_task("documents checked", total=sum(row.count for row in workloads))
        measured = Bench(Path(cache), Reader(reader))
        sets = [measured.measured(row, lambda done: bar.advance(task, done)) for row in workloads]
        if saxon:
            bar.update(task, description="beside SaxonC")
            sets = [beside_official(row, figures, saxon) for row, figures in zip(workloads, sets, strict=True)]
        bar.update(task, description="single invoices")
        lines = [measured.of_lines(count, invoice_of_lines(count, seed)) for count in counts]
    if as_json:
        _print_json(speed_json(sets, lines, os.getloadavg()))
    else:
        _print(speed_tables(sets, lines, os.getloadavg()))


@bench.command()
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
    """
    from relais.bench.as2_speed import METHOD, as2_json, as2_table, received

    rows = []
    for count in map(int, connections.split(",")):
        with tempfile.TemporaryDirectory(prefix="relais-as2-") as folder, progress_bar() as bar:
            task = bar.add_task(f"messages over {count} connections", total=messages)
            moved = partial(bar.advance, task)
            rows.append(received(Path(folder), messages, payload_bytes, count, moved))
    if as_json:
        _print_json(as2_json(rows) | {"load": os.getloadavg()})
    else:
        load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
        _print([as2_table(rows), METHOD, f"Load {load} at the end."])


@bench.command()
def answers(
    invoices: Annotated[int, typer.Option(min=1, help="Invoices settled for each number of processes.")] = 20_000,
    flow_sizes: Annotated[
        str, typer.Option(metavar="N[,N]", help="Invoices of the flows, in turns.")
    ] = "500,5000,500,2000",
    processes: Annotated[
        str, typer.Option(metavar="N[,N]", help="Processes that settle at once, measured one after the other.")
    ] = "1,2",
    circuit: Annotated[str, typer.Option(help="chorus_pro or afnor.")] = "chorus_pro",
    round_invoices: Annotated[
        int, typer.Option(min=1, help="Invoices that lie on disk at a time; the ledger keeps growing.")
    ] = 100_000,
    seed: Annotated[int, typer.Option(help="The same seed writes the same invoices.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,
) -> None:
    """Measure what answering costs on this machine: settled invoices a second, where time goes, memory.

    Checked flows are made ready first, which is not measured. Figures are shown, never judged.

    Exit codes: 0 measured, 2 usage or configuration, 3 operating failure.
    """
    from data_contracts.interfaces import Circuit
    from relais.bench.answers_scene import Scene, base
    from relais.bench.answers_speed import METHOD, answered, answers_json, answers_tables, rounds, together
    from relais.bench.speed import Bench, Reader

    if circuit not in set(Circuit):
        raise ConfigurationError(
            "no such circuit", where="--circuit", value=circuit, remedy=f"use {', '.join(Circuit)}"
        )
    sizes = [int(size) for size in flow_sizes.split(",")]
    counts = [int(count) for count in processes.split(",")]
    rows = []
    with tempfile.TemporaryDirectory(prefix="relais-answers-") as folder, progress_bar() as bar:
        task = bar.add_task("invoices", total=invoices * len(counts))
        reader = Reader.NATIVE if _native() else Reader.PYTHON
        found = base(Circuit(circuit), Bench(Path(folder), reader).engine, seed)
        for count in counts:
            scene = Scene(Path(folder) / f"by-{count}", found)
            parts = []
            for part in rounds(invoices, sizes, round_invoices):
                parts.append(answered(scene, part, found.mean_bytes, count, partial(bar.advance, task)))
                scene.emptied()
            scene.close()
            rows.append(together(parts))
    if as_json:
        _print_json(answers_json(rows) | {"load": os.getloadavg()})
    else:
        load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
        _print([*answers_tables(rows), METHOD, f"Load {load} at the end."])


def _native() -> bool:
    from pipelines.parsing.scanner import native

    return native.available()


@bench.command()
def ledger(
    url: Annotated[
        str | None, typer.Option(help="Address of a database of its own, empty or left by this command; else SQLite.")
    ] = None,
    holding: Annotated[int, typer.Option(min=0, help="Invoices that the ledger is filled up to first.")] = 100_000,
    invoices: Annotated[int, typer.Option(min=1, help="Invoices of each kind that are measured.")] = 50_000,
    flow_size: Annotated[int, typer.Option(min=1, max=50_000, help="Invoices of one flow.")] = 50_000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,
) -> None:
    """Measure what uniqueness and index cost in a ledger that holds many invoices: claimed and settled a second.

    Wall time: the database works beside this process. Figures are shown, never judged.

    Exit codes: 0 measured, 2 usage or configuration, 3 operating failure.
    """
    from connectors.ledger import SqlLedger
    from relais.bench.ledger_speed import METHOD, LedgerBench, ledger_json, ledger_table

    with tempfile.TemporaryDirectory(prefix="relais-ledger-") as folder, progress_bar() as bar:
        target = SqlLedger(url or f"sqlite:///{folder}/ledger.db")
        measured = LedgerBench(target, flow_size)
        task = bar.add_task("invoices", total=max(holding - measured.held, 0) + 2 * invoices)
        filled = measured.filled(holding, lambda done: bar.advance(task, done))
        held = measured.held
        kinds = [one(invoices, lambda done: bar.advance(task, done)) for one in (measured.new, measured.mixed)]
        target.close()
    rows = ([filled] if filled else []) + kinds
    if as_json:
        _print_json(ledger_json(rows, held) | {"load": os.getloadavg()})
    else:
        load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
        _print([ledger_table(rows, held), METHOD, f"Load {load} at the end."])


@bench.command()
def directory(
    lines: Annotated[
        int, typer.Option(min=1_000, help="Address lines, and as many units and establishments.")
    ] = 1_000_000,
    seed: Annotated[int, typer.Option(help="The same seed asks for the same keys.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,
) -> None:
    """Measure what a directory of national size costs: an F14 loaded, a differential, look-ups. About 1.4 kB a line.

    Exit codes: 0 measured, 2 usage or configuration, 3 operating failure.
    """
    from relais.bench.directory_speed import METHOD, directory_figures, directory_json, directory_tables

    with tempfile.TemporaryDirectory(prefix="relais-directory-") as folder, progress_bar() as bar:
        task = bar.add_task("bytes", total=None)
        figures = directory_figures(
            Path(folder), lines, seed, lambda done, total: bar.update(task, completed=done, total=total)
        )
    if as_json:
        _print_json(directory_json(figures) | {"load": os.getloadavg()})
    else:
        load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
        _print([*directory_tables(figures), METHOD, f"Load {load} at the end."])


@bench.command()
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
        _print_json(sftp_json(figures))
    else:
        _print(sftp_tables(figures))


@bench.command()
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
    """
    from relais.bench.store_speed import store_figures, store_json, store_tables

    with progress_bar() as bar:
        task = bar.add_task("rounds", total=rounds * (1 if home is None else 2))
        rates = store_figures(
            home, objects=objects, large_bytes=large_mb * 1_000_000, rounds=rounds, done=lambda: bar.advance(task)
        )
    if as_json:
        _print_json(store_json(rates) | {"load": os.getloadavg()})
    else:
        load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
        _print([*store_tables(rates), f"Load {load} at the end."])


def _compiled(cache: Path, scanner: Scanner) -> Compiled:
    """The fast road alone: scanner and compiled rules, without the official engine behind them."""
    from pipelines.parsing.reader import Refused, tabled
    from pipelines.validation.compiled.judging import judge_tables
    from pipelines.validation.compiled.plan import RuleSetPlan, compiled

    plans: dict[Any, RuleSetPlan] = {}

    def judged(contents: Sequence[bytes], rule_set: Any) -> Sequence[Any]:
        if rule_set not in plans:
            plans[rule_set] = compiled(rule_set, cache)
        found: list[Any] = [None] * len(contents)
        for part in tabled(contents, scanner):
            assert not isinstance(part, Refused), "what the bench judges went through the gate"
            for position, judgment in zip(part.positions, judge_tables(part.batch, plans[rule_set]), strict=True):
                found[position] = judgment
        return found

    return judged


def _due(rules: str | None, home: Path | None, *, recorded: bool) -> Due:
    """Which rule sets judge a document; of recorded verdicts, one a document."""
    from connectors.rule_register import read_register, rules_dir
    from relais.bench.parity import afnor_layers, en16931
    from relais.rule_names import asked

    if rules is None:
        return en16931 if recorded else afnor_layers
    wanted = asked([name.strip() for name in rules.split(",")], read_register(rules_dir(home)), _today())
    if recorded and len(wanted) > 1:
        raise ConfigurationError(
            "recorded verdicts are of one rule set", where="--rules", value=rules, remedy="name the one they are of"
        )

    def due(kind: Kind) -> tuple[Any, ...]:
        return tuple(filter(None, (row.due_on(kind) for row in wanted)))

    return due


def _today() -> date:
    return datetime.now(UTC).date()


def _code(result: Parity) -> int:
    return AGREED if result.agreed else DIFFERENT


def _print(parts: Sequence[RenderableType]) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = FILE_WIDTH
    for part in parts:
        console.print(part)


def _print_json(document: dict[str, Any]) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, default=str))
