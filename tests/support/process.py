"""A server as a child process that never outlives the tests."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

POLL_SECONDS = 0.02
KILLED_SECONDS = 60  # the kernel needs milliseconds; a busy machine may not get to it at once
PR_SET_PDEATHSIG = 1  # prctl(2)


class CannotStart(Exception):
    """A part the tests need is missing or did not come up. `next_step` says what to do."""

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(f"{message}. {next_step}")
        self.next_step = next_step


def _die_with_parent() -> None:
    # Runs in the child after the change of user, which would clear the setting.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class ServerProcess:
    """One child process: its output goes to a file, it stands in a session of its own, it dies with us.

    Start it from a thread that lives as long as the server: on Linux the death of the *thread* that started the
    child is what kills it. Elsewhere than on Linux only a clean end of the tests stops it.
    """

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        user: pwd.struct_passwd | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`environment`: in place of ours."""
        self.log = log
        self._log_start = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd="/",  # the work tree may be closed to the other user
                start_new_session=True,  # Ctrl-C is for pytest, which then stops the servers in order
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """How it ended: its exit code, or minus the signal; None while it is there."""
        return self._process.poll()

    def running(self) -> bool:
        """Whether the process is there; a paused one is."""
        return self.code is None

    def wait_until(self, ready: Callable[[], bool], timeout_seconds: float, name: str) -> None:
        """Poll `ready`. Raises CannotStart, with the end of the output, when the process ends or time runs out."""
        deadline = time.monotonic() + timeout_seconds
        while not ready():
            if not self.running() or time.monotonic() > deadline:
                what = "did not answer in time" if self.running() else "ended at start"
                self.end(signal.SIGKILL)
                raise CannotStart(f"{name} {what}: {self.output()[-2000:]}", f"The whole output was in {self.log.name}")
            time.sleep(POLL_SECONDS)

    def output(self) -> str:
        """What this process (not an earlier one on the same file) has written so far."""
        with self.log.open("rb") as file:
            file.seek(self._log_start)
            return file.read().decode("utf-8", "replace")

    def send(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens when the process has ended."""
        if self.running():
            self._process.send_signal(number)

    def end(self, number: signal.Signals, timeout_seconds: float = 60) -> None:
        """End the process with this signal and wait; after the timeout with SIGKILL."""
        self.send(signal.SIGCONT)  # a stopped process can't answer SIGTERM
        self.send(number)
        try:
            self._process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout_seconds)

    def kill_tree(self) -> None:
        """SIGKILL this process and its direct children at once, as a power cut would, and wait until all are gone."""
        children = self._children()
        self._process.kill()
        for child in children:
            _kill_quietly(child)
        self._process.wait(KILLED_SECONDS)
        deadline = time.monotonic() + KILLED_SECONDS
        while any(_exists(child) for child in children):
            if time.monotonic() > deadline:
                raise TimeoutError(f"children of a killed server are still there after {KILLED_SECONDS} s")
            time.sleep(POLL_SECONDS)

    def cpu_seconds(self) -> float:
        """CPU time of the process, its living children and those it has waited for (Linux)."""
        ticks = _ticks(self.pid, 4) + sum(_ticks(child, 2) for child in self._children())
        return ticks / os.sysconf("SC_CLK_TCK")

    def _children(self) -> list[int]:
        listing = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(word) for word in listing.read_text().split()] if listing.exists() else []


def _ticks(pid: int, fields: int) -> int:
    """utime, stime, cutime, cstime of /proc/PID/stat, as many as asked for; 0 when the process has ended."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(map(int, status.rpartition(")")[2].split()[11 : 11 + fields]))


def _kill_quietly(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _exists(pid: int) -> bool:
    """Whether a process is there and not merely a zombie that init has yet to collect."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
