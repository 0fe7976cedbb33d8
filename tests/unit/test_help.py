"""The help of every command: a sentence on each argument, and an example that the command would take."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from relais.__main__ import app


def _commands(group: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    commands = getattr(group, "commands", None)
    if commands is None:
        yield path, group
        return
    for name, command in commands.items():
        yield from _commands(command, (*path, name))


COMMANDS = dict(_commands(typer.main.get_command(app), ("relais",)))


def _examples(path: tuple[str, ...]) -> list[list[str]]:
    """The code spans of a command's help that call the command itself, as words after its name."""
    spans = re.findall(r"`([^`]+)`", COMMANDS[path].help or "")
    words = [shlex.split(" ".join(span.split())) for span in spans]
    return [one[len(path) :] for one in words if tuple(one[: len(path)]) == path]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_help_holds_an_example_that_the_command_takes(path: tuple[str, ...]) -> None:
    command, examples = COMMANDS[path], _examples(path)
    assert examples, f"the help of {' '.join(path)} shows no example"
    options = {name for parameter in command.params for name in parameter.opts + parameter.secondary_opts}
    for words in examples:
        unknown = [word for word in words if word.startswith("--") and word not in options]
        assert not unknown, f"{' '.join(words)}: no option {unknown}"
    required = {
        parameter.opts[0]
        for parameter in command.params
        if parameter.param_type_name == "option" and parameter.required and not parameter.envvar
    }
    assert any(required <= set(words) for words in examples), f"{' '.join(path)}: {required}"


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_help_explains_every_argument_and_option(path: tuple[str, ...]) -> None:
    silent = [
        parameter.name
        for parameter in COMMANDS[path].params
        if parameter.name != "help" and not (getattr(parameter, "help", None) or "").strip()
    ]
    assert not silent, f"{' '.join(path)} does not explain {silent}"
