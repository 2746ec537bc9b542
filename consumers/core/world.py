"""The working set of one batch: what was loaded and what the fold changed. It reads and writes nothing itself."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from consumers.core.chain import Chain
from consumers.core.merge import merged
from consumers.core.model import Batch, Context, EntryKey, Head, Listing, Product, TrustedKey, entry_key_of, entry_key_text
from consumers.core.standing import Standing, brought_along, together
from schemas.identity import separate_key
from schemas.values import once


@dataclass
class World:
    """Everything the events of one batch of `source` may touch, current as the fold goes on. `stored_*`: what was there before."""

    source: str
    context: Context
    chain: Chain
    listings: dict[EntryKey, Listing] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    heads: dict[str, Head] = field(default_factory=dict)
    parked: dict[str, list[int]] = field(default_factory=dict)
    keys: dict[tuple[str, str], TrustedKey] = field(default_factory=dict)
    other_chains: dict[str, Chain] = field(default_factory=dict)
    beside: dict[str, Standing] = field(default_factory=dict)
    """What hangs on identities whose products were not loaded, while listings that have them belong to products that were."""
    members: dict[str, set[EntryKey]] = field(init=False)
    followers: dict[EntryKey, set[EntryKey]] = field(init=False)
    stored_listings: frozenset[EntryKey] = field(init=False)
    stored_products: frozenset[str] = field(init=False)
    stored_heads: frozenset[str] = field(init=False)
    changed_listings: set[EntryKey] = field(default_factory=set)
    changed_products: set[str] = field(default_factory=set)
    changed_heads: set[str] = field(default_factory=set)
    changed_keys: set[tuple[str, str]] = field(default_factory=set)
    new_batches: list[Batch] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stored_listings, self.stored_products = frozenset(self.listings), frozenset(self.products)
        self.stored_heads = frozenset(self.heads)
        self.members, self.followers = {}, {}
        for listing in self.listings.values():
            self._index(listing)

    @once
    def register_city(self) -> str | None:
        """The code of the city whose entries the source keeps, where a key decision says so. Only decisions change keys."""
        return next((key.register_city for key in self.keys.values() if key.source == self.source and key.register_city), None)

    def _index(self, listing: Listing) -> None:
        self.members.setdefault(listing.product_key, set()).add(listing.key)
        if listing.follows is not None:
            self.followers.setdefault(entry_key_of(listing.follows), set()).add(listing.key)

    def effective_key(self, listing: Listing) -> str:
        """The product a listing belongs to: its own identity, unless a decision sets it apart or makes it follow another."""
        if listing.separate:
            return separate_key(*listing.key)
        if listing.follows is not None:
            return self.effective_key(self.listings[entry_key_of(listing.follows)])
        return listing.own_key

    def put_listing(self, listing: Listing) -> set[str]:
        """Store `listing` under its effective key, and move what follows it. Returns the product keys concerned, old and new."""
        before = self.listings.get(listing.key)
        touched: set[str] = set()
        if before is not None:
            touched.add(before.product_key)
            self.members[before.product_key].discard(before.key)
            if before.follows is not None:
                self.followers[entry_key_of(before.follows)].discard(before.key)
        effective = self.effective_key(listing)
        after = listing if listing.product_key == effective else replace(listing, product_key=effective)
        self.listings[after.key] = after
        self._index(after)
        self.changed_listings.add(after.key)
        touched.add(after.product_key)
        for key in sorted(self.followers.get(after.key, ())):
            if self.effective_key(self.listings[key]) != self.listings[key].product_key:
                touched |= self.put_listing(self.listings[key])
        return touched

    def product(self, key: str) -> Product:
        """The product as it stands, or an empty one."""
        return self.products.get(key) or Product(key)

    def note_product(self, product: Product) -> None:
        """Store a product as it is given; `refresh` makes it what its listings say."""
        self.products[product.product_key] = product
        self.changed_products.add(product.product_key)

    def put_product(self, product: Product) -> bool:
        """Store a product as its listings make it; whether anything changed."""
        keys = self.members.get(product.product_key, ())
        members = [self.listings[key] for key in (sorted(keys) if len(keys) > 1 else keys)]
        after = merged(product, members, self.context, self._brought(product.product_key, members))
        if after == self.products.get(product.product_key):
            return False
        self.products[product.product_key] = after
        self.changed_products.add(product.product_key)
        return True

    def standing_of(self, key: str) -> Standing:
        """What hangs on an identity."""
        return self.products[key].standing if key in self.products else self.beside.get(key, {})

    def _brought(self, key: str, members: Iterable[Listing]) -> Standing:
        """What hangs on the identities of the listings that belong to this product by decision. Nearly always nothing."""
        found: Standing = {}
        for listing in members:
            if listing.own_key != key and (standing := self.standing_of(listing.own_key)):
                along = brought_along(standing, entry_key_text(listing.key), separate=listing.separate)
                found = together(found, along) if found else along
        return found

    def shown_at(self, keys: Collection[str]) -> set[str]:
        """The products of listings that belong there by decision, and have one of these identities."""
        pointed = (listing for listing in self.listings.values() if listing.own_key != listing.product_key)
        return {listing.product_key for listing in pointed if listing.own_key in keys}

    def refresh(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Recompute these products; returns those that changed, sorted."""
        return tuple(key for key in sorted(keys) if self.put_product(self.product(key)))

    def put_head(self, subject: str, head: Head) -> None:
        """Store what is known of a subject."""
        self.heads[subject] = head
        self.changed_heads.add(subject)

    def put_key(self, key: TrustedKey) -> None:
        """Store a trusted key."""
        self.keys[(key.source, key.keyid)] = key
        self.changed_keys.add((key.source, key.keyid))

    def pointer_chain(self, key: EntryKey) -> list[str]:
        """The listings that `key` follows, one after the other, starting with itself."""
        found = [entry_key_text(key)]
        listing = self.listings.get(key)
        while listing is not None and listing.follows is not None:
            found.append(listing.follows)
            listing = self.listings.get(entry_key_of(listing.follows))
        return found
