"""Delivered: what a public body reads of the invoices in its out folder, as far as it needs to answer them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from data_contracts.envelope import ENVELOPE_NAME_CHARACTERS
from data_contracts.errors import ConfigurationError
from data_contracts.interfaces import DIFFUSION

_INVOICE = "CPPFacturePivotUnitaire"
_PIECE = "PJ"


@dataclass(frozen=True)
class DeliveredInvoice:
    """One invoice of a pivot, each value as the pivot writes it; empty where it writes none."""

    number: str
    issued: str
    supplier_type: str
    supplier: str
    supplier_name: str
    debtor: str
    service: str
    payable: str
    currency: str


def diffusions(out: Path) -> list[Path]:
    """The pivots in an out folder, by name: complete ones alone, whose name is an envelope's."""
    found = out.glob(f"{DIFFUSION}_*")
    return sorted(path for path in found if len(path.name) == ENVELOPE_NAME_CHARACTERS and path.is_file())


def delivered(pivots: Sequence[Path]) -> Iterator[DeliveredInvoice]:
    """The invoices of these pivots, in their order.

    Errors   ConfigurationError when one cannot be read as XML.
    Cost     memory of one invoice and its pieces; whoever takes the first few reads no further.
    """
    for path in pivots:
        try:
            yield from _invoices(path)
        except etree.XMLSyntaxError as error:
            raise ConfigurationError(
                "a delivered flow cannot be read", where=str(path), value=str(error), remedy="deliver it again"
            ) from error


def _invoices(path: Path) -> Iterator[DeliveredInvoice]:
    # A piece may be of 100 MB: libxml2 reads such a text only when told to.
    with path.open("rb") as stream:
        events = etree.iterparse(
            stream, tag=(_INVOICE, _PIECE), huge_tree=True, resolve_entities=False, no_network=True
        )
        for _, element in events:
            if element.tag == _INVOICE:
                yield _read(element)
                while element.getprevious() is not None:
                    del element.getparent()[0]
            element.clear()


def _read(unit: etree._Element) -> DeliveredInvoice:
    def text(place: str) -> str:
        return unit.findtext(place) or ""

    return DeliveredInvoice(
        number=text("DonneesFacture/Id"),
        issued=text("DonneesFacture/DateEmissionFacture"),
        supplier_type=text("Fournisseur/TypeIdentifiant"),
        supplier=text("Fournisseur/Identifiant"),
        supplier_name=text("Fournisseur/RaisonSociale"),
        debtor=text("Debiteur/Identifiant"),
        service=text("Debiteur/CodeService"),
        payable=text("DonneesFacture/Montants/MontantNetAPayer"),
        currency=text("DonneesFacture/Devise"),
    )
