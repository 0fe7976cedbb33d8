"""Who sells and who buys, as columns: a party that comes again is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.parsing.parties import Identifier, buyer_siret, routing_code, seller_identity
from pipelines.parsing.term_columns import Columns
from pipelines.parsing.term_paths import VatNumber

Ids = tuple[tuple[int, int], ...]
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def seller_columns(columns: Columns, seller_vat: VatNumber | None) -> dict[str, pa.Array]:
    """The identity of each seller. See `parties.seller_identity`."""

    def identity(party: tuple[Ids, Ids, tuple[str, ...]]) -> tuple[str | None, str | None, str | None]:
        legal, own, vat = party
        return seller_identity(_identifiers(columns, legal), _identifiers(columns, own), vat)

    legal, own = columns.identifiers("seller_legal_id"), columns.identifiers("seller_own_id")
    parties = list(zip(legal, own, columns.vat_numbers(seller_vat), strict=True))
    names = ("seller_id", "seller_id_type", "seller_siren")
    identities = _each(identity, parties)
    return {name: pa.array([each[place] for each in identities], pa.string()) for place, name in enumerate(names)}


def buyer_columns(columns: Columns) -> dict[str, pa.Array]:
    """The SIRET of each buyer and its service. See `parties.buyer_siret`, `parties.routing_code`."""

    def addressee(party: tuple[Ids, Ids]) -> tuple[str | None, str | None]:
        legal, own = _identifiers(columns, party[0]), _identifiers(columns, party[1])
        return buyer_siret(legal, own), routing_code(own)

    legal, own = columns.identifiers("buyer_legal_id"), columns.identifiers("buyer_own_id")
    addressees = _each(addressee, list(zip(legal, own, strict=True)))
    routing = pa.array([code for _, code in addressees], pa.string())
    return {
        "buyer_siret": pa.array([siret for siret, _ in addressees], pa.string()),
        "service_code": pc.coalesce(routing, columns.text("buyer_reference", "buyer_contact")),
    }


def _identifiers(columns: Columns, ids: Ids) -> list[Identifier]:
    return [columns.identifier(pair) for pair in ids]


def _each(work: Callable[[K], V], keys: Sequence[K]) -> list[V]:
    """The result for each key; equal keys are worked out once."""
    known = {key: work(key) for key in dict.fromkeys(keys)}
    return [known[key] for key in keys]
