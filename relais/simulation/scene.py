"""The scene: what partners drop, and what each of their documents does to the worker that judges it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from data_contracts.envelope import EnvelopeName
from data_contracts.interfaces import Circuit
from relais.samples.billers import BUILDER, CATERER, UTILITY, Biller
from relais.samples.cii_writer import cii_bytes
from relais.samples.flows import Packing, packed
from relais.samples.invoices import composed
from relais.samples.ubl_writer import ubl_bytes

BROKEN = b"<Invoice><unclosed></Invoice>"


@dataclass(frozen=True)
class Drop:
    """A file that a partner drops, with how many documents it holds. One that is not `admissible` is refused, as is any
    whose name came before with other bytes."""

    partner_code: str
    name: str
    content: bytes
    documents: int
    admissible: bool = True


@dataclass(frozen=True)
class Scene:
    """`drops` in the order of a good day. `deadly` documents kill whoever judges them, `slow` ones hold him up beyond
    his lease, `hanging` ones for ever. `shared` are pairs of drops of two partners, by index, that hold the same
    invoice."""

    name: str
    drops: tuple[Drop, ...]
    deadly: frozenset[bytes] = frozenset()
    slow: frozenset[bytes] = frozenset()
    hanging: frozenset[bytes] = frozenset()
    shared: tuple[tuple[int, int], ...] = ()


def _ubl(biller: Biller, serial: int) -> bytes:
    return ubl_bytes(composed(biller, serial, Circuit.CHORUS_PRO, 1))


def _cii(biller: Biller, serial: int) -> bytes:
    return cii_bytes(composed(biller, serial, Circuit.AFNOR, 1))


def _drop(biller: Biller, code: str, sequence: int, *documents: bytes, admissible: bool = True) -> Drop:
    partner_code = biller.partner_code
    name = str(EnvelopeName(code, partner_code, partner_code, sequence))
    content = packed([(f"{place}.xml", data) for place, data in enumerate(documents)], Packing.TAR_GZ)
    return Drop(partner_code, name, content, len(documents), admissible)


@cache
def scenes() -> dict[str, Scene]:
    """The scenes, by name. Each flow's name says its sender; serials say which invoices are the same."""
    one, two, four = _ubl(UTILITY, 1), _ubl(UTILITY, 2), _ubl(UTILITY, 4)
    deadly, slow = _ubl(UTILITY, 6), _ubl(CATERER, 6)
    mixed = _drop(UTILITY, "FSO1100A", 1, one, two, one, BROKEN)
    repeats = _drop(UTILITY, "FSO1100A", 2, two, four)
    conflicting = _drop(UTILITY, "FSO1100A", 2, _ubl(UTILITY, 5))
    poisoned = _drop(UTILITY, "FSO1100A", 3, deadly, _ubl(UTILITY, 7), _ubl(UTILITY, 8))
    afnor = _drop(CATERER, "FSO1156A", 1, _cii(CATERER, 1), _cii(CATERER, 2))
    shares = _drop(CATERER, "FSO1100A", 1, four, _ubl(CATERER, 3))
    hanging = _drop(CATERER, "FSO1100A", 2, slow, _ubl(CATERER, 7))
    unknown = _drop(BUILDER, "FSO9999A", 1, one, admissible=False)
    lone = _drop(BUILDER, "FSO1100A", 1, _ubl(BUILDER, 1))
    everything = (mixed, repeats, conflicting, poisoned, afnor, shares, unknown, lone, mixed, unknown)
    return {
        scene.name: scene
        for scene in (
            Scene("plain", (mixed, repeats, afnor, unknown)),
            Scene("resent", (mixed, afnor, unknown, mixed, afnor, unknown, mixed)),
            Scene("conflicting", (mixed, repeats, lone, conflicting, repeats)),
            Scene("shared", (repeats, shares, lone, afnor), shared=((0, 1),)),
            Scene("poisoned", (poisoned, mixed, shares), deadly=frozenset({deadly})),
            Scene("slow", (hanging, afnor, lone, hanging), slow=frozenset({slow})),
            Scene("everything", everything, deadly=frozenset({deadly}), shared=((1, 5),)),
            Scene("hanging", (hanging, afnor, mixed), hanging=frozenset({slow})),
        )
    }
