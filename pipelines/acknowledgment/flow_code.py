"""The status code of a flow that was admitted, from how many of its invoices were accepted."""

from __future__ import annotations

from data_contracts.interfaces import Circuit, Interface

_ALL, _NONE, _SOME = "90", "93", "96"
_ADMISSIBLE = "500"


def flow_code(interface: Interface, received: int, accepted: int) -> str:
    """The code of an admitted flow.

    Shape    Chorus Pro says how many invoices went through: 90 all, 96 some, 93 none. AFNOR says only that the flow was
             admissible, 500, and tells each invoice's fate in a message of its own.
    Source   CPPStatutPivot V1_19 (IdStatut 90 to 96); annex 2, sheet of statuses, object flow.
    """
    assert 0 <= accepted <= received and received, f"{accepted} accepted of {received}"
    if interface.circuit is Circuit.AFNOR:
        return _ADMISSIBLE
    if accepted == received:
        return _ALL
    return _SOME if accepted else _NONE
