"""The topics: name, partitions, how long kept, and which source owns which."""

from dataclasses import dataclass

from schemas.city import JOINT_OFFICE, SOURCES, City, source_name

JOINT = "czt.joint"
RECOGNIZED_PRODUCTS = "czt.recognized-products"
DEAD_LETTERS = "czt.dead-letters"
CHECKPOINTS = "czt.checkpoints"


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as `czt init` creates it. Not compacted means: kept for ever."""

    name: str
    partitions: int = 1
    compacted: bool = False


def register_topic(city: City) -> str:
    """The topic on which a city publishes its register."""
    return f"czt.register.{city.value}"


def receipts_topic(source: str) -> str:
    """The topic on which a source reads what became of its events."""
    return f"czt.receipts.{source_name(source)}"


TOPIC_OF_SOURCE: dict[str, str] = {**{city.source: register_topic(city) for city in City}, JOINT_OFFICE: JOINT}
SOURCE_OF_TOPIC: dict[str, str] = {topic: source for source, topic in TOPIC_OF_SOURCE.items()}

ALL_TOPICS: tuple[TopicSpec, ...] = (
    *(TopicSpec(TOPIC_OF_SOURCE[source]) for source in SOURCES),
    *(TopicSpec(receipts_topic(source)) for source in SOURCES),
    TopicSpec(RECOGNIZED_PRODUCTS, partitions=3, compacted=True),
    TopicSpec(DEAD_LETTERS),
    TopicSpec(CHECKPOINTS),
)
