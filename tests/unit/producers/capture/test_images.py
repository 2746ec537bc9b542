"""Row images become waves: what one transaction made of a row is one step, every row's steps stay in order."""

import random
from dataclasses import replace

from producers.capture.images import Image, Wave, waves

AT = "2021-07-22T01:00:00.000Z"


def _image(number: int, before: str | None, after: str | None, transaction: str | None = "t1") -> Image:
    return Image(number, AT, before, after, f"{{{number}}}", transaction)


def _steps(found: list[Wave]) -> list[dict[str, int | None]]:
    """Key → id of its image, None where the row is gone, of each wave."""
    return [{key: None if image is None else image.id for key, image in wave.rows.items()} for wave in found]


def test_one_transaction_is_one_step() -> None:
    """Of what a transaction did to a row, only what it left counts: nobody ever saw the rest."""
    images = [_image(1, None, "a"), _image(2, "a", "a"), _image(3, None, "b"), _image(4, "b", None)]
    assert _steps(waves(images)) == [{"a": 2, "b": None}]


def test_two_transactions_are_two_steps() -> None:
    """A row that two transactions wrote makes two steps, whatever other rows did in between."""
    images = [_image(1, "a", "a", "t1"), _image(2, "b", "b", "t2"), _image(3, "a", "a", "t3")]
    assert _steps(waves(images)) == [{"a": 1, "b": 2}, {"a": 3}]


def test_interleaved_transactions_keep_each_rows_order() -> None:
    """A transaction that began first and ended last follows the one whose row it waited for."""
    images = [_image(1, "a", "a", "late"), _image(2, "b", "b", "early"), _image(3, "c", "c", "early"), _image(4, "b", "b", "late")]
    assert _steps(waves(images)) == [{"b": 2, "c": 3}, {"a": 1, "b": 4}]


def test_deleted_and_written_again_later() -> None:
    """Where transactions are known, a row that was away in between was away."""
    images = [_image(1, "a", None, "t1"), _image(2, None, "a", "t2")]
    assert _steps(waves(images)) == [{"a": None}, {"a": 2}]


def test_replaced_where_transactions_are_not_known() -> None:
    """On SQLite a row that is deleted and comes back was replaced; two changes stay two."""
    images = [_image(1, "a", None, None), _image(2, None, "a", None), _image(3, "a", "a", None)]
    assert _steps(waves(images)) == [{"a": 2}, {"a": 3}]


def test_changed_key_is_a_row_that_went_and_one_that_came() -> None:
    """Under the old key nothing is left."""
    assert _steps(waves([_image(1, "a", "b"), _image(2, "b", "c")])) == [{"a": None, "b": None, "c": 2}]


def test_emptied_table() -> None:
    """What is written after the table was emptied, in the same transaction, is all that is left."""
    before, emptied, after = _image(1, None, "a", "t0"), _image(2, None, None, "t1"), _image(3, None, "b", "t1")
    first, second = waves([before, emptied, after])
    assert (first.emptied, second.emptied) == (False, True)
    assert _steps([first, second]) == [{"a": 1}, {"b": 3}]


def test_any_history_keeps_order_and_loses_nothing() -> None:
    """Whatever the transactions, each row's last image is in the last wave that holds the row, and its ids rise."""
    chance = random.Random(7)
    for _ in range(200):
        images = [_image(1, None, "a", "0")]
        for number in range(2, 30):
            # A row's lock is held to the end, so a transaction never follows one that began on the row after it.
            key = chance.choice("abcdef")
            transaction = f"{number}" if chance.random() < 0.7 else images[-1].transaction
            images.append(replace(_image(number, key, key), transaction=transaction))
        seen: dict[str, list[int]] = {}
        for wave in waves(images):
            for key, image in wave.rows.items():
                assert image is not None
                seen.setdefault(key, []).append(image.id)
        for key, ids in seen.items():
            assert ids == sorted(ids)
            assert ids[-1] == max(image.id for image in images if image.key_after == key)
