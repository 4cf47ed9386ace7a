"""For Locust's environment and for the machine, where a test wants neither."""

from types import SimpleNamespace

from locustfiles.machine import Reading


class Hook(list):
    def add_listener(self, handler) -> None:
        self.append(handler)

    def fire(self, **facts) -> None:
        for handler in self:
            handler(**facts)


class Environment:
    def __init__(self, host: str):
        names = ("request", "user_error", "spawning_complete", "test_stopping", "quitting")
        self.host, self.process_exit_code = host, None
        self.events = SimpleNamespace(**{name: Hook() for name in names})


class Machine:
    """The clock goes on a second with each reading; `cpu` is what the generator has used by then."""

    def __init__(self):
        self.clock, self.cpu = 0.0, 0.0

    def read(self, server: dict) -> Reading:
        self.clock += 1
        return Reading(self.clock, self.clock, None, {"generator": self.cpu, "server": self.clock / 2})
