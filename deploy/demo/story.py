"""The story, chapter by chapter: the small samples with all their dirt, or catalogues of the real size."""

from deploy.demo.audit_acts import Told, check_and_tamper
from deploy.demo.catalogue_acts import import_catalogues, later_edition, prepare, reconcile
from deploy.demo.full_acts import first_batch_of_real_size, full_catalogues, second_batch_of_real_size
from deploy.demo.office_acts import expiry, first_batch, identity, objection
from deploy.demo.teller import Teller

STORY = (prepare, import_catalogues, reconcile, later_edition, first_batch, objection, expiry, identity)
FULL = (prepare, full_catalogues, first_batch_of_real_size, second_batch_of_real_size)


def tell(teller: Teller, *, full: bool) -> Told:
    """The whole story, and how it ended; `full`: with catalogues of the real size."""
    for chapter in FULL if full else STORY:
        chapter(teller)
    return check_and_tamper(teller)
