"""Processes of this program's own, and which processor each is on: the server has one, all others
share another, so that nobody's work is mistaken for the server's."""

import gc
import multiprocessing
import os
import signal
import traceback

FORK = multiprocessing.get_context("fork")
PROCESSORS = sorted(os.sched_getaffinity(0))
SERVER, OTHERS = PROCESSORS[0], PROCESSORS[-1]


class Failed(Exception):
    """One of the parts could not do its work, so there is no figure."""


def pin(processor: int):
    if len(PROCESSORS) > 1:
        os.sched_setaffinity(0, {processor})


class Child:
    """Runs work(pipe, *arguments) beside this process; they talk through the pipe."""

    def __init__(self, processor: int, work, *arguments):
        self.pipe, other = FORK.Pipe()
        self.process = FORK.Process(target=self._run, args=(processor, other, work, arguments),
                                    daemon=True)
        self.process.start()
        other.close()

    @staticmethod
    def _run(processor, pipe, work, arguments):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        gc.disable()
        pin(processor)
        try:
            work(pipe, *arguments)
        except BaseException:
            pipe.send(Failed(traceback.format_exc()))

    @property
    def pid(self) -> int:
        return self.process.pid

    def tell(self, what=None):
        self.pipe.send(what)

    def hear(self, seconds: float = 60):
        """What it says next. Raises Failed when it has failed, or says nothing for so long."""
        if not self.pipe.poll(seconds):
            raise Failed(f"{self.process.name} does not answer")
        try:
            said = self.pipe.recv()
        except EOFError:
            raise Failed(f"{self.process.name} has ended") from None
        if isinstance(said, Failed):
            raise said
        return said

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.join()
