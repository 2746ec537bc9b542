"""The published schemas: generated from the code, valid, and of one mind with the reader of records."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

import schemas
from schemas import events
from schemas.codec import canonical
from schemas.compatibility import transitive_differences
from schemas.envelope import read_envelope
from schemas.events import ALL_TYPES, EventType
from schemas.outgoing import OUTGOING_TYPES
from schemas.publishing import DIALECT, documents, event_schemas
from tests.support.sealed_events import sealed_event, sealed_value

FOLDER = Path(schemas.__file__).parent / "published"
DOCUMENTS = {f"{name}.json": schema for name, schema in event_schemas().items()}

Event = dict[str, Any]


def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(DOCUMENTS[f"{kind}.json"], format_checker=FormatChecker())


def test_published_files_are_the_generated_ones() -> None:
    """What the folder holds is what the code says; after a change `make schemas` writes it anew."""
    assert {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()} == documents()


def test_every_type_has_its_schema() -> None:
    """Each type of a source, the receipt and the product have one schema each, and nothing else has."""
    assert set(DOCUMENTS) == {f"{name}.json" for name in (*ALL_TYPES, *OUTGOING_TYPES)}


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_document_is_a_schema(name: str) -> None:
    """It fits the meta-schema of 2020-12 and is named after its type."""
    Draft202012Validator.check_schema(DOCUMENTS[name])
    assert DOCUMENTS[name]["$schema"] == DIALECT
    assert DOCUMENTS[name]["$id"] == f"urn:czt:event:{name.removesuffix('.json')}"


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_versions_inside_a_major_version_are_compatible(name: str) -> None:
    """Every two published versions of one major version can stand for each other; so far each has one."""
    published = [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob(f"**/{name}"))]
    assert transitive_differences([*published, DOCUMENTS[name]]) == []


@pytest.mark.parametrize("kind", ALL_TYPES.values(), ids=lambda kind: kind.name)
def test_sealed_event_validates(kind: EventType) -> None:
    """What a relay seals and the hub reads is what the schema says."""
    _validator(kind.name).validate(sealed_event(kind))
    assert read_envelope(sealed_value(kind)).problem is None


def _set(*path: str, to: Any) -> Callable[[Event], None]:
    def change(event: Event) -> None:
        for name in path[:-1]:
            event = event[name]
        event[path[-1]] = to

    return change


def _drop(*path: str) -> Callable[[Event], None]:
    def change(event: Event) -> None:
        for name in path[:-1]:
            event = event[name]
        del event[path[-1]]

    return change


BAD: list[tuple[EventType, Callable[[Event], None]]] = [
    (events.LISTED, _set("specversion", to="0.3")),
    (events.LISTED, _set("id", to="01")),
    (events.LISTED, _drop("source")),
    (events.LISTED, _drop("subject")),
    (events.LISTED, _set("time", to="2021-07-22T09:00:00")),
    (events.LISTED, _set("sequence", to="1")),
    (events.LISTED, _set("previoushash", to="A" * 64)),
    (events.LISTED, _set("dataschema", to="urn:czt:other:1")),
    (events.LISTED, _drop("entryversion")),
    (events.LISTED, _set("entryversion", to=0)),
    (events.LISTED, _drop("data")),
    (events.LISTED, _drop("data", "entry", "uscc")),
    (events.LISTED, _set("data", "entry", "product_name", to="")),
    (events.LISTED, _set("data", "entry", "valid_from", to="20210101")),
    (events.LISTED, _set("data", "entry", "valid_from", to="2021-02-30")),
    (events.LISTED, _set("data", "entry", "models", to="DM-100")),
    (events.LISTED, _set("data", "entry", "source_status", to="gone")),
    (events.WITHDRAWN, _drop("data", "entry", "status_reason")),
    (events.WITHDRAWN, _set("data", "entry", "status_reason", to=None)),
    (events.STATEMENT, _set("data", "entries", to=-1)),
    (events.STATEMENT, _set("data", "entries", to="3")),
    (events.KEY_TRUSTED, _set("data", "key", to="short")),
    (events.DAY_BEGAN, _set("data", "by", to="")),
    (events.DAY_BEGAN, _set("data", "day", to=0)),
    (events.BATCH_PUBLISHED, _set("data", "products", to=[])),
    (events.OBJECTION_SETTLED, _set("data", "effect", to="forget")),
    (events.SOURCE_CONTINUED, _set("data", "lost", to=[[1]])),
]


@pytest.mark.parametrize(("kind", "spoil"), BAD, ids=range(len(BAD)))
def test_bad_event_fails(kind: EventType, spoil: Callable[[Event], None]) -> None:
    """What breaks the schema is no event for the hub either."""
    event = sealed_event(kind)
    spoil(event)
    assert not _validator(kind.name).is_valid(event)
    assert read_envelope(canonical(event)).problem is not None


@pytest.mark.parametrize("kind", ALL_TYPES.values(), ids=lambda kind: kind.name)
def test_unknown_fields_are_ignored(kind: EventType) -> None:
    """An optional field that a newer program writes does not make its events unreadable."""
    event = sealed_event(kind)
    event["newattribute"] = "x"
    event["data"]["new_field"] = 1
    _validator(kind.name).validate(event)
    assert read_envelope(canonical(event)).problem is None


def test_one_source_kind_does_not_speak_for_another() -> None:
    """A city's type from the joint office, and the other way round, do not fit their schemas."""
    from_office = sealed_event(events.LISTED) | {"source": "/joint-office"}
    from_city = sealed_event(events.DAY_BEGAN) | {"source": "/registers/changsha"}
    assert not _validator(events.LISTED.name).is_valid(from_office)
    assert not _validator(events.DAY_BEGAN.name).is_valid(from_city)
