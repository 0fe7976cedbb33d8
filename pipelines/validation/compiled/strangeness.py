"""Documents whose structure costs more to learn than the official engine asks to judge them.

What the rules say of a path is worked out once, and each path in a batch costs every expression that meets it. Honest
documents share their paths, so this is soon paid. One that brings thousands of its own would cost several times what
the official engine does; it is left to it, and nothing of it is learnt.
"""

from __future__ import annotations

import numpy as np

from pipelines.parsing.path_tables import INT, Array, Batch, PathDictionary

LEARNT_FREELY = 5_000
"""Paths that a process learns from anybody, half a second in all: 5,000 public samples together hold 3,355."""
STRANGE_MAX = 60
"""New paths that a document may bring beyond, each shared among the documents of the batch that have it: learning as
many takes about as long as the official engine takes for a document."""


class Strangeness:
    """What a process has learnt of structures. It forgets when the path dictionary starts anew."""

    def __init__(self, learnt_freely: int = LEARNT_FREELY) -> None:
        self._learnt_freely = learnt_freely
        self._paths: PathDictionary | None = None
        self._learnt: set[int] = set()

    def strange(self, batch: Batch) -> Array:
        """The documents of a batch that are too strange to learn from, by number, rising. The others are learnt."""
        if self._paths is not batch.paths:
            self._paths, self._learnt = batch.paths, set()
        new = [path for path in batch.present if path not in self._learnt]
        if len(self._learnt) + len(new) <= self._learnt_freely:
            self._learnt.update(new)
            return np.zeros(0, INT)
        owners = [batch.document(path) for path in new]
        numbers = np.repeat(np.arange(len(new)), [len(rows) for rows in owners])
        held = np.unique(numbers * batch.documents + np.concatenate(owners))
        numbers, documents = np.divmod(held, batch.documents)
        holders = np.bincount(numbers, minlength=len(new))
        burden = np.bincount(documents, weights=1 / holders[numbers], minlength=batch.documents)
        strange = burden > STRANGE_MAX
        learnt = np.unique(numbers[~strange[documents]])
        self._learnt.update(new[number] for number in learnt.tolist())
        return np.flatnonzero(strange).astype(INT)
