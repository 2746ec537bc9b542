"""The things the shared side decides about, as frozen values: listings, products, keys, the context."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from consumers.core.standing import open_here
from schemas.codec import hash_of
from schemas.rules import RuleSet
from schemas.values import once, value

EntryKey = tuple[str, str]
"""(city word, certificate number)."""


def entry_key_text(key: EntryKey) -> str:
    """`changsha/CSLX-00112`: how leaves and pointers write an entry key."""
    return f"{key[0]}/{key[1]}"


def entry_key_of(text: str) -> EntryKey:
    """The entry key that `entry_key_text` wrote. Certificate numbers may hold slashes, cities don't."""
    city, _, certificate_no = text.partition("/")
    return city, certificate_no


@value
class Listing:
    """The shared side's picture of one register entry.

    `entry` is the entry's JSON (`RegisterEntry.as_json`), `entry_hash` the hash of what was received, `own_key` the product
    key of its own identity, `product_key` the product it belongs to; `assessment` is the data of the decision that holds;
    `carried` the publication {batch, recognized_on} that corrections of its identity took along; `earlier` the validities (first
    and last day, ISO) that began before the one the entry has now, as they were said, oldest first; `under` the decisions on its
    identity that hold again when the latest is undone, oldest first: the listing it followed, or nothing where it stood alone.
    """

    city: str
    certificate_no: str
    entry_version: int
    sequence: int
    event_time: str
    entry: dict[str, Any]
    entry_hash: str
    own_key: str
    product_key: str
    earlier: tuple[tuple[str, str], ...] = ()
    follows: str | None = None
    separate: bool = False
    assessment: dict[str, Any] | None = None
    carried: dict[str, Any] | None = None
    under: tuple[str, ...] = ()

    @property
    def key(self) -> EntryKey:
        """(city, certificate_no)."""
        return self.city, self.certificate_no

    @once
    def hash(self) -> str:
        """Canonical hash of the row but for `product_key`.

        That follows from other rows where the listing follows another by decision: no event of a city changes the hash of
        another's listing. Products name their listings, so nothing goes unproved.
        """
        return hash_of(
            {
                "assessment": self.assessment,
                "carried": self.carried,
                "certificate_no": self.certificate_no,
                "city": self.city,
                "earlier": [list(validity) for validity in self.earlier],
                "entry": self.entry,
                "entry_hash": self.entry_hash,
                "entry_version": self.entry_version,
                "event_time": self.event_time,
                "follows": self.follows,
                "own_key": self.own_key,
                "separate": int(self.separate),
                "sequence": self.sequence,
                "under": list(self.under),
            }
        )


@value
class Product:
    """A product of the shared store.

    `listings`: [{city, certificate_no, status, valid_from, valid_to}] by city code and number. `fields`: name → {from, lost}.
    `standing`: what decisions hang on it: `objections` [{id, deadline, answered, via}], `suspended_by` {objection: via}; `via`
    are the listings that brought it from a key they were corrected away from, none when it was decided under this key; `brought`
    is the same, of listings that belong to it by decision, from their own identity.
    `publication`: {batch, recognized_on} of the batch that named this very key; `batch` and `recognized_on` are what it shows,
    which corrected listings may have brought along. `former`: `city/number` → what a listing said that had this identity and
    left it: {entry, event_time, moved_to, carried}, `moved_to` when it was corrected away.
    """

    product_key: str
    status: str = "inactive"
    uscc: str = ""
    enterprise_name: str = ""
    product_name: str = ""
    models: tuple[str, ...] = ()
    category: str | None = None
    listings: tuple[dict[str, Any], ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)
    batch: int | None = None
    recognized_on: str | None = None
    standing: dict[str, Any] = field(default_factory=dict)
    moved_to: str | None = None
    publication: dict[str, Any] | None = None
    former: dict[str, Any] = field(default_factory=dict)

    @property
    def disputed(self) -> bool:
        """Whether an objection is open; one to a product that went on under another key is open there."""
        return bool(self.standing) and self.moved_to is None and bool(self.open_objections)

    @property
    def open_objections(self) -> list[dict[str, Any]]:
        """Those that are open here, whichever listing brought them."""
        names = {entry_key_text((one["city"], one["certificate_no"])) for one in self.listings}
        return open_here(self.standing, names, self.former)

    @property
    def published(self) -> bool:
        """Whether a batch holds it."""
        return self.batch is not None

    @once
    def hash(self) -> str:
        """Canonical hash of the whole row."""
        return hash_of(
            {
                "batch": self.batch,
                "category": self.category,
                "disputed": int(self.disputed),
                "enterprise_name": self.enterprise_name,
                "fields": self.fields,
                "former": self.former,
                "listings": self.listings,
                "models": self.models,
                "moved_to": self.moved_to,
                "product_key": self.product_key,
                "product_name": self.product_name,
                "publication": self.publication,
                "recognized_on": self.recognized_on,
                "standing": self.standing,
                "status": self.status,
                "uscc": self.uscc,
            }
        )


@value
class Context:
    """What every decision depends on: the day (ISO text, None before the first), the rules, the last batch.

    `bars`: applicants (USCC) that are or were barred, each with the last day of it.
    """

    day: str | None = None
    rules: RuleSet | None = None
    last_batch: int = 0
    bars: Mapping[str, str] = field(default_factory=dict)

    @property
    def rule_set(self) -> int:
        """Version of the rules in force; 0 before the first."""
        return self.rules.version if self.rules else 0

    def is_barred(self, uscc: str) -> bool:
        """Whether this applicant is barred today."""
        until = self.bars.get(uscc)
        return until is not None and self.day is not None and self.day <= until


@value
class TrustedKey:
    """A public key (base64) that vouches for `source` from `from_sequence` on, and until `revoked_after` when that is set.

    `register_city`: the six-digit code of the city whose entries the source keeps, where the decision says so.
    """

    source: str
    keyid: str
    role: str
    key: str
    from_sequence: int
    revoked_after: int | None = None
    register_city: str | None = None

    @property
    def hash(self) -> str:
        """Canonical hash of the row."""
        return hash_of(
            {
                "from_sequence": self.from_sequence,
                "key": self.key,
                "keyid": self.keyid,
                "register_city": self.register_city,
                "revoked_after": self.revoked_after,
                "role": self.role,
                "source": self.source,
            }
        )


@value
class Batch:
    """A numbered publication as it was decided; `products` are its items."""

    number: int
    host: str
    day: str
    document: str
    by: str
    agreed_by: str
    log_size: int
    products: tuple[dict[str, str], ...]

    @property
    def hash(self) -> str:
        """Canonical hash of the row."""
        return hash_of(
            {
                "agreed_by": self.agreed_by,
                "by": self.by,
                "day": self.day,
                "document": self.document,
                "host": self.host,
                "log_size": self.log_size,
                "number": self.number,
                "products": list(self.products),
            }
        )


@value
class Head:
    """Per subject of a source: highest version sent and its entry hash, last decided sequence, open rejection."""

    last_sequence: int
    sent_version: int | None = None
    sent_hash: str | None = None
    rejected_sequence: int | None = None
