"""The registers of people: who is told what by mail, and which connection each supplier is reached by.

`notifications.csv` and `suppliers.csv` lie in the home; without them nobody is told, and suppliers read on the portal.
"""

from __future__ import annotations

from pathlib import Path

from connectors.register_rows import as_application_code, as_siret, register_rows
from data_contracts.history import Phase
from data_contracts.mail import address
from data_contracts.messages import Language
from data_contracts.notifications import ALL_PHASES, Frequency, Role, Subscription

NOTIFICATIONS = "notifications.csv"
SUPPLIERS = "suppliers.csv"
NOTIFICATIONS_COLUMNS = (
    "structure", "service", "partner_code", "email", "language", "role", "frequency", "events",
)  # fmt: skip
SUPPLIERS_COLUMNS = ("siret", "partner_code")

ALL = "all"
_PHASES = {phase.value.replace(" ", "_"): phase for phase in Phase}


def read_subscriptions(home: Path) -> tuple[Subscription, ...]:
    """The subscriptions of a home in order of address; none without a register.

    Errors   ConfigurationError naming file, line and column; also where a principal manager would not be told.
    """
    path = home / NOTIFICATIONS
    if not path.exists():
        return ()
    found: dict[tuple[str, str, str, str], Subscription] = {}
    for row in register_rows(path, NOTIFICATIONS_COLUMNS):
        role = row.take("role", lambda text: _word(text, Role))
        read = Subscription(
            structure=row.take("structure", lambda text: as_siret(text) if text else ""),
            service=row.take("service", _service),
            partner_code=row.take("partner_code", lambda text: as_application_code(text) if text else ""),
            address=row.take("email", address),
            language=row.take("language", lambda text: _word(text, Language)),
            role=role,
            frequency=row.take("frequency", lambda text, role=role: _frequency(text, role)),  # type: ignore[misc]
            phases=row.take("events", lambda text, role=role: _phases(text, role)),  # type: ignore[misc]
        )
        row.take("structure", lambda _, read=read: _one_side(read))  # type: ignore[misc]
        row.once(read.key in found, "email")
        found[read.key] = read
    return tuple(sorted(found.values(), key=lambda one: (one.address, one.key)))


def read_suppliers(home: Path) -> dict[str, str]:
    """The connection of each supplier, by SIRET; none without a register. Errors as of `read_subscriptions`."""
    path = home / SUPPLIERS
    if not path.exists():
        return {}
    found: dict[str, str] = {}
    for row in register_rows(path, SUPPLIERS_COLUMNS):
        siret = row.take("siret", as_siret)
        row.once(siret in found, "siret")
        found[siret] = row.take("partner_code", as_application_code)
    return found


def _one_side(read: Subscription) -> None:
    if bool(read.structure) == bool(read.partner_code):
        raise ValueError("the one side told: write a SIRET here, or an application code in partner_code, not both")
    if read.service and not read.structure:
        raise ValueError("the structure of the service: only structures have services")


def _word(text: str, words: type[Role] | type[Language] | type[Frequency]) -> object:
    known = {word.value: word for word in words}
    if text not in known:
        raise ValueError("one of " + ", ".join(known))
    return known[text]


def _frequency(text: str, role: Role) -> object:
    frequency = _word(text, Frequency)
    if frequency is Frequency.NEVER and role is Role.PRINCIPAL_MANAGER:
        raise ValueError("daily or at_once: a principal manager is always told")
    return frequency


def _phases(text: str, role: Role) -> frozenset[Phase]:
    if text == ALL:
        return ALL_PHASES
    words = text.split()
    if role is Role.PRINCIPAL_MANAGER:
        raise ValueError(f"{ALL}: a principal manager is told everything")
    if not words or not all(word in _PHASES for word in words):
        raise ValueError(f"{ALL}, or a list of " + ", ".join(_PHASES))
    return frozenset(_PHASES[word] for word in words)


def _service(text: str) -> str:
    if not text.isprintable():
        raise ValueError("a service code of printable characters, or empty")
    return text
