"""The world of one schedule: one baton between the workers, and faults at the operations where the schedule wants them.

A worker holds the baton while it works, and hands it on at an operation only: everything between two operations is
computing, which nobody outside can see.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.memory.mailbox import Folders, MemoryMailbox
from connectors.memory.store import MemoryStore
from connectors.part_names import part_name
from data_contracts.errors import LedgerConflict, PartnerUnavailable, StoreUnavailable, TransientError
from data_contracts.ledger import Ledger
from data_contracts.ports import Deposit
from relais.samples.draws import Draws
from relais.simulation.evidence import Evidence
from relais.simulation.scene import Drop, Scene
from relais.simulation.schedule import Event, Kind, Schedule

MORNING = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
STEP_SECONDS = 0.25
_ERRORS: dict[str, type[TransientError]] = {
    "ledger": LedgerConflict, "store": StoreUnavailable, "mailbox": PartnerUnavailable,
}  # fmt: skip
_WRITES = ("put", "put_by_hash", "replace")


class Died(BaseException):
    """The process died here. Not an Exception: nothing in the stages may survive it."""


class Process:
    """One process of a worker. Once dead, nothing that it does has any effect."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.dead = False


class Actor:
    """Someone who may hold the baton."""

    def __init__(self) -> None:
        self.baton = threading.Semaphore(0)
        self.frozen_until = 0
        self.gone = False


class World:
    """Ports, clocks and partners of one schedule. `calm`: nothing goes wrong (any more)."""

    def __init__(self, schedule: Schedule, scene: Scene, ledger: Callable[[Callable[[], float]], Ledger]) -> None:
        self.schedule = schedule
        self.scene = scene
        self.seconds = 1_000_000.0
        self.today = MORNING
        self.step = 0
        self.calm = False
        self.trace: list[str] | None = None
        self.folders, self.store = Folders(), MemoryStore()
        self.ledger = ledger(lambda: self.seconds)
        self.mailbox = WatchedMailbox(self.folders, self)
        self.evidence = Evidence(scene, self.ledger, self.store, self.folders)
        self.main = Actor()
        self.actors: list[Actor] = []
        self.full_until = 0
        self.down_until: dict[str, int] = {}
        self.to_drop: list[Drop] = []
        self._undropped = dict(enumerate(scene.drops))
        self._events: dict[int, list[Event]] = defaultdict(list)
        for event in schedule.events:
            self._events[event.step].append(event)

    # ---- the baton

    def pass_on(self, holder: Actor, to: Actor) -> None:
        """Nothing, once the holder has the baton again."""
        if to is not holder:
            to.baton.release()
            holder.baton.acquire()

    def next_actor(self, at: int) -> Actor:
        """Who goes on: of those who neither stand still nor are gone, the one drawn at this operation; else main."""
        able = [actor for actor in self.actors if not actor.gone and actor.frozen_until <= self.step]
        if not able and not self.calm:
            asleep = [actor for actor in self.actors if not actor.gone and actor.frozen_until < self.step + 100_000]
            able = sorted(asleep, key=lambda actor: actor.frozen_until)[:1]
        return able[Draws(self.schedule.seed, at).below(len(able))] if able else self.main

    # ---- what happens at an operation

    def arrive(self, actor: Actor, process: Process, port: str, what: str) -> Kind | None:
        """The fault of the operation that begins, after whatever else happens at this step."""
        if process.dead:
            raise Died(what)
        if self.calm:
            self._tell(process, port, what)
            return None
        self.step += 1
        self.seconds += STEP_SECONDS
        if self.step > self.schedule.horizon:
            self.calm = True
        if self.to_drop:
            self.drop(-1)
        fault: Kind | None = None
        for event in self._events.get(self.step, ()):
            fault = self._happens(event, actor, process) or fault
        if process.dead:
            raise Died(what)
        self._tell(process, port, what, fault)
        return fault

    def _happens(self, event: Event, actor: Actor, process: Process) -> Kind | None:
        kind = event.kind
        if kind is Kind.DROP:
            self.drop(event.who)
        elif kind is Kind.DOWN:
            self.down_until[self.scene.drops[event.who].partner_code] = self.step + event.amount
        elif kind is Kind.FULL:
            self.full_until = self.step + event.amount
        elif kind is Kind.MIDNIGHT:
            self.today += timedelta(days=1)
        elif kind is Kind.JUMP:
            self.seconds += event.amount
        elif kind is Kind.SWITCH:
            chosen = self._further(actor, event.who)
            if not chosen.gone and chosen.frozen_until <= self.step:
                self.pass_on(actor, chosen)
        elif kind is Kind.FREEZE:
            self.freeze(actor, event.amount)
        else:
            return kind
        return None

    def _further(self, actor: Actor, places: int) -> Actor:
        """Who stands so many places after an actor, in the round of workers."""
        return self.actors[(self.actors.index(actor) + places) % len(self.actors)]

    def freeze(self, actor: Actor, steps: int) -> None:
        """Nothing, once the actor goes on: after so many steps, or when it is woken at the end."""
        actor.frozen_until = self.step + steps
        self.pass_on(actor, self.next_actor(self.step))
        actor.frozen_until = 0

    def drop(self, place: int) -> None:
        """Nothing; a file is on its way to its drop, behind those of its name that still lie there."""
        drop = self._undropped.pop(place, None)
        if drop is not None:
            self.to_drop.append(drop)
        for drop in list(self.to_drop):
            if drop.name not in self.folders.drops.get(drop.partner_code, {}):
                self.to_drop.remove(drop)
                self.folders.drop(drop.partner_code, drop.name, drop.content)
                self.evidence.drops.append(drop)

    def drop_all(self) -> None:
        """Nothing; what was never dropped is on its way."""
        for place in list(self._undropped):
            self.drop(place)
        self.drop(-1)

    def _tell(self, process: Process, port: str, what: str, fault: Kind | None = None) -> None:
        if self.trace is not None:
            told = f"{self.step:>5}  {self.seconds:>12.2f}  {process.name:<8} {port}.{what}"
            self.trace.append(f"{told}   <- {fault.value}" if fault else told)


