"""What people and programs ask of the store: each answer in the shape of the contract, from one snapshot."""

from consumers.store.queries.batches import batch
from consumers.store.queries.changes import changes
from consumers.store.queries.conflicts import conflicts, count_conflicts
from consumers.store.queries.drift import drift, last_finding
from consumers.store.queries.golden import golden
from consumers.store.queries.history import entry
from consumers.store.queries.identity import identity_questions
from consumers.store.queries.logged import audit_log, dead_letter, dead_letters, events
from consumers.store.queries.lookup import lookup
from consumers.store.queries.objections import objection_steps, objections
from consumers.store.queries.parked import parked, parked_event, would_become
from consumers.store.queries.products import PREFERENCE, current_product, product, product_json, products
from consumers.store.queries.status import root, status

__all__ = [
    "PREFERENCE",
    "audit_log",
    "batch",
    "changes",
    "conflicts",
    "count_conflicts",
    "current_product",
    "dead_letter",
    "dead_letters",
    "drift",
    "entry",
    "events",
    "golden",
    "identity_questions",
    "last_finding",
    "lookup",
    "objection_steps",
    "objections",
    "parked",
    "parked_event",
    "product",
    "product_json",
    "products",
    "root",
    "status",
    "would_become",
]
