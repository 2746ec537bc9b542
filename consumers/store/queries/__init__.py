"""What people and programs ask of the store: each answer in the shape of the contract, from one snapshot."""

from consumers.store.queries.batches import batch, batches
from consumers.store.queries.changes import changes
from consumers.store.queries.conflicts import conflicts, count_conflicts
from consumers.store.queries.drift import drift, last_finding
from consumers.store.queries.golden import golden
from consumers.store.queries.history import entry
from consumers.store.queries.identity import identity_questions
from consumers.store.queries.logged import audit_log, dead_letter, dead_letters, events
from consumers.store.queries.moments import entry_at
from consumers.store.queries.objections import objection_steps, objections
from consumers.store.queries.parked import parked, parked_event, would_become
from consumers.store.queries.product_history import product_history
from consumers.store.queries.products import current_product, product, product_json, products
from consumers.store.queries.recognition import recognition
from consumers.store.queries.stated import PREFERENCE, stated
from consumers.store.queries.status import root, status

__all__ = [
    "PREFERENCE",
    "audit_log",
    "batch",
    "batches",
    "changes",
    "conflicts",
    "count_conflicts",
    "current_product",
    "dead_letter",
    "dead_letters",
    "drift",
    "entry",
    "entry_at",
    "events",
    "golden",
    "identity_questions",
    "last_finding",
    "objection_steps",
    "objections",
    "parked",
    "parked_event",
    "product",
    "product_history",
    "product_json",
    "products",
    "recognition",
    "root",
    "stated",
    "status",
    "would_become",
]
