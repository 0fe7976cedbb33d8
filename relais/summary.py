"""The summary of a run: one row a flow, and the line that says all is accounted for."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from data_contracts.envelope import parsed
from data_contracts.interfaces import STATUS_CODES
from data_contracts.ledger import FlowReport, FlowStatus, Reconciliation
from data_contracts.refusals import FlowRefused

ROWS_MAX = 200
"""Flows listed; of more, only how many. The ledger knows them all."""

_WHOLE, _IN_PART = frozenset({"90", "500"}), frozenset({"96"})
"""Acknowledgments of status flows: all their statuses were recorded, or some."""

_ENDED = frozenset({FlowStatus.SETTLED, FlowStatus.REFUSED})
_NUMBERS = ("received", "accepted", "rejected", "quarantined")


def summary(reports: Sequence[FlowReport], reconciliation: Reconciliation) -> list[RenderableType]:
    """A table of the flows, the reconciliation of invoices, the line of flows and answers, that of statuses if any."""
    told = [report for report in reports if report.flow.interface_code in STATUS_CODES]
    lines = [_invoices(reconciliation), _flows(reports, reconciliation)]
    return [_table(reports), *lines, *([_statuses(told)] if told else [])]


def _table(reports: Sequence[FlowReport]) -> Table:
    table = Table(title="Flows", title_justify="left", box=SIMPLE_HEAD, padding=0, collapse_padding=True)
    table.add_column("Flow", overflow="fold", min_width=18)
    table.add_column("Sender", min_width=6)
    table.add_column("Interface", min_width=8)
    for heading in _NUMBERS:
        table.add_column(heading.capitalize(), justify="right", min_width=5)
    table.add_column("Acknowledgment", overflow="fold", min_width=9)
    table.add_column("Seconds", justify="right", min_width=5)
    for report in reports[:ROWS_MAX]:
        flow = report.flow
        counts = (flow.member_count, flow.accepted_count, flow.rejected_count, flow.quarantined_count)
        table.add_row(
            Text(_identity(flow.name)),
            flow.partner_code,
            flow.interface_code or "-",
            *("-" if count is None else f"{count:,}" for count in counts),
            _acknowledgment(report),
            "-" if report.seconds is None else f"{report.seconds:.1f}",
        )
    if len(reports) > ROWS_MAX:
        table.caption = f"and {len(reports) - ROWS_MAX:,} more"
    return table


def _identity(name: str) -> str:
    """The flow id of a well-formed name, whose other parts stand in columns of their own; else the whole name."""
    try:
        return parsed(name).flow_id
    except FlowRefused:
        return name


def _acknowledgment(report: FlowReport) -> Text:
    """The code that the sender got, the motive of a refusal, how often the flow was sent again."""
    said = Text(report.flow.acknowledgment_code or report.flow.status.value)
    if report.flow.status is FlowStatus.REFUSED:
        said.stylize("red")
        said.append(f" {report.motive}")
    if report.resent_count:
        said.append(f" (sent {report.resent_count + 1} times, answered the same)", style="dim")
    return said


def _invoices(total: Reconciliation) -> Text:
    line = Text("Invoices  ", style="bold")
    parts = f"{total.invoices_accepted:,} accepted + {total.invoices_rejected:,} rejected"
    parts += f" + {total.invoices_quarantined:,} quarantined"
    if total.invoices_pending:
        parts += f" + {total.invoices_pending:,} pending"
    sign = "=" if total.gap == 0 else "!="
    line.append(f"received = accepted + rejected + quarantined:  {total.invoices_received:,} received {sign} {parts}")
    if total.gap:
        line.append(f"  ({total.gap:,} unaccounted for)", style="bold red")
    return line


def _flows(reports: Sequence[FlowReport], total: Reconciliation) -> Text:
    line = Text("Flows     ", style="bold")
    line.append(
        f"{total.flows_received:,} received = {total.flows_settled:,} settled + {total.flows_refused:,} refused"
    )
    if total.flows_pending:
        line.append(f" + {total.flows_pending:,} pending")
    resent = sum(report.resent_count for report in reports)
    line.append(
        f"; {resent:,} sent again; answers delivered {total.answers_delivered:,} of {total.answers_owed:,} owed"
    )
    return line


def _statuses(told: Sequence[FlowReport]) -> Text:
    """How the status flows among them were taken, and how many flows tell others of what they say."""
    codes = [report.flow.acknowledgment_code for report in told if report.flow.status in _ENDED]
    whole, in_part = sum(code in _WHOLE for code in codes), sum(code in _IN_PART for code in codes)
    line = Text("Statuses  ", style="bold")
    line.append(f"{len(told):,} flows received = {whole:,} taken whole + {in_part:,} in part")
    line.append(f" + {len(codes) - whole - in_part:,} not")
    if len(told) > len(codes):
        line.append(f" + {len(told) - len(codes):,} pending")
    # Each is acknowledged to its sender, once more for every time that it was sent again afterwards.
    others = sum(report.answers_owed - 1 - report.answers_repeated for report in told if report.answers_owed)
    line.append(f"; {others:,} flows tell others of them")
    return line
