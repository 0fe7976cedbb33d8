"""Where the official files lie: in installed distributions, found without importing them, or where an operator
registered them. Known by their digest."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from data_contracts.errors import ConfigurationError
from data_contracts.rule_sets import RuleSet, Schema
from pipelines.validation.compiled.rule_files.schematron_source import included_files, is_schematron


@cache
def located(package: str, path: str) -> Path:
    """The file of an installed distribution.

    The package is looked up and never imported: these packages bring readers of PDF and XML that a worker does without.

    Errors   ConfigurationError when the package or the file is not there.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ConfigurationError(
            "the package that carries official files is not installed",
            where="installed packages",
            value=package,
            remedy="install the locked requirements again, rule files included",
        )
    file = Path(spec.origin).parent / path
    if not file.is_file():
        raise ConfigurationError(
            "an official file is missing from its package",
            where=package,
            value=path,
            remedy="install the locked version of the package, or correct the row of data_contracts.rule_sets",
        )
    return file


def file_of(source: RuleSet | Schema) -> Path:
    """The file of a rule set or schema: the registered one, else the installed one. Errors as `located`."""
    if isinstance(source, RuleSet) and source.file:
        return Path(source.file)
    return located(source.package, source.path)


@cache
def digest(source: RuleSet | Schema) -> str:
    """Lower-case hex SHA-256 of the file's bytes; of Schematron source, of what it includes too. Read once per process.

    Errors   ConfigurationError when the file is missing, or includes one that is.
    """
    file = file_of(source)
    whole = hashlib.sha256(file.read_bytes())
    for included in included_files(file) if is_schematron(file) else ():
        whole.update(hashlib.sha256(included.read_bytes()).digest())
    return whole.hexdigest()


def label(rule_set: RuleSet) -> str:
    """`coordinate@sha256`: what a verdict records, so that it can be told by which very file it was given."""
    return f"{rule_set.coordinate}@{digest(rule_set)}"
