"""Applicants that are barred: fraud at one city's register shows at every product of the firm, and at no city's data."""

from dataclasses import replace
from datetime import date, datetime

from consumers.core.model import Listing
from consumers.core.world import World
from schemas.codec import shanghai_day
from schemas.entry import RegisterEntry, SourceStatus


def is_fraud(entry: RegisterEntry) -> bool:
    """Whether its city withdrew the entry because the applicant deceived it."""
    reason = entry.status_reason
    return entry.source_status is SourceStatus.WITHDRAWN and reason is not None and reason.code == "fraud"


def bar_for_fraud(world: World, before: Listing | None, entry: RegisterEntry, event_time: str) -> tuple[str, ...]:
    """Bar the applicant when its city now withdraws an entry for fraud, from the day the city names; the products changed."""
    if not is_fraud(entry) or (before is not None and is_fraud(RegisterEntry.model_validate(before.entry))):
        return ()
    return bar(world, entry.uscc, shanghai_day(datetime.fromisoformat(event_time)))


def bar(world: World, uscc: str, first_day: date) -> tuple[str, ...]:
    """Bar an applicant for the rule set's years, never shortening a bar; the products that changed. No rules: no bar."""
    rules, known = world.context.rules, world.context.bars.get(uscc, "")
    if rules is None:
        return ()
    until = max(known, _years_later(first_day, rules.bar_years).isoformat())
    return _with_bars(world, uscc, {**world.context.bars, uscc: until})


def lift(world: World, uscc: str) -> tuple[str, ...]:
    """Take an applicant's bar back; the products that changed."""
    return _with_bars(world, uscc, {other: until for other, until in world.context.bars.items() if other != uscc})


def _with_bars(world: World, uscc: str, bars: dict[str, str]) -> tuple[str, ...]:
    world.context = replace(world.context, bars=bars)
    return world.refresh(key for key, product in list(world.products.items()) if product.uscc == uscc)


def _years_later(day: date, years: int) -> date:
    """The same day of a later year; 28 February where there is no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
