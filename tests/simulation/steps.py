"""What can happen next: a worker's turn, a person's act, the relay's, or time passing; one is drawn at a time."""

from __future__ import annotations

from collections.abc import Callable

from django.test import RequestFactory
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from generations import callbacks
from generations.jobs import poller
from tests.simulation.double import Callback, Rendering
from tests.simulation.people import People
from tests.simulation.world import World

FACTORY = RequestFactory()


class Steps:
    def __init__(self, world: World) -> None:
        self.world, self.rng = world, world.rng
        self.people = people = People(world)
        table: tuple[tuple[int, Callable[[], None]], ...] = (
            (60, self.work),
            (5, self.sweep),
            (3, self.seconds_pass),
            (2, self.minutes_pass),
            (12, self.callback),
            (5, self.forge),
            (1, self.step_clock),
            (1, self.hours_pass),
            (1, self.fill_disk),
            (6, people.submit),
            (2, people.press_again),
            (2, people.cancel),
            (2, people.retry),
            (1, people.archive),
            (1, people.move_member),
            (3, people.price_step),
            (1, people.set_limit),
            (1, people.pause),
            (3, people.decide),
            (9, people.resolve),
        )
        self._acts = [act for _, act in table]
        self._weights = [weight * self.rng.choice((0, 1, 1, 2)) if weight < 4 else weight for weight, _ in table]

    def one(self) -> None:
        self.world.double.work()
        act = self.rng.choices(self._acts, self._weights)[0]
        if self._may_be_confused() and self.rng.random() < 0.3:
            act = self.forge  # two tasks that nobody has bound are rare: a stranger uses the moment
        act()

    def meanwhile(self) -> None:
        """One step of somebody else while a worker stands still: mostly of those who want the same job."""
        self.world.double.work()
        people = self.people
        hot = (self.work, self.work, self.work, self.callback, self.callback, self.sweep)
        rivals = (people.cancel, people.archive, people.move_member, people.submit)
        self.rng.choice((*hot, self.rng.choice(rivals), self.rng.choice(rivals), self.one))()

    # ------------------------------------------------------------------ the studio's processes

    def work(self) -> None:
        """A worker takes a wake-up, any of those that wait. While none does, time passes until somebody must look."""
        waiting = self.world.waiting()
        if not waiting:
            if not self.until_due():
                self.people.submit()
                return
            self.sweep()
            waiting = self.world.waiting()
        if waiting:
            self.take(self.rng.choice(waiting))

    def take(self, row: OrmQ) -> None:
        world, task = self.world, row.task
        name = f"{task['func'].rpartition('.')[2]}({_short(task['args'])})"
        if world.weather.has("wake", "lost"):
            world.note(f"wake-up lost: {name}")
            world.forget(row)
            return
        if not world.weather.has("wake", "doubled"):
            world.forget(row)
        world.run(name, lambda: import_string(task["func"])(*task["args"]))

    def sweep(self) -> None:
        self.world.run("sweep", lambda: poller.sweep(self.world.now))

    # ------------------------------------------------------------------ time

    def seconds_pass(self) -> None:
        self._pass(self.rng.uniform(0.5, 20))

    def until_due(self) -> bool:
        """To when somebody must look next, ten minutes at most; False when nobody must."""
        if due := self.world.next_look():
            left = (due - self.world.now).total_seconds()
            self._pass(min(max(left, self.rng.uniform(0.5, 5)), 600.0))
        return due is not None

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
        else:
            self.work()

    def forge(self) -> None:
        """A stranger's at a guessed address; or at a true one, naming a task that is not this attempt's."""
        double = self.world.double
        bound = self.world.bound()
        called = [task for task in double.tasks.values() if task.callback_path]
        called = self._may_be_confused() or [task for task in called if task.task_id not in bound] or called
        if called and self.rng.random() < 0.7:
            task = self.rng.choice(called)
            self.deliver(Callback(task.callback_path, double.swapped(task), f"{task.task_id}, swapped"))
        else:
            body = self.rng.choice((b"{", b"[]", b'{"task_id": "task_1", "status": "failed"}'))
            self.deliver(Callback(f"/callbacks/{self.rng.randrange(10**9)}/", body, "forged"))

    def _may_be_confused(self) -> list[Rendering]:
        """The tasks that are not bound, while the relay has another one that is not bound either."""
        double = self.world.double
        if len(double.tasks) < 2:
            return []
        bound = self.world.bound()
        unbound = [task for task in double.tasks.values() if task.callback_path and task.task_id not in bound]
        return [task for task in unbound if double.unbound_others(task)]

    def deliver(self, callback: Callback) -> None:
        token = callback.path.strip("/").rpartition("/")[2]
        request = FACTORY.post(callback.path, callback.body, content_type="application/json")
        self.world.run(f"callback about {callback.about}", lambda: callbacks.callback(request, token))


def _short(args: tuple[object, ...]) -> str:
    """The arguments of a task, ids cut to what tells them apart."""
    words = [arg if isinstance(arg, list) else [arg] for arg in args]
    return ", ".join(str(word)[:4] for group in words for word in group)
