"""Rule files kept as read: trees on disk, by the file's digest and the compiler's version."""

from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path

from pipelines.validation.compiled.rule_files.rules import RuleFile
from pipelines.validation.uncollected import uncollected

VERSION = 6
"""Raised with every change to the form of trees or to how rule files are read."""


def cached_rule_file(file: Path, digest: str, cache_dir: Path) -> RuleFile:
    """The rule file, from the cache when it is there and whole.

    The cache is ours alone: it holds pickles, so its directory must be writable by this user only. Each entry carries
    the digest of its own bytes; one that does not prove itself is read again from the rule file and replaced.
    """
    entry = cache_dir / f"{_key(file, digest)}-{VERSION}.rules"
    known = _read(entry)
    if known is not None:
        return known
    # The parser of XPath is loaded here, where a rule file is new, and not by every worker.
    from pipelines.validation.compiled.rule_files.rule_file import read_rule_file

    rules = read_rule_file(file)
    body = pickle.dumps(rules, protocol=pickle.HIGHEST_PROTOCOL)
    cache_dir.mkdir(parents=True, exist_ok=True)
    part = entry.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(hashlib.sha256(body).digest() + body)
    part.replace(entry)
    return rules


def _key(file: Path, digest: str) -> str:
    """The digest of the rule file and of the code lists beside it, which it may read."""
    whole = hashlib.sha256(digest.encode())
    for codes in sorted(file.parent.glob("*codedb.xml")):
        whole.update(codes.name.encode() + hashlib.sha256(codes.read_bytes()).digest())
    return whole.hexdigest()


def _read(entry: Path) -> RuleFile | None:
    try:
        data = entry.read_bytes()
    except FileNotFoundError:
        return None
    if hashlib.sha256(data[32:]).digest() != data[:32]:
        return None
    with uncollected():
        rules = pickle.loads(data[32:])
    return rules if isinstance(rules, RuleFile) else None