class WatchedMailbox(MemoryMailbox):
    """A mailbox whose partners take answers as soon as they appear, or leave them. Every appearance is evidence."""

    def __init__(self, folders: Folders, world: World) -> None:
        super().__init__(folders)
        self._world = world

    def publish(self, partner_code: str, name: str, part: str) -> None:
        out = self._folders.outs.get(partner_code, {})
        content = out.get(part_name(name, part))
        super().publish(partner_code, name, part)
        if content is not None:
            self._world.evidence.published(partner_code, name, content)
            if self._world.schedule.takes_at_once:
                del out[name]


class Port:
    """One port as one process sees it: every call is an operation."""

    def __init__(self, world: World, actor: Actor, process: Process, port: str, real: Any) -> None:
        self._world, self._actor, self._process, self._port, self._real = world, actor, process, port, real

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._real, name)

        def called(*arguments: Any, **keywords: Any) -> Any:
            return self._operation(name, method, arguments, keywords)

        return called

    def open(self, thing: Any) -> Any:
        """A reader; opening is the operation. What changed meanwhile shows when it is closed."""
        self._operation("open", lambda _thing: None, (thing,), {})
        return self._real.open(thing)

    def keys(self, prefix: str) -> Iterator[str]:
        self._operation("keys", lambda _prefix: None, (prefix,), {})
        return iter(list(self._real.keys(prefix)))

    def incoming(self) -> Iterator[Deposit]:
        """Deposits; each is an operation, so that others may work while the list is read."""
        down = False
        self._operation("incoming", lambda: None, (), {})
        for deposit in self._real.incoming():
            if self._down(deposit.partner_code):
                down = True
                continue
            yield deposit
            self._operation("incoming", lambda: None, (), {})
        if down:
            raise PartnerUnavailable("a partner's drop could not be read")

    def _operation(
        self, name: str, method: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Any:
        world, process = self._world, self._process
        fault = world.arrive(self._actor, process, self._port, name)
        if fault in (Kind.DIE_BEFORE, Kind.FAIL):
            self._half(name, arguments)
            self._strike(fault, name)
        if self._refused(name, arguments):
            raise _ERRORS[self._port](f"{self._port} does not answer", where=name)
        result = method(*arguments, **keywords)
        world.evidence.saw(self._port, name, arguments, keywords, result)
        if fault is not None:
            self._strike(fault, name)
        return result

    def _strike(self, fault: Kind, name: str) -> None:
        if fault in (Kind.DIE_BEFORE, Kind.DIE_AFTER):
            self._process.dead = True
            raise Died(name)
        raise _ERRORS[self._port](f"{self._port} does not answer", where=name)

    def _refused(self, name: str, arguments: tuple[Any, ...]) -> bool:
        world = self._world
        if world.calm:
            return False
        if self._port == "store":
            return name in _WRITES and world.step < world.full_until
        return self._port == "mailbox" and bool(arguments) and self._down(_partner_of(arguments[0]))

    def _down(self, partner_code: str) -> bool:
        return not self._world.calm and self._world.step < self._world.down_until.get(partner_code, 0)

    def _half(self, name: str, arguments: tuple[Any, ...]) -> None:
        """What a transfer that was cut leaves."""
        if self._port == "mailbox" and name == "stage":
            partner_code, answer, part, data = arguments
            content = data.read()
            out = self._world.folders.outs.setdefault(partner_code, {})
            out[part_name(answer, part)] = content[: len(content) // 2]


def _partner_of(argument: Any) -> str:
    return argument.partner_code if isinstance(argument, Deposit) else str(argument)
