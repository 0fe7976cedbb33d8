"""`relais evidence`: hours sealed under one root each, and the proof of one invoice or flow for anyone to verify."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from data_contracts.errors import ConfigurationError
from relais.at_home import As, Home, Json, action, opened

evidence = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Proof of what was received and answered.\n\n"
    "Every event of a flow is linked to the one before; every hour, `seal` draws one root over all of them. Publish\n"
    "the roots (`relais evidence roots`) where nobody of yours can change them. `export` writes what proves one\n"
    "invoice or flow into one file; `verify` checks such a file anywhere, without database, store or home.",
)

PROVED, BROKEN = 0, 1
_ROOT = re.compile(r"(\d{8}T\d{2})=([0-9a-f]{64})")
_TIMES = ["%Y-%m-%dT%H", "%Y-%m-%dT%H:%M"]


@evidence.command()
def seal(
    home: Home = None,
    until: Annotated[
        datetime | None, typer.Option(formats=_TIMES, help="UTC: hours that were over by then. [default: now]")
    ] = None,
) -> None:
    """Seal the hours that are over: one root an hour. Run it every hour; hours without events are passed over.

    Example: `relais evidence seal`
    """
    from connectors.clock import SystemClock
    from pipelines.evidence.seal import seal_hours

    built = opened(home)
    # Events bear the machine's time, as business time may stand still.
    now = SystemClock().now()
    moment = now if until is None else until.replace(tzinfo=UTC)
    if moment > now:
        raise ConfigurationError(
            "hours that are not over cannot be sealed",
            where="--until",
            value=str(until),
            remedy="name a time that is past",
        )
    count = seal_hours(moment, ledger=built.ledger, store=built.store)
    typer.echo(f"{count} {'hour' if count == 1 else 'hours'} sealed")


@evidence.command()
def roots(home: Home = None, as_json: Json = False) -> None:
    """List the hours sealed and their roots, as `verify --root` takes them.

    Example: `relais evidence roots`
    """
    from pipelines.evidence.seal import hour_name

    rows = [(hour_name(one.hour), one.root) for one in opened(home).ledger.seals() if one.root is not None]
    if as_json:
        typer.echo(json.dumps(dict(rows), indent=1))
        return
    for hour, root in rows:
        typer.echo(f"{hour}={root}")
    if not rows:
        # To standard error: what goes to standard output is given to verify --root.
        typer.echo("No hour with events has been sealed.", err=True)


@evidence.command()
def export(
    what: Annotated[
        str,
        typer.Argument(
            metavar="INVOICE|FLOW", help="FLOW, FLOW/POSITION or YEAR/SELLER/NUMBER; FLOW is a flow's key or name."
        ),
    ],
    out: Annotated[Path, typer.Option(help="The file to write; must not exist.")],
    home: Home = None,
    without_bytes: Annotated[
        bool, typer.Option("--without-bytes", help="Only the recorded hash of what was received, not its bytes.")
    ] = False,
    who: As = None,
    reason: Annotated[str, typer.Option(help="Why: kept in the ledger.")] = "",
) -> None:
    """Write what proves an invoice or a flow into one file.

    It holds the flow's events as far as hours are sealed, paths to the roots, the facts as admitted and settled, and
    the bytes: of an invoice its own and the answers to its sender and recipient, of a flow all.

    Example: `relais evidence export 2026/81345127500024/ELC-2026-0000003 --out invoice.proof --reason "asked by the
    auditor"`
    """
    from pipelines.evidence.export import export_proof

    built = opened(home)
    flow, position = _meant(what, built)
    with action(built, who, "evidence export", {"what": what, "out": out}, reason) as told:
        try:
            with out.open("xb") as file:
                count = export_proof(
                    file, flow, position, ledger=built.ledger, store=built.store, with_received=not without_bytes
                )
        except OSError as error:
            raise ConfigurationError(
                "the file cannot be written", where=str(out), value=error.strerror or "", remedy="name a new file"
            ) from error
        except BaseException:
            out.unlink(missing_ok=True)
            raise
        told.outcome = f"{count} events"
    typer.echo(f"{out}: {count} events under roots")


@evidence.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A file that `export` wrote.")],
    root: Annotated[
        list[str] | None, typer.Option(metavar="HOUR=HEX", help="A published root; again for each hour concerned.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Verify a proof; needs nothing but the file. Exit code 0 when all holds, 1 when something does not.

    Without `--root` the roots are shown, not compared: then the file only proves that it agrees with itself.

    Example: `relais evidence verify invoice.proof --root 20261120T06=HEX`
    """
    from pipelines.evidence.verify import verify_proof

    published = dict(_root(one) for one in root or ())
    try:
        with file.open("rb") as stream:
            claims, checks = verify_proof(stream, published)
    except OSError as error:
        raise ConfigurationError(
            "the file cannot be read", where=str(file), value=error.strerror or "", remedy="name another"
        ) from error
    broken = [one for one in checks if not one.holds]
    if as_json:
        typer.echo(json.dumps(_told(claims, broken, len(checks)), ensure_ascii=False, indent=1))
    else:
        for line in _lines(claims, broken, len(checks), bool(published)):
            typer.echo(line)
    raise typer.Exit(BROKEN if broken else PROVED)


