"""The processes that answer: each ends in time when it is told to, ends with its parent, and is replaced if it dies."""

import logging
import multiprocessing
import os
import signal
import threading
import time
from pickle import UnpicklingError
from socket import socket
from types import FrameType

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from serving.event_log import log_event

GRACE_SECONDS = 5.0
"""After the time that open requests have: for what is stored last, and for what hangs elsewhere."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds before a worker that died is replaced: doubled while its successors die young."""
YOUNG_SECONDS = 30.0


class TimelyServer(uvicorn.Server):
    """A server that ends within `stop_seconds` and a grace, whatever its threads wait for.

    A thread that hangs in another's server cannot be ended; the process can. What was acknowledged is stored by then.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.should_exit:
            seconds = (self.config.timeout_graceful_shutdown or 0) + GRACE_SECONDS
            timer = threading.Timer(seconds, _cut_off, [seconds])
            timer.daemon = True
            timer.start()
        super().handle_exit(sig, frame)


class Worker(Process):
    """A process of the service. Its parent never waits for it: it asks, and looks later whether it was answered."""

    def start(self) -> None:
        super().start()
        self.child_conn.close()  # or the death of a worker would not end what its parent reads
        self.born = self._answered = time.monotonic()
        self._is_asked = False

    def is_alive(self, timeout: float = 5) -> bool:
        """Whether it runs, and has answered within so many seconds."""
        if not self.process.is_alive():
            return False
        try:
            if self._is_asked and self.parent_conn.poll():
                self.parent_conn.recv()
                self._answered, self._is_asked = time.monotonic(), False
            if not self._is_asked:
                self.parent_conn.send(b"ping")
                self._is_asked = True
        except (OSError, EOFError, UnpicklingError):
            return False
        return time.monotonic() - self._answered < timeout

    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            self._server = TimelyServer(config=self.config)
        return self._server

    def target(self, sockets: list[socket] | None = None) -> None:
        """What runs in the worker."""
        threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
        super().target(sockets)


class Supervisor(Multiprocess):
    """Keeps as many workers as there are to be, until a signal."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        self._waits: dict[int, float] = {}
        self._due: dict[int, float] = {}
        self._is_proven = False
        self.stopped_by_failure = False

    def init_processes(self) -> None:
        self.processes = [self._start_worker() for _ in range(self.processes_num)]

    def keep_subprocess_alive(self) -> None:
        for place, worker in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if worker.is_alive(timeout=self.config.timeout_worker_healthcheck):
                continue
            if place in self._due:
                self._replace_when_due(place)
            else:
                self._bury(place, worker)

    def restart_all(self) -> None:
        """Replace the workers one by one (SIGHUP): each ends what it began, once its successor answers."""
        for place, worker in enumerate(self.processes):
            successor = self._start_worker()
            if not successor.wait_until_ready(self.config.timeout_worker_healthcheck, self.should_exit):
                successor.kill()
                successor.join()
                log_event("service.restart_given_up", logging.ERROR, process=worker.pid)
                return
            worker.terminate()
            worker.join()
            self.processes[place] = successor
            self._due.pop(place, None)

    def handle_ttin(self) -> None:
        """Nothing: how many workers there are is `LEADS_WORKERS`, and what they count has room for no more."""
        _say_ignored("SIGTTIN")

    def handle_ttou(self) -> None:
        """Nothing, as `handle_ttin`."""
        _say_ignored("SIGTTOU")

    def join_all(self) -> None:
        """Wait for all workers, and end those that do not end."""
        until = time.monotonic() + (self.config.timeout_graceful_shutdown or 0) + GRACE_SECONDS + 1
        for worker in self.processes:
            worker.process.join(max(0.0, until - time.monotonic()))
            if worker.process.is_alive():
                worker.kill()
                worker.join()

    def _bury(self, place: int, worker: Process) -> None:
        worker.kill()  # it may be there, and hang
        worker.join()
        lived = time.monotonic() - getattr(worker, "born", 0.0)
        log_event("service.worker_died", logging.ERROR, process=worker.pid, exit_code=worker.exitcode)
        if worker.exitcode == STARTUP_FAILURE and not self._is_proven:
            self.stopped_by_failure = True
            self.should_exit.set()  # it would fail in the same way each time
            return
        self._is_proven = self._is_proven or worker.exitcode != STARTUP_FAILURE
        before = self._waits.get(place, 0.0) if lived < YOUNG_SECONDS else 0.0
        self._waits[place] = min(max(FIRST_WAIT, 2 * before), LONGEST_WAIT)
        self._due[place] = time.monotonic() + self._waits[place]

    def _replace_when_due(self, place: int) -> None:
        if time.monotonic() >= self._due[place]:
            del self._due[place]
            self.processes[place] = self._start_worker()

    def _start_worker(self) -> Worker:
        worker = Worker(self.config, self.sockets)
        worker.start()
        return worker


def _say_ignored(name: str) -> None:
    log_event("service.signal_ignored", logging.WARNING, signal=name, instead="LEADS_WORKERS, read at the start")


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()  # returns when it has ended, however that came
        log_event("service.parent_died", logging.ERROR)
        os.kill(os.getpid(), signal.SIGTERM)


def _cut_off(seconds: float) -> None:
    names = sorted({thread.name for thread in threading.enumerate() if not thread.daemon})
    log_event("service.stop_cut_off", logging.WARNING, after_seconds=seconds, still_running=names)
    os._exit(0)
