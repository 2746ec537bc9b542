"""A broker that was built anew, and what a person and the relay do then."""

from pathlib import Path

import pytest

from consumers.store import position
from deploy.databases import writer_engine
from schemas.errors import AnswerIsNo
from tests.support.brokers import EmbeddedBroker
from tests.support.chain_lines import opened_line
from tests.support.line import SOURCE, TOPIC


def test_a_rebuilt_broker_is_read_again_from_its_start(tmp_path: Path) -> None:
    """The hub stands still and says so; a person rewinds it; the relay sends everything again; all of it is known already."""
    engine = writer_engine(f"sqlite:///{tmp_path / 'register.db'}")
    file = tmp_path / "broker.db"
    for line in opened_line(EmbeddedBroker(file), engine, f"sqlite:///{tmp_path / 'store.db'}"):
        line.send(1, 2)
        line.send(3)
        line.hub()
        _rebuild(file)
        line.view.rebuilt()
        assert line.hub() == {}
        assert line.status()["rewound"] is True
        with line.store.transaction() as connection:
            assert position.rewind(connection, SOURCE, 0) == 3
        assert line.relay().published == 3
        assert line.hub() == {"duplicate": 3}
        assert line.status()["rewound"] is False
        with line.store.transaction() as connection, pytest.raises(AnswerIsNo, match="nothing was lost"):
            position.rewind(connection, SOURCE, 3)
        line.send(4)
        assert line.hub() == {"applied": 1}
        line.check_whole()
    engine.dispose()


def test_a_rebuilt_broker_that_grew_before_anybody_looked(tmp_path: Path) -> None:
    """The relay sent everything again before the hub came back: it reads on where it was, and asks for what it does not find."""
    engine = writer_engine(f"sqlite:///{tmp_path / 'register.db'}")
    file = tmp_path / "broker.db"
    for line in opened_line(EmbeddedBroker(file), engine, f"sqlite:///{tmp_path / 'store.db'}"):
        line.send(1, 2, 3)
        line.view.deliver(line.view.shown[:2])  # what came twice then does not come twice again
        line.hub()
        _rebuild(file)
        line.view.rebuilt()
        line.restart_relay()
        line.send(4, 5, 6, 7)
        line.hub()
        assert line.status()["gaps"] == [[4, 5]]
        line.check_whole()
    engine.dispose()


def _rebuild(file: Path) -> None:
    """A city's topic is empty again."""
    broker = EmbeddedBroker(file)
    broker.execute("DELETE FROM record WHERE topic = ?", (TOPIC,))
