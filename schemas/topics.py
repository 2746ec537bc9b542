"""The topics: name, partitions, how long kept, and which source owns which."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.city import JOINT_OFFICE, source_name

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


PRODUCTS = TopicSpec(RECOGNIZED_PRODUCTS, partitions=3, compacted=True)


def topic_of(source: str) -> str:
    """The topic that a source owns: on which a city publishes its register, or the joint office its decisions."""
    return JOINT if source == JOINT_OFFICE else f"czt.register.{source_name(source)}"


def receipts_topic(source: str) -> str:
    """The topic on which a source reads what became of its events."""
    return f"czt.receipts.{source_name(source)}"


def all_topics(sources: Iterable[str]) -> tuple[TopicSpec, ...]:
    """Every topic of an installation with these sources."""
    named = tuple(sources)
    return (
        *(TopicSpec(topic_of(source)) for source in named),
        *(TopicSpec(receipts_topic(source)) for source in named),
        PRODUCTS,
        TopicSpec(DEAD_LETTERS),
        TopicSpec(CHECKPOINTS),
    )
