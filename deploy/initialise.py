"""`czt init`: tables, topics, keys, and embedded also the joint office's first decisions. Safe to run again at any point."""

from dataclasses import dataclass, field

from deploy.joint.office import Answer, JointOffice
from deploy.joint.proposals import first_rules, key_trusted
from deploy.keys import LOG_KEY, ensure_key, ensure_trust, load_public, public_file
from deploy.wiring import Wiring
from schemas.city import JOINT_OFFICE, source_name
from schemas.topics import all_topics


@dataclass
class Initialised:
    """What was made; empty lists when everything was there. `decisions` are the joint office's first ones, embedded only."""

    databases: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    decisions: list[Answer] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """The answer of `czt init --json`."""
        decisions = [answer.as_json() for answer in self.decisions]
        return {"databases": self.databases, "topics": self.topics, "keys": self.keys, "decisions": decisions}


def initialise(wiring: Wiring) -> Initialised:
    """Make what is missing.

    Raises `StoreUnavailable`, `BrokerUnavailable`, `UnsafeDatabase`, `TopicMismatch`, `KeyUnusable`; what was made before
    stays, and the next run goes on from there.
    """
    done = Initialised()
    for name in (*(city.word for city in wiring.settings.cities), LOG_KEY):
        if ensure_key(wiring.settings.key_dir, name):
            done.keys.append(name)
    _tables(wiring, done)
    done.topics = wiring.topics.ensure_topics(all_topics(wiring.sources))
    if wiring.settings.broker_file is not None:
        _joint_office(wiring, done)
    return done


def _tables(wiring: Wiring, done: Initialised) -> None:
    """The store's tables and those of each source."""
    from deploy.databases import check_durable, shown
    from deploy.migrate import upgrade
    from deploy.revision import is_current

    engine = wiring.engine(wiring.settings.store_url)
    check_durable(engine)
    if not is_current(engine, "store"):
        upgrade(engine, "store")
        done.databases.append(shown(wiring.settings.store_url))
    wiring.store_on(engine).prepare(wiring.sources)
    for source in wiring.sources:
        engine = wiring.engine(wiring.source_url(source))
        check_durable(engine)
        if not is_current(engine, "source"):
            upgrade(engine, "source")
            done.databases.append(shown(wiring.source_url(source)))


def make_joint_key(wiring: Wiring) -> bool:
    """The joint office's key, and the hub's trust in it; whether the key was made."""
    made = ensure_key(wiring.settings.key_dir, source_name(JOINT_OFFICE))
    ensure_trust(wiring.settings.trust_file, wiring.signer(JOINT_OFFICE).public_key)
    return made


def _joint_office(wiring: Wiring, done: Initialised) -> None:
    """On one machine the three steps before the first day are nobody else's: key, trust in the cities' keys, rule set 1.

    A joint office that has decided anything is left alone: what it trusts is its own affair.
    """
    if make_joint_key(wiring):
        done.keys.append(source_name(JOINT_OFFICE))
    office = JointOffice(wiring.source_engine(JOINT_OFFICE), wiring.relay(JOINT_OFFICE), wiring.clock)
    if not office.is_silent():
        return
    directory = wiring.settings.key_dir
    keys = [
        key_trusted(city.source, city, load_public(public_file(directory, city.word)), "czt init", 0)
        for city in wiring.settings.cities
    ]
    done.decisions = office.decide([*keys, first_rules("czt init", 0)])
