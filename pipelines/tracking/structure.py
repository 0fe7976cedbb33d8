"""The structure of a status format without a published schema, as a table, and what of a document departs from it.

A table names, for each type, its children in their order with how often each may come (`?`, `*`, `+`, or once), and its
attributes. It is as strict as the XML schema that it stands for: tests hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from lxml import etree

Check = Callable[[str], bool]


class Departure(StrEnum):
    UNEXPECTED = "unexpected"
    MISSING = "missing"
    VALUE = "value"
    ATTRIBUTE = "attribute"


@dataclass(frozen=True)
class Fault:
    """One departure at an element. `name` is what departs, `found` its value, `expected` what would stand there."""

    kind: Departure
    element: etree._Element
    name: str
    found: str = ""
    expected: str = ""


@dataclass(frozen=True)
class Leaf:
    """A type that holds text. `expected` says in words of the schema what fits."""

    fits: Check
    expected: str
    attributes: Mapping[str, Check]


@dataclass(frozen=True)
class Slot:
    """One place in a sequence: the names that may stand there, each with its type, and how often in all."""

    types: Mapping[str, str]
    low: int
    high: int | None


@dataclass(frozen=True)
class Sequence:
    """A type that holds elements, in order. `required` names attributes that must be there."""

    slots: tuple[Slot, ...]
    attributes: Mapping[str, Check]
    required: frozenset[str] = frozenset()

    @cached_property
    def places(self) -> Mapping[str, tuple[int, ...]]:
        """The places at which each name may stand, in order."""
        found: dict[str, tuple[int, ...]] = {}
        for at, slot in enumerate(self.slots):
            for name in slot.types:
                found[name] = (*found.get(name, ()), at)
        return found


Types = Mapping[str, Leaf | Sequence]

NAMES_MAX = 5
"""Names told where any of many could stand."""

_OCCURS = {"?": (0, 1), "*": (0, None), "+": (1, None)}


def sequence(text: str, attributes: Mapping[str, Check] | None = None, *required: str) -> Sequence:
    """A sequence from its notation: `name:type` with an occurrence mark, alternatives joined by `|`."""
    return Sequence(tuple(_slot(part) for part in text.split()), attributes or {}, frozenset(required))


def _slot(part: str) -> Slot:
    low, high = _OCCURS.get(part[-1], (1, 1))
    bare = part[:-1] if part[-1] in _OCCURS else part
    return Slot(dict(one.split(":") for one in bare.split("|")), low, high)


def faults(root: etree._Element, type_name: str, types: Types) -> Iterator[Fault]:
    """What departs from the table at an element and below, in document order of the parents."""
    waiting = [(root, type_name)]
    while waiting:
        element, name = waiting.pop()
        model = types[name]
        yield from _attributes(element, model)
        if isinstance(model, Leaf):
            yield from _leaf(element, model)
            continue
        below: list[tuple[etree._Element, str]] = []
        yield from _children(element, model, below)
        waiting += reversed(below)


def _leaf(element: etree._Element, model: Leaf) -> Iterator[Fault]:
    for child in element:
        yield Fault(Departure.UNEXPECTED, child, _local(child.tag))
        return
    text = element.text or ""
    if not model.fits(text):
        yield Fault(Departure.VALUE, element, _local(element.tag), text.strip(), model.expected)


def _attributes(element: etree._Element, model: Leaf | Sequence) -> Iterator[Fault]:
    for name, value in element.attrib.items():
        fits = model.attributes.get(str(name))
        if fits is None:
            if not str(name).startswith("{http://www.w3.org/2001/XMLSchema-instance}"):
                yield Fault(Departure.ATTRIBUTE, element, _local(str(name)), str(value))
        elif not fits(str(value)):
            yield Fault(Departure.ATTRIBUTE, element, _local(str(name)), str(value))
    for name in sorted(model.required) if isinstance(model, Sequence) else ():
        if element.get(name) is None:
            yield Fault(Departure.MISSING, element, f"@{name}")


def _children(element: etree._Element, model: Sequence, below: list[tuple[etree._Element, str]]) -> Iterator[Fault]:
    if odd := (element.text or "").strip() or next((tail for one in element if (tail := (one.tail or "").strip())), ""):
        yield Fault(Departure.VALUE, element, _local(element.tag), odd)
    at, count = 0, 0
    for child in element:
        first = at + 1 if at < len(model.slots) and _full(model.slots[at], count) else at
        place = next((n for n in model.places.get(str(child.tag), ()) if n >= first), None)
        if place is None:
            yield Fault(Departure.UNEXPECTED, child, _local(child.tag), expected=_names(model.slots[first:]))
            continue
        if place != at:
            yield from _missing(element, model.slots[at:place], count)
            at, count = place, 0
        count += 1
        below.append((child, model.slots[at].types[str(child.tag)]))
    yield from _missing(element, model.slots[at:], count)


def _full(slot: Slot, count: int) -> bool:
    return slot.high is not None and count >= slot.high


def _missing(element: etree._Element, slots: tuple[Slot, ...], count: int) -> Iterator[Fault]:
    """The places left that lack something; of the first, `count` stand there."""
    for slot in slots:
        if count < slot.low:
            yield Fault(Departure.MISSING, element, " | ".join(_local(name) for name in slot.types))
        count = 0


def _names(slots: tuple[Slot, ...]) -> str:
    """The names that may stand from a place on, up to the first that must; the first few of many."""
    named: list[str] = []
    for slot in slots:
        named += [_local(name) for name in slot.types]
        if slot.low:
            break
    return ", ".join(named[:NAMES_MAX]) + (", …" if len(named) > NAMES_MAX else "")


def _local(name: object) -> str:
    return str(name).rpartition("}")[2]
