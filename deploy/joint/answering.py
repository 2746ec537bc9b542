"""A city's answer to an objection: an event of its own register, into its outbox."""

from deploy.joint.proposals import checked
from deploy.wiring import Wiring
from producers import outbox
from schemas.city import City
from schemas.codec import shanghai_time
from schemas.events import OBJECTION_ANSWERED, ObjectionAnswered
from schemas.tables.transactions import transaction


def answer_objection(wiring: Wiring, city: City, objection: str, product_key: str, text: str) -> int:
    """Put the answer into the city's outbox; its relay sends it. Returns the row's id. Raises `UsageError`."""
    data = checked(lambda: ObjectionAnswered(objection=objection, product_key=product_key, text=text))
    now = shanghai_time(wiring.clock.now())
    with transaction(wiring.source_engine(city.source)) as connection:
        return outbox.append(connection, OBJECTION_ANSWERED, f"objection/{objection}", data.model_dump(mode="json"), now)
