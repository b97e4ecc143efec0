"""What can happen next: a worker's turn, a person's act, the relay's, or time passing; one is drawn at a time."""

from __future__ import annotations

from collections.abc import Callable

from django.test import RequestFactory
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from generations import callbacks
from generations.jobs import poller
from tests.simulation.double import Callback
from tests.simulation.people import People
from tests.simulation.world import World

FACTORY = RequestFactory()


class Steps:
    def __init__(self, world: World) -> None:
        self.world, self.rng = world, world.rng
        self.people = people = People(world)
        table: tuple[tuple[int, Callable[[], None]], ...] = (
            (30, self.work),
            (16, self.sweep),
            (14, self.seconds_pass),
            (6, self.minutes_pass),
            (10, self.callback),
            (2, self.forge),
            (1, self.step_clock),
            (1, self.hours_pass),
            (1, self.fill_disk),
            (8, people.submit),
            (2, people.press_again),
            (4, people.cancel),
            (2, people.retry),
            (2, people.archive),
            (2, people.move_member),
            (1, people.price_step),
            (1, people.set_limit),
            (2, people.pause),
            (3, people.decide),
            (6, people.resolve),
        )
        self._acts = [act for _, act in table]
        self._weights = [weight * self.rng.choice((0, 1, 1, 2)) if weight < 4 else weight for weight, _ in table]

    def one(self) -> None:
        self.world.double.work()
        self.rng.choices(self._acts, self._weights)[0]()

    def meanwhile(self) -> None:
        """One step of somebody else while a worker stands still: mostly of those who want the same job."""
        self.world.double.work()
        hot = (self.work, self.work, self.sweep, self.sweep, self.callback, self.people.cancel)
        self.rng.choice((*hot, self.one))()

    # ------------------------------------------------------------------ the studio's processes

    def work(self) -> None:
        """A worker takes a wake-up: any of those that wait, and perhaps it comes again."""
        if waiting := self.world.waiting():
            self.take(self.rng.choice(waiting))

    def take(self, row: OrmQ) -> None:
        world, task = self.world, row.task
        name = f"{task['func'].rpartition('.')[2]}({_short(task['args'])})"
        if world.weather.has("wake", "lost"):
            world.note(f"wake-up lost: {name}")
            row.delete()
            return
        if not world.weather.has("wake", "doubled"):
            row.delete()
        world.run(name, lambda: import_string(task["func"])(*task["args"]))

    def sweep(self) -> None:
        self.world.run("sweep", lambda: poller.sweep(self.world.now))

    # ------------------------------------------------------------------ time

    def seconds_pass(self) -> None:
        self._pass(self.rng.uniform(0.5, 20))

    def minutes_pass(self) -> None:
        self._pass(self.rng.uniform(60, 600))

    def hours_pass(self) -> None:
        self._pass(self.rng.choice((3600, 6 * 3600, 25 * 3600)))

    def _pass(self, seconds: float) -> None:
        self.world.pass_time(seconds)
        self.world.note(f"{seconds:.0f} s pass")

    def step_clock(self) -> None:
        seconds = self.rng.choice((-3600, 3600))
        self.world.step_clock(seconds)
        self.world.note(f"the clock jumps by {seconds} s")

    def fill_disk(self) -> None:
        self.world.is_disk_full = not self.world.is_disk_full
        self.world.note("the disk is full" if self.world.is_disk_full else "the disk has room")

    # ------------------------------------------------------------------ the relay

    def callback(self) -> None:
        """Any of the callbacks under way arrives: late, or in another order."""
        outbox = self.world.double.outbox
        if outbox:
            self.deliver(outbox.pop(self.rng.randrange(len(outbox))))

    def forge(self) -> None:
        """A stranger's, at a guessed address, or one with a word that proves nothing."""
        body = self.rng.choice((b"{", b"[]", b'{"task_id": "task_1", "status": "failed"}', b'{"status": "succeeded"}'))
        self.deliver(Callback(f"/callbacks/{self.rng.randrange(10**9)}/", body, "forged"))

    def deliver(self, callback: Callback) -> None:
        token = callback.path.strip("/").rpartition("/")[2]
        request = FACTORY.post(callback.path, callback.body, content_type="application/json")
        self.world.run(f"callback about {callback.about}", lambda: callbacks.callback(request, token))


def _short(args: tuple[object, ...]) -> str:
    """The arguments of a task, ids cut to what tells them apart."""
    words = [arg if isinstance(arg, list) else [arg] for arg in args]
    return ", ".join(str(word)[:4] for group in words for word in group)
