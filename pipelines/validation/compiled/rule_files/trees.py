"""Expressions as trees of tuples: picklable, hashable, free of parser objects.

Forms of a tree, the first item says which:
  ("string", s)  ("integer", n)  ("decimal", digits)  ("here",)  ("root",)  ("variable", name)
  ("step", axis, test)                  test: {uri}local, local, *, {uri}*, node(), text()
  ("slash", base, step)  ("filter", base, predicate)  ("first-of-parent", base, n)    //x[n] counts by parent
  ("union", a, b)  ("list", items...)  ("range binder: some, every, for", variable, sequence, body)
  ("if", test, then, else)  ("or", a, b)  ("and", a, b)  ("minus", a)
  ("general", op, a, b)  ("value", op, a, b)  ("arithmetic", op, a, b)  ("call", name, args...)
  ("cast", type, a)  ("cast-one", type, a)    without and with an error on the empty sequence
"""

from __future__ import annotations

from typing import Any

Tree = tuple[Any, ...]

LISTED_CODE = "listed-code"
"""`listed-code(file, n, value)` stands for `document(file)/codedb/cl[@id=n]/enumeration[@value=value]`."""
