"""Looking at a new rule file before it may judge: is it one, does it compile, what does it change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from data_contracts.errors import ConfigurationError
from data_contracts.rule_sets import RuleRegister, RuleSet
from pipelines.validation.compiled.plan import compiled, coverage
from pipelines.validation.rule_files import file_of
from pipelines.validation.saxon import SaxonJudge
from relais.rule_texts import read_beside, rule_texts

LISTED_MAX = 30
"""Rule ids listed of one kind of change; of more, only how many."""


@dataclass(frozen=True)
class Examined:
    """A file that may judge: what it reads beside it, and what is told of it."""

    beside: tuple[Path, ...]
    lines: tuple[str, ...]


def examined(
    file: Path, coordinate: str, installed: RuleSet, register: RuleRegister, valid_from: date, cache: Path
) -> Examined:
    """What is found in a rule file before it is added.

    Errors   ConfigurationError when it is no rule file of this syntax, when nothing of it compiles, or when the
             official engine cannot run it.
    Cost     about a second: it is compiled twice, by us and by the official engine.
    """
    if not file.is_file():
        raise ConfigurationError("there is no such file", where=str(file), remedy="name an official file")
    rule_set = RuleSet(coordinate, "", "", installed.language, str(file.absolute()))
    beside = read_beside(file, installed)
    try:
        told = coverage(compiled(rule_set, cache))
    except (KeyError, ValueError) as error:
        raise _refused(file, f"the compiler does not know its shape ({error})") from error
    if not told.compiled:
        raise _refused(file, "; ".join(sorted({reason for _, reason in told.uncompiled}))[:300])
    # Only whether it runs: what it says of this document does not matter.
    SaxonJudge().judge(b"<x/>", rule_set)
    lines = [f"{told.total} asserts, {told.compiled} compiled"]
    lines += [f"not compiled, left to the official engine: {rule}: {reason}" for rule, reason in told.uncompiled]
    return Examined(tuple(beside), (*lines, *_changes(file, register.in_force(installed, valid_from))))


def _changes(file: Path, before: RuleSet) -> list[str]:
    """What the file changes against the one that would judge on that day without it."""
    old, new = _asserts(file_of(before)), _asserts(file)
    kinds = {
        "rules added": sorted(new.keys() - old.keys()),
        "rules removed": sorted(old.keys() - new.keys()),
        "rules changed": sorted(rule for rule in old.keys() & new.keys() if old[rule] != new[rule]),
    }
    told = [f"{kind}: {_listed(ids)}" for kind, ids in kinds.items() if ids]
    return [f"against {before.coordinate}:", *told] if told else [f"no rule differs from {before.coordinate}"]


def _asserts(file: Path) -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list[tuple[str, str, str]]] = {}
    for text in rule_texts(file):
        found.setdefault(text.rule, []).append((text.flag, text.context, text.test))
    return found


def _listed(ids: list[str]) -> str:
    rest = len(ids) - LISTED_MAX
    return ", ".join(ids[:LISTED_MAX]) + (f" and {rest} more" if rest > 0 else "")


def _refused(file: Path, value: str) -> ConfigurationError:
    return ConfigurationError(
        "nothing of the rule file compiles", where=str(file), value=value, remedy="give an official rule file"
    )
