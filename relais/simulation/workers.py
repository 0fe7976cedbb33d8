"""Workers: each goes round the stages, dies, comes back, and does not know what others do."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from data_contracts.directory import Directory
from data_contracts.errors import TransientError
from data_contracts.limits import BATCH_LEASE_SECONDS
from data_contracts.partners import Partners
from pipelines.admission.stage import admit_flows
from pipelines.delivery.stage import deliver_answers
from pipelines.intake.stage import collect_flows
from pipelines.parsing.documents import Document
from pipelines.planning.stage import plan_batches
from pipelines.settlement.stage import settle_flows
from pipelines.validation.check import Engine
from pipelines.validation.stage import check_batch
from relais.samples.draws import Draws
from relais.samples.recipients import directory
from relais.simulation.judging import ContentJudge
from relais.simulation.schedule import FOREVER
from relais.simulation.world import Actor, Died, Port, Process, World

EVERYONE = Partners({}, open_to_all=True)
DIRECTORY: Directory = directory()
SLOW_STEPS = 25


@dataclass(frozen=True)
class WorldClock:
    world: World

    def now(self) -> datetime:
        """Business time of the world."""
        return self.world.today


class Stages:
    """The stages as one process runs them. `Died` ends the process; TransientError ends a stage."""

    def __init__(self, world: World, actor: Actor, process: Process) -> None:
        self._world, self._actor, self._process = world, actor, process
        self._ledger = Port(world, actor, process, "ledger", world.ledger)
        self._store = Port(world, actor, process, "store", world.store)
        self._mailbox = Port(world, actor, process, "mailbox", world.mailbox)
        self._clock = WorldClock(world)

    def collect(self) -> None:
        collect_flows(mailbox=self._mailbox, store=self._store, ledger=self._ledger, clock=self._clock)

    def admit(self) -> None:
        admit_flows(ledger=self._ledger, store=self._store, partners=EVERYONE)

    def check(self) -> None:
        """Plans, and checks every open batch as a task of its own: one that fails does not stop the others."""
        planned = plan_batches(ledger=self._ledger, store=self._store, documents_max=self._world.schedule.documents_max)
        for batch_id in planned:
            try:
                self.check_one(batch_id)
            except TransientError:
                continue

    def check_one(self, batch_id: str) -> None:
        engine = Engine(None, ContentJudge(self._meet))
        check_batch(
            batch_id, ledger=self._ledger, store=self._store, worker=self._process.name, engine=engine,
            machine_seconds=lambda: self._world.seconds,
        )  # fmt: skip

    def settle(self) -> None:
        settle_flows(ledger=self._ledger, store=self._store, directory=DIRECTORY, clock=self._clock)

    def deliver(self) -> None:
        deliver_answers(ledger=self._ledger, store=self._store, mailbox=self._mailbox)

    def _meet(self, documents: Sequence[Document]) -> None:
        world = self._world
        world.arrive(self._actor, self._process, "judge", "judge_batch")
        contents = {document.data for document in documents}
        if contents & world.scene.deadly:
            self._process.dead = True
            raise Died("by a document")
        if contents & world.scene.slow:
            world.seconds += BATCH_LEASE_SECONDS + 1
            if not world.calm:
                world.freeze(self._actor, SLOW_STEPS)
        if contents & world.scene.hanging:
            if self._actor is world.main:
                self._process.dead = True
                raise Died("a document that hangs, and a person who ended it")
            world.freeze(self._actor, FOREVER)


ROUND = ("collect", "admit", "check", "settle", "deliver")


class Worker(Actor):
    """A thread that goes round the stages while it has the baton."""

    def __init__(self, world: World, rank: int) -> None:
        super().__init__()
        self._world, self._rank = world, rank
        self._draws = Draws(world.schedule.seed, 0xB0B, rank)
        self._lives = 0
        self.failure: str | None = None
        self.process = Process("")
        self.thread = threading.Thread(target=self._live, daemon=True)

    def _live(self) -> None:
        self.baton.acquire()
        try:
            self._work()
        except BaseException:
            self.failure = traceback.format_exc()
            self._world.calm = True
        self.gone = True
        self._world.next_actor(self._world.step).baton.release()

    def _work(self) -> None:
        at = self._rank * 2  # they do not all begin with the same stage
        stages = self._born()
        while not self._world.calm:
            try:
                getattr(stages, ROUND[at % len(ROUND)])()
                at += 1 if self._draws.below(4) else self._draws.below(len(ROUND))
            except TransientError:
                at += self._draws.below(2)
            except Died:
                stages = self._born()
                at = self._draws.below(len(ROUND))

    def _born(self) -> Stages:
        """A new process; now and then under a name of its own, which must wait for its predecessor's leases."""
        self._lives += self._draws.below(2)
        self.process = Process(f"w{self._rank}.{self._lives}")
        return Stages(self._world, self, self.process)
