"""Processes that run until they are told to stop: they listen, work, stop cleanly, and leave the source to the next."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from schemas.codec import shanghai_day
from tests.support.cli import Cli, ended
from tests.support.ports import free_port
from tests.support.private_keys import found_in
from tests.support.web import PATIENCE_SECONDS, get, until

CATALOGUE = str(Path(__file__).parents[1] / "samples" / "changsha" / "catalogue.xlsx")


@contextmanager
def _running(process: "subprocess.Popen[str]") -> Iterator["subprocess.Popen[str]"]:
    """The process; killed when the test leaves it running, its pipes closed."""
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def test_hub_and_relay_run_until_told_to_stop(cli: Cli) -> None:
    """An import made while both run is relayed, decided and seen in the metrics; SIGTERM ends both with exit 0.

    At the loudest level neither logs, serves or writes a private key.
    """
    cli("init")
    loud = {"CZT_LOG_LEVEL": "debug", "CZT_LOG_FORMAT": "json"}
    hub_address, relay_address = (f"127.0.0.1:{free_port()}" for _ in range(2))
    hub = cli.start("hub", "run", CZT_METRICS_PORT=hub_address.split(":")[1], **loud)
    relay = cli.start("city", "relay", "--city", "changsha", CZT_METRICS_PORT=relay_address.split(":")[1], **loud)
    with _running(hub), _running(relay):
        until(lambda: get(hub_address, "/readyz") == (200, "ok\n"))
        until(lambda: get(relay_address, "/readyz") == (200, "ok\n"))
        events = cli("city", "import", CATALOGUE, "--city", "changsha", "--json").json()["events"]
        stated = events + 1  # the relay states by itself what an import left
        verified = f'czt_verified_through{{source="/registers/changsha"}} {stated}.0'
        until(lambda: verified in get(hub_address, "/metrics")[1])
        published = f'czt_relay_published_total{{source="/registers/changsha"}} {stated}.0'
        until(lambda: published in get(relay_address, "/metrics")[1])
        assert get(hub_address, "/healthz")[0] == 200
        assert get(hub_address, "/elsewhere")[0] == 404
        served = [get(at, path)[1] for at in (hub_address, relay_address) for path in ("/metrics", "/readyz")]
        for process in (hub, relay):
            process.send_signal(signal.SIGTERM)
        left, relayed = ended(hub), ended(relay)
        assert (left.code, relayed.code) == (0, 0)
    shown = "\n".join([left.out, left.err, relayed.out, relayed.err, *served]).encode()
    files = {file.name: file.read_bytes() for file in cli.home.glob("*.*")}
    assert found_in(cli.home / "keys", {"logs and metrics": shown, **files}) == []
    lines = [json.loads(line) for line in left.err.splitlines()]
    assert {"event": "listening", "address": hub_address}.items() <= lines[0].items()
    assert any(line["event"] == "batch" and line["source"] == "/registers/changsha" for line in lines)
    # Leases were given back: the next hub need not wait for them.
    assert cli.ok("hub", "run", "--until-idle")["read"] == 0


def test_hub_waits_for_the_lease_of_a_killed_one(cli: Cli) -> None:
    """After kill -9 the next run waits until the lease has ended, and then decides what is left."""
    cli("init")
    with _running(cli.start("hub", "run", CZT_OWNER_LEASE_SECONDS="1")) as hub:
        until(lambda: cli.ok("hub", "status")["log"]["size"] == 4)
        hub.kill()
    cli.ok("joint", "day", "2021-07-22")
    assert cli.ok("hub", "run", "--until-idle")["read"] == 1


def test_second_hub_is_told_who_decides(cli: Cli) -> None:
    """While a hub runs, a second one that can't get a source says so and exits 3."""
    cli("init")
    with _running(cli.start("hub", "run", CZT_OWNER_LEASE_SECONDS="1")):
        until(lambda: cli.ok("hub", "status")["log"]["size"] == 4)
        second = ended(cli.start("hub", "run", "--until-idle", "--json", CZT_OWNER_LEASE_SECONDS="1"))
    assert (second.code, second.error()["reason"]) == (3, "fenced")


def test_joint_relay_begins_missed_days(cli: Cli) -> None:
    """The joint office's relay begins every day after the last one, up to today, one by one."""
    cli("init")
    today = shanghai_day(datetime.now(UTC))
    cli.ok("joint", "day", (today - timedelta(days=3)).isoformat())
    with _running(cli.start("joint", "relay")) as relay:
        until(lambda: cli.ok("hub", "run", "--until-idle")["log_size"] >= 8)
        relay.send_signal(signal.SIGINT)
        assert ended(relay).code == 0
    assert cli.ok("hub", "status")["day"] >= today.isoformat()


def test_port_that_is_taken(cli: Cli) -> None:
    """A port in use is a wrong setting, said in one line."""
    cli("init")
    address = f"127.0.0.1:{free_port()}"
    port = address.split(":")[1]
    with _running(cli.start("hub", "run", CZT_METRICS_PORT=port)):
        until(lambda: get(address, "/healthz")[0] == 200)
        second = ended(cli.start("city", "relay", "--city", "changsha", CZT_METRICS_PORT=port))
    assert second.code == 2
    assert "CZT_METRICS_PORT" in second.err
    assert "Traceback" not in second.err


def test_pipe_that_closes_early(cli: Cli) -> None:
    """`czt … | head` ends without a complaint."""
    cli("init")
    cli("hub", "run", "--until-idle")
    with _running(cli.start("audit", "log", "--json")) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.wait(PATIENCE_SECONDS)
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_files_get_utf8_whatever_the_locale(cli: Cli) -> None:
    """In a pipe Chinese stays Chinese, also under a locale that has none."""
    ran = ended(cli.start("hub", "status", "--lang", "zh", LC_ALL="POSIX", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0"))
    assert ran.code == 2
    assert "czt init" in ran.err
    assert "数据库" in ran.err
