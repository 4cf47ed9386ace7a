"""Several commands in one round trip, by libpq's pipeline mode."""

import select
from typing import Self

from psycopg import OperationalError
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult


class Pipeline:
    """What is sent in one round trip. Its results come in the same order; those that nobody takes are passed over."""

    def __init__(self, pgconn: PGconn):
        self.pgconn = pgconn

    def __enter__(self) -> Self:
        self.pgconn.enter_pipeline_mode()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        is_at_end = False
        try:
            is_at_end = kind in (None, GeneratorExit) and self._passes_over_the_rest()
        finally:
            if is_at_end:
                self.pgconn.exit_pipeline_mode()
            else:
                self.pgconn.finish()  # what it would answer next is not known

    def sync(self) -> None:
        self.pgconn.pipeline_sync()

    def next(self) -> PGresult:
        """The result of the next statement."""
        result = self._result()
        if result is None:
            raise OperationalError("The connection is lost.")
        self._result()  # None ends what a command has said
        return result

    def _passes_over_the_rest(self) -> bool:
        """False when the connection is lost: then nothing comes any more, not even the end."""
        ends = 0
        while ends < 2:
            result = self._result()
            if result and result.status == ExecStatus.PIPELINE_SYNC:
                return True
            ends = 0 if result else ends + 1
        return False

    def _result(self) -> PGresult | None:
        self._wait()
        return self.pgconn.get_result()

    def _wait(self) -> None:
        """get_result would wait with the interpreter's lock: where it waits for a row, the thread that is to free that
        row could not go on."""
        while self.pgconn.is_busy():
            watch = select.poll()
            watch.register(self.pgconn.socket, select.POLLIN | (select.POLLOUT if self.pgconn.flush() else 0))
            watch.poll()
            self.pgconn.consume_input()