def _told(claims: Any, broken: list[Any], count: int) -> dict[str, Any]:
    told: dict[str, Any] = {"proved": not broken, "checks": count, "broken": {one.name: one.why for one in broken}}
    if claims is not None:
        told |= {
            "flow": claims.flow_name,
            "position": claims.position,
            "events": [[event.at.isoformat(), event.what] for event in claims.events],
            "roots": {hour: one.root for hour, one in claims.seals.items()},
        }
    return told


def _lines(claims: Any, broken: list[Any], count: int, compared: bool) -> list[str]:
    lines = []
    if claims is not None:
        of = claims.flow_name if claims.position is None else f"invoice {claims.position} of {claims.flow_name}"
        lines.append(f"{of}, received from {claims.partner_code}")
        lines += [f"  {event.at.isoformat()}  {event.what}" for event in claims.events]
        lines += [f"  root {hour}={one.root}" for hour, one in claims.seals.items()]
    lines += [f"BROKEN  {one.name}: {one.why}" for one in broken]
    verdict = f"{count} checks, {len(broken)} broken" if broken else f"{count} checks, all hold"
    if not compared:
        verdict += "; the roots were not compared with published ones (--root)"
    return [*lines, verdict]


def _root(text: str) -> tuple[str, str]:
    match = _ROOT.fullmatch(text)
    if match is None:
        raise ConfigurationError(
            "this is not a root", where="--root", value=text, remedy="write 20261120T06=, then 64 hexadecimal digits"
        )
    return match[1], match[2]


def _meant(what: str, built: Any) -> tuple[Any, int | None]:
    from data_contracts.ledger import InvoiceKey
    from pipelines.tracking.trace import sellers_of
    from relais.flow_ids import flow_key

    parts = what.split("/")
    if len(parts) >= 3 and parts[0].isdecimal():
        keys = [InvoiceKey(int(parts[0]), seller, "/".join(parts[2:])) for seller in sellers_of(parts[1])]
        owner = next(filter(None, map(built.ledger.owner_of, keys)), None)
        if owner is None:
            raise ConfigurationError(
                "no accepted invoice has this key",
                where="INVOICE",
                value=what,
                remedy="write YEAR/SELLER/NUMBER, SELLER its SIRET or SIREN; a rejected invoice is named by "
                "FLOW/POSITION, as relais trace shows its flow",
            )
        return built.ledger.flow(owner.flow_key), owner.position
    wanted, slash, position = what.partition("/")
    if slash and not position.isdecimal():
        raise ConfigurationError("this is no position", where="INVOICE", value=what, remedy="write FLOW/POSITION")
    return built.ledger.flow(flow_key(built, wanted, "FLOW")), int(position) if slash else None
