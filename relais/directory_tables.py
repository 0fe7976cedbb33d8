"""What `relais directory` tells people, as lines and tables, in French or English."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial

from rich.table import Table
from rich.text import Text

from connectors.directory.comparing import Change, Kind, Values
from connectors.directory.loading import Loaded
from connectors.directory.showing import LINES_MAX, Shown
from connectors.directory.versions import Version
from data_contracts.directory import AddressLine, Structure
from data_contracts.messages import Language, told

Part = Table | Text


def loaded_lines(done: Loaded, language: Language, *, beside_registers: bool) -> list[str]:
    """What a load did."""
    say, version = partial(told, language=language), done.version
    if not done.new:
        return [say("directory-known", source=version.source, version=version.name)]
    kind = say(f"directory-kind-{version.kind}")
    since = version.since.isoformat()
    lines = [
        say("directory-loaded", version=version.name, since=since, source=version.source, kind=kind),
        say("directory-counts", **version.counts),
    ]
    if version.faults:
        lines.append(say("directory-faults", count=version.faults, file=done.faults_file))
    if done.strange:
        names = ", ".join(f"{name} ({count})" for name, count in sorted(done.strange.items()))
        lines.append(say("directory-strange", names=names))
    if beside_registers:
        lines.append(say("directory-registers"))
    return lines


def shown_parts(found: Shown, language: Language) -> list[Part]:
    """What is known of one key."""
    say = partial(told, language=language)
    on = found.on.isoformat()
    if not found.found:
        return [Text(say("directory-nothing", key=found.key, on=on))]
    version = say("directory-version", version=found.version) if found.version else say("directory-none-loaded")
    parts: list[Part] = [Text(say("directory-head", key=found.key, on=on), style="bold"), Text(version)]
    if found.structure is not None:
        parts.extend(_structure(found.structure, found.on, language))
    elif found.private is not None:
        parts.append(Text(say("directory-private", name=found.private)))
    elif found.public:
        parts.append(Text(say("directory-public")))
    if found.refuses_prospecting:
        parts.append(Text(say("directory-no-prospecting"), style="bold"))
    if found.lines:
        parts.append(_lines(found, language))
    if found.more:
        parts.append(Text(say("directory-more", most=LINES_MAX)))
    return parts


def change_parts(
    found: Iterable[Change], old: Version, new: Version, limit: int, language: Language
) -> list[Part]:  # fmt: skip
    """What differs: counts, then the first so many."""
    say = partial(told, language=language)
    counted: Counter[tuple[str, Kind]] = Counter()
    kept: list[Change] = []
    for change in found:
        counted[change.table, change.kind] += 1
        if len(kept) < limit:
            kept.append(change)
    if not counted:
        return [Text(say("directory-same", old=old.name, new=new.name))]
    parts: list[Part] = []
    for table in sorted({table for table, _ in counted}):
        counts = {kind.value: counted[table, kind] for kind in Kind}
        parts.append(Text(say("directory-differs", table=say(f"directory-table-{table}"), **counts)))
    rows = Table(show_header=False)
    for change in kept:
        what = say(f"directory-{change.kind}")
        rows.add_row(what, say(f"directory-table-{change.table}"), Text(" ".join(change.key)), Text(_values(change)))
    parts.append(rows)
    if (more := counted.total() - len(kept)) > 0:
        parts.append(Text(say("directory-not-shown", count=more)))
    return parts


def version_parts(versions: Sequence[Version], language: Language) -> list[Part]:
    """The versions that are kept."""
    say = partial(told, language=language)
    if not versions:
        return [Text(say("directory-none-loaded"))]
    names = ("version", "kind", "from", "source", "loaded", "structures", "addresses", "faults")
    table = _table(names, language)
    for one in versions:
        table.add_row(
            one.name, say(f"directory-kind-{one.kind}"), one.since.isoformat(), Text(one.source),
            one.loaded_at.isoformat(timespec="seconds"), str(one.counts["structures"]),
            str(one.counts["addresses"]), str(one.faults),
        )  # fmt: skip
    return [table]


def _structure(one: Structure, on: date, language: Language) -> list[Part]:
    say = partial(told, language=language)
    asked = {
        "service": one.service_required,
        "engagement": one.engagement_required,
        "either": one.service_or_engagement_required,
    }
    demands = [say(f"directory-demands-{name}") for name, wanted in asked.items() if wanted]
    receiver = say("directory-receiver", partner=one.partner_code) if one.partner_code else say("directory-portal")
    said = [
        say("directory-public"),
        say("directory-active" if one.active else "directory-inactive"),
        *(demands or [say("directory-demands-nothing")]),
        receiver,
    ]
    parts: list[Part] = [Text(f"{one.name}: " + "; ".join(said))]
    if one.services:
        table = _table(("service", "name", "open", "engagement", "from", "to"), language)
        for _, service in sorted(one.services.items()):
            flags = (say(_answer(flag)) for flag in (service.in_force(on), service.engagement_required))
            table.add_row(
                Text(service.code), Text(service.name), *flags, _day(service.valid_from), _day(service.valid_to)
            )
        parts.append(table)
    return parts


def _lines(found: Shown, language: Language) -> Table:
    table = _table(("address", "from", "to", "platform", "held"), language)
    for line in found.lines:
        table.add_row(
            Text(line.address), _day(line.valid_from), _day(line.valid_to), line.platform, _held(line, found, language)
        )
    return table


def _held(line: AddressLine, found: Shown, language: Language) -> str:
    return told("directory-masked" if line.masked else _answer(line in found.in_force), language)


def _table(columns: Iterable[str], language: Language) -> Table:
    return Table(*(told(f"directory-column-{name}", language) for name in columns))


def _answer(flag: bool) -> str:
    return "directory-yes" if flag else "directory-no"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _values(change: Change) -> str:
    if change.kind is not Kind.CHANGED:
        return ""
    before: Values = change.before or {}
    after: Values = change.after or {}
    return ", ".join(f"{name}: {before[name]} → {after[name]}" for name in before)
