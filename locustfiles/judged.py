"""What every profile imports: the run's one judge, attached when Locust has been set up."""

from locust import events

from locustfiles.gate import Gate

gate: Gate | None = None


@events.init.add_listener
def attach(environment, **_) -> None:
    global gate
    gate = Gate(environment)
    gate.attach()
