"""What the compiler and the evaluation say when they do not know the exact answer: never a guess."""

from __future__ import annotations


class NotCompilable(Exception):
    """A construct of a rule file that the compiler does not translate exactly. `str()` is the reason."""


class NotDecided(Exception):
    """A case met while judging whose exact answer is left to the official engine. `str()` is the reason."""


class TooManyPairs(NotDecided):
    """More pairs of nodes than are held in memory: fewer documents together may be decided."""
