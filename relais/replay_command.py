"""`relais replay`: the same answers again for a partner that lost them, or what new rule files say of old flows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from data_contracts.errors import ConfigurationError
from relais.at_home import As, Home, Json, action, house_and_settings, said
from relais.flow_ids import flow_key

_TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


def replay(
    flow: Annotated[str, typer.Option(help="Key of a flow, six first characters of it, or its name.")] = "",
    partner: Annotated[
        str, typer.Option(help="Application code: who got the answers; with --reprocess, who sent the flows.")
    ] = "",
    since: Annotated[
        datetime | None, typer.Option(formats=_TIMES, help="UTC: delivered from then on; --reprocess: received.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(formats=_TIMES, help="UTC: and before then.")] = None,
    reprocess: Annotated[
        bool, typer.Option("--reprocess", help="Check the flows again by the rule files in force today; see below.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    reason: Annotated[str, typer.Option(help="Why: kept in the ledger. Needed unless --dry-run.")] = "",
    home: Home = None,
    who: As = None,
    as_json: Json = False,
) -> None:
    """Send answers again, or check flows again. Everything given must hold; begin with `--dry-run`.

    **Resend** (without `--reprocess`): the answers that were delivered go to the partner again, the same names and
    bytes, with the next delivery run. Use it when a partner lost them. An answer still on its way is not doubled.

    **Reprocess**: settled flows are checked again by today's rule files, and each invoice that would come out otherwise
    is shown, with the rules gained and lost. What was answered stands: an invoice that was rejected by a rule that has
    changed is sent again by its supplier, who may, as a rejection keeps no number. Only what waits in quarantine is
    settled, as by `relais quarantine release`.

    Example: `relais replay --partner ELC001 --since 2026-11-20T06:00 --until 2026-11-20T09:00 --dry-run`
    """
    from data_contracts.operations import Selection

    built, settings = house_and_settings(home)
    if not (flow or partner or since or until):
        raise ConfigurationError(
            "nothing is selected", where="relais replay", remedy="give --flow, --partner or --since"
        )
    why = "" if dry_run else said(reason)
    key = flow_key(built, flow, "--flow") if flow else ""
    selection = Selection(key, partner, _utc(since), _utc(until))
    if reprocess:
        rows = _reprocessed(built, settings, selection, dry_run, why, who)
    else:
        rows = _resent(built, selection, dry_run, why, who)
    for row in rows:
        typer.echo(json.dumps(row, ensure_ascii=False, default=str) if as_json else row["said"])


def _resent(built: Any, selection: Any, dry_run: bool, reason: str, who: str | None) -> Iterator[dict[str, Any]]:
    if dry_run:
        meant = built.ledger.delivered_answers(selection)
    else:
        with action(built, who, "replay resend", asdict(selection), reason) as told:
            meant = built.ledger.owe_delivered(selection)
            told.outcome = f"{sum(not one.owed_already for one in meant)} answers owed again"
    for one in meant:
        answer = one.answer
        what = "is owed already" if one.owed_already else "would be sent again" if dry_run else "is owed again"
        told_row = {"partner": answer.partner_code, "name": answer.name, "sha256": answer.sha256}
        told_row |= {"flow_key": answer.flow_key, "size_bytes": answer.size_bytes, "what": what}
        yield told_row | {"said": f"{answer.partner_code}/{answer.name} ({answer.size_bytes:,} bytes) {what}"}
    if not meant:
        yield {"what": "nothing", "said": "No delivered answer is selected."}


def _reprocessed(
    built: Any, settings: Any, selection: Any, dry_run: bool, reason: str, who: str | None
) -> Iterator[dict[str, Any]]:
    from data_contracts.interfaces import STATUS_CODES
    from data_contracts.ledger import FlowStatus
    from data_contracts.quarantine import QuarantineState
    from pipelines.replay.compare import Comparison
    from pipelines.validation.control_date import control_date
    from pipelines.validation.standing_engine import standing_engine

    engine = standing_engine(built.cache_dir, built.store)
    today = control_date(built.clock.now())
    compared = Comparison(built.ledger, built.store, built.directory, engine, built.register, today)
    settled = [flow for flow in built.ledger.flows(FlowStatus.SETTLED) if flow.interface_code not in STATUS_CODES]
    flows = [flow for flow in settled if _received(flow, selection)]
    waiting = []
    for flow in flows:
        for one in compared.differences(flow, lambda step: None):
            yield asdict(one) | {"what": "differs", "said": _difference(one)}
        waiting += built.ledger.quarantine(QuarantineState.WAITING, flow_key=flow.flow_key)
    if dry_run:
        for entry in waiting:
            yield {
                "id": entry.id,
                "what": "would be released",
                "said": f"{entry.id}: would be released ({entry.cause})",
            }
    elif waiting:
        yield from _released(built, settings, waiting, reason, who)
    yield {"what": "compared", "flows": len(flows), "said": f"{len(flows)} flows compared; answers given stand."}


def _released(built: Any, settings: Any, waiting: list[Any], reason: str, who: str | None) -> Iterator[dict[str, Any]]:
    from data_contracts.quarantine import Verb
    from relais.ordering import carried_out

    with action(built, who, "replay reprocess", {"ids": [entry.id for entry in waiting]}, reason) as told:
        carried = carried_out(built, settings, Verb.RELEASE, waiting, reason, "", False, who)
        told.outcome = "; ".join(f"{one.entry.id} {one.outcome.value} {one.told}".rstrip() for one in carried)
    for one in carried:
        row = {"id": one.entry.id, "what": one.outcome.value, "answers": [answer.name for answer in one.answers]}
        yield row | {"said": f"{one.entry.id}: {one.outcome.value} {one.told}".rstrip()}


def _received(flow: Any, selection: Any) -> bool:
    return (
        (not selection.flow_key or flow.flow_key == selection.flow_key)
        and (not selection.partner_code or flow.partner_code == selection.partner_code)
        and (selection.since is None or flow.received_at >= selection.since)
        and (selection.until is None or flow.received_at < selection.until)
    )


def _difference(one: Any) -> str:
    line = f"{one.flow_key}/{one.position} {one.number or one.name}: {one.before.value} then, {one.after.value} now"
    for name, rules in (("gained", one.gained), ("lost", one.lost)):
        if rules:
            line += f"; {name} {', '.join(rules)}"
    return line


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
