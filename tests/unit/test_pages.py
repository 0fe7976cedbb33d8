"""Pages for people: every command that they show exists and takes what is shown; links, files and targets exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from relais.__main__ import app

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT)
    for pattern in ("*.md", "docs/**/*.md", "infra/**/*.md")
    for path in ROOT.glob(pattern)
    if path.name != "CHANGELOG.md"
)
_CODE = re.compile(r"^```\w*\n(.*?)^```|`([^`\n]+(?:\n[^`\n]+)?)`", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def _shown(page: Path) -> list[str]:
    """Lines of code of a page: those of its blocks, and its spans."""
    found = _CODE.findall((ROOT / page).read_text(encoding="utf-8"))
    lines = [line for block, span in found for line in (block.splitlines() if block else [" ".join(span.split())])]
    indented = re.findall(r"^    (relais .*)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    return [re.split(r"\s{3,}|\s#\s", line.strip())[0] for line in [*lines, *indented]]


def _command(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words begin with, and the words after its name."""
    command: Any = typer.main.get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    return command, words


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_commands_of_a_page_exist(page: Path) -> None:
    for line in _shown(page):
        if not re.match(r"(\.venv/bin/)?relais [a-z]", line):
            continue
        words = shlex.split(line.replace("'", ""))[1:]
        command, rest = _command(words)
        where = f"{page}: {line}"
        assert command.name in words, f"{where}: there is no such command"
        if hasattr(command, "commands"):
            assert not rest, f"{where}: there is no such command"
        known = {name for parameter in command.params for name in parameter.opts + parameter.secondary_opts}
        unknown = [word for word in rest if word.startswith("--") and word.split("=")[0] not in known | {"--help"}]
        assert not unknown, f"{where}: no option {unknown}"


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall((ROOT / page).read_text(encoding="utf-8")):
        if "://" not in target:
            assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_files_that_a_page_names_exist(page: Path) -> None:
    for line in _shown(page):
        for name in re.findall(
            r"^(?:docs|infra|tests|dags|data_contracts|connectors|pipelines|relais)/[\w/.-]*$", line
        ):
            assert (ROOT / name).exists(), f"{page} names {name}"
    for line in _shown(page):
        for module in re.findall(r"python -m ((?:infra|tests)[\w.]+)", line):
            path = ROOT / module.replace(".", "/")
            assert path.with_suffix(".py").exists() or path.is_dir(), f"{page} names {module}"


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_make_targets_of_a_page_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for line in _shown(page):
        shown = re.match(r"make ([a-z]+)\b", line)
        assert shown is None or shown[1] in targets, f"{page}: {line}"


def test_the_first_page_leads_to_every_command_and_page() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert [name for name in commands if f"relais {name}" not in text] == []
    measured = text.partition("`relais bench ")[2].partition("|")[0]
    assert [name for name in commands["bench"].commands if not re.search(rf"\b{name}\b", measured)] == []
    pages = [path.name for path in (ROOT / "docs").glob("*.md")]
    assert [name for name in pages if f"docs/{name}" not in text] == []
