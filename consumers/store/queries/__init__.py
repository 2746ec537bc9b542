"""What people and programs ask of the store: each answer in the shape of the contract, from one snapshot."""

from consumers.store.queries.history import entry
from consumers.store.queries.logged import audit_log, dead_letters, events
from consumers.store.queries.products import product_json, products
from consumers.store.queries.status import status

__all__ = ["audit_log", "dead_letters", "entry", "events", "product_json", "products", "status"]
