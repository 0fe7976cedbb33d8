"""`relais bench parity` and `check`: proof on a corpus that compiled rules are right, and what checking costs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from data_contracts.errors import ConfigurationError
from relais.bench.showing import print_json, print_parts
from relais.progress import progress_bar

if TYPE_CHECKING:
    from pipelines.parsing.opening import Kind
    from pipelines.parsing.scanner.reading import Scanner
    from relais.bench.parity import Compiled, Due, Parity

AGREED, DIFFERENT = 0, 1


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

    Example: `relais bench parity --corpus invoices/ --mutants 500`
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
        print_json({"corpus": str(corpus), "seed": seed, "against": against, **parity_json(result)})
    else:
        print_parts([said, *parity_tables(result)])
    raise typer.Exit(_code(result))


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

    Example: `relais bench check --kinds utility,long --invoices 5000`
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
        print_json(speed_json(sets, lines, os.getloadavg()))
    else:
        print_parts(speed_tables(sets, lines, os.getloadavg()))


def _compiled(cache: Path, scanner: Scanner) -> Compiled:
    """The fast road alone: scanner and compiled rules, without the official engine behind them."""
    from pipelines.parsing.reader import Tabled, tabled
    from pipelines.validation.compiled.judging import judge_tables
    from pipelines.validation.compiled.plan import RuleSetPlan, compiled

    plans: dict[Any, RuleSetPlan] = {}

    def judged(contents: Sequence[bytes], rule_set: Any) -> Sequence[Any]:
        if rule_set not in plans:
            plans[rule_set] = compiled(rule_set, cache)
        found: list[Any] = [None] * len(contents)
        for part in tabled(contents, scanner):
            assert isinstance(part, Tabled), "what the bench judges went through the gate"
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
