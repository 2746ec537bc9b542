"""The rules of the domain (design §6) a second time, naive and one event at a time: to hold the store against.

It shares no code with the hub. It is told which records are events of which source, in the log's order, and computes every
product anew after each. It knows what `tests.integration.test_any_history` can tell, and no more.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any

Json = dict[str, Any]
Name = tuple[str, str]
"""City and certificate number."""

CODES = {"changsha": "430100", "zhuzhou": "430200", "xiangtan": "430300"}
SHOWN = ("uscc", "enterprise_name", "product_name", "models", "category")
STATUS_SAID = {"suspended": "suspended", "reinstated": "active", "withdrawn": "withdrawn"}


def identity(entry: Json) -> str:
    """The product key of an entry, with the few spellings that stories use."""
    name = entry["product_name"].replace("(", "（").replace(")", "）")
    models = sorted({model.replace("－", "-") for model in entry["models"]})
    text = json.dumps([entry["uscc"], name, models], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _nobodys(entry: Json) -> Json:
    """What a product shows that no listing ever belonged to."""
    name, models = entry["product_name"].replace("(", "（").replace(")", "）"), {one.replace("－", "-") for one in entry["models"]}
    return {"uscc": entry["uscc"], "enterprise_name": "", "product_name": name, "models": sorted(models)}


def _alone(name: Name) -> str:
    text = json.dumps(["separate", *name], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:20]


class Reference:
    """Listings and products as a patient clerk would keep them."""

    def __init__(self) -> None:
        self.listings: dict[Name, Json] = {}
        self.products: dict[str, Json] = {}
        self.named: dict[str, tuple[int, str]] = {}
        self.left: dict[str, dict[Name, Json]] = {}
        self.notes: set[tuple[str, str, str, Name | None]] = set()
        """Product key, `objections` or `suspended_by`, the objection's number, and the listing that brought it there."""
        self.deadlines: dict[str, str] = {}
        self.answers: dict[str, set[str]] = {}
        self.bars: dict[str, str] = {}
        self.day: str | None = None
        self.rules: Json = {}
        self.batches = 0
        self.keys: set[str] = set()

    def hear(self, source: str, sequence: int, event: Json) -> str:
        """The outcome of one event: applied, superseded or rejected."""
        word = event["type"].removeprefix("cn.czt.").rpartition(".v")[0]
        if word.startswith("entry."):
            outcome = self._entry(source.rpartition("/")[2], sequence, word.removeprefix("entry."), event)
        elif word == "objection.answered":
            outcome = self._answered(source.rpartition("/")[2], event["data"])
        else:
            outcome = self._decision(word, sequence, event["data"])
        self._look_again()
        return outcome

    def _entry(self, city: str, sequence: int, word: str, event: Json) -> str:
        entry, version = event["data"]["entry"], event["entryversion"]
        if entry["register_city"] != CODES[city] or entry["valid_from"] > entry["valid_to"]:
            return "rejected"
        if entry["source_status"] != STATUS_SAID.get(word, entry["source_status"]):
            return "rejected"
        name = (city, entry["certificate_no"])
        old = self.listings.get(name)
        if old is not None and version <= old["version"]:
            return "superseded"
        new = {
            "version": version, "sequence": sequence, "time": event["time"], "entry": entry, "own": identity(entry),
            "pointers": [], "assessment": None, "carried": None, "terms": [_validity(entry)],
        }  # fmt: skip
        if old is not None:
            new["pointers"] = old["pointers"]
            corrected = word == "corrected" and version == old["version"] + 1
            same = all(old["entry"].get(field) == entry.get(field) for field in (*SHOWN[1:], "standards"))
            if corrected or (same and old["own"] == new["own"]):
                new["assessment"] = old["assessment"]
            new["carried"] = old["carried"]
            wrong = corrected and all(old["entry"].get(name) == entry.get(name) for name in ("uscc", "district_code"))
            terms = old["terms"][:-1] if wrong else old["terms"]
            new["terms"] = [term for term in terms if term[0] < entry["valid_from"]] + [_validity(entry)]
            if old["own"] != new["own"]:
                self._moves(name, old, new, corrected=corrected)
        self.listings[name] = new
        was = old is not None and self._is_fraud(old["entry"])
        if self._is_fraud(entry) and not was and self.rules:
            self._bar(entry["uscc"], datetime.fromisoformat(event["time"]).astimezone(timezone(timedelta(hours=8))).date())
        return "applied"

    def _moves(self, name: Name, old: Json, new: Json, *, corrected: bool) -> None:
        """Publication, objections and suspension go along with a correction, and stay behind a change."""
        at, to = old["own"], new["own"]
        new["carried"] = (old["carried"] or self.named.get(at)) if corrected else None
        self.left.setdefault(at, {})[name] = {**old, "to": to if corrected else None}
        self.left.get(to, {}).pop(name, None)
        self.products.setdefault(at, {})
        if corrected:
            self.products.setdefault(to, _nobodys(new["entry"]))
        if corrected:
            mine = [(kind, number) for key, kind, number, by in self.notes if key == at and by in (None, name)]
            self.notes |= {(to, kind, number, name) for kind, number in mine}

    def _is_fraud(self, entry: Json) -> bool:
        return entry["source_status"] == "withdrawn" and (entry.get("status_reason") or {}).get("code") == "fraud"

    def _bar(self, uscc: str, since: date) -> None:
        until = since.replace(year=since.year + self.rules["bar_years"]).isoformat()
        self.bars[uscc] = max(self.bars.get(uscc, ""), until)

    def _answered(self, city: str, data: Json) -> str:
        number = data["objection"]
        shown = [key for key in self.products if number in self._shown(key, "objections")]
        if self._named(number, data["product_key"]) is None or city not in {one[0] for key in shown for one in self._members(key)}:
            return "rejected"
        self.answers.setdefault(number, set()).add(city)
        return "applied"

    def _named(self, number: str, key: str) -> str | None:
        """The key that this one leads to, when the objection is open there; else none."""
        now = self._leads_to(key)
        here = self._at(number) & {key, now} or number in self._shown(now, "objections")
        return now if here else None

    def _leads_to(self, key: str) -> str:
        seen = {key}
        while (further := self.products.get(key, {}).get("moved_to")) is not None and further not in seen:
            key = further
            seen.add(key)
        return key

    def _at(self, number: str) -> set[str]:
        """The keys under which an objection stands."""
        return {key for key, kind, other, _ in self.notes if (kind, other) == ("objections", number)}

    def _decision(self, word: str, sequence: int, data: Json) -> str:
        decided: str = getattr(self, "_" + word.replace(".", "_"))(data, sequence)
        return decided

    def _register_statement(self, _: Json, __: int) -> str:
        return "applied"

    def _key_trusted(self, data: Json, _: int) -> str:
        named = hashlib.sha256(base64.b64decode(data["key"])).hexdigest()[:16]
        city = data["source"].rpartition("/")[2]
        if named != data["keyid"] or data.get("register_city", CODES.get(city)) != CODES.get(city):
            return "rejected"
        self.keys.add(data["keyid"])
        return "applied"

    def _key_revoked(self, data: Json, _: int) -> str:
        return "applied" if data["keyid"] in self.keys else "rejected"

    def _rules_activated(self, data: Json, _: int) -> str:
        self.rules = data["rules"]
        return "applied"

    def _day_began(self, data: Json, _: int) -> str:
        self.day = data["day"]
        return "applied"

    def _assessment_recorded(self, data: Json, sequence: int) -> str:
        listing = self.listings[_name(data["listing"])]
        if listing["version"] != data["entry_version"]:
            return "rejected"
        listing["assessment"] = {**data["criteria"], "sequence": sequence}
        return "applied"

    def _batch_published(self, data: Json, _: int) -> str:
        turn = ("zhuzhou", "xiangtan", "changsha")[(data["number"] - 1) % 3]
        keys = [item["product_key"] for item in data["products"]]
        if data["host"] != turn or any(self.products[key]["status"] != "eligible" for key in keys):
            return "rejected"
        self.batches += 1
        self.named |= dict.fromkeys(keys, (data["number"], data["day"]))
        return "applied"

    def _objection_raised(self, data: Json, _: int) -> str:
        if self._at(data["objection"]):
            return "rejected"
        self.deadlines[data["objection"]] = data["deadline"]
        self.answers.pop(data["objection"], None)
        self.notes.add((self._leads_to(data["product_key"]), "objections", data["objection"], None))
        return "applied"

    def _objection_settled(self, data: Json, _: int) -> str:
        number = data["objection"]
        key = self._named(number, data["product_key"])
        if key is None:
            return "rejected"
        closed = {note for note in self.notes if note[1:3] == ("objections", number)}
        concerned = {key, *(note[0] for note in closed)}
        uscc = self.products[key]["uscc"]
        if data["effect"] == "suspend":
            self.notes -= {note for note in self.notes if note[1:3] == ("suspended_by", number) and note[0] in concerned}
            self.notes |= {(at, "suspended_by", number, by) for at, _, _, by in closed}
        elif data["effect"] == "restore":
            lifted = {note[2] for note in self.notes if note[0] in concerned and note[1] == "suspended_by"}
            lifted |= {other for at in concerned for other in self._shown(at, "suspended_by")}
            self.notes = {note for note in self.notes if note[1] != "suspended_by" or note[2] not in lifted}
            self.bars.pop(uscc, None)
        elif data["effect"] == "bar":
            self._bar(uscc, date.fromisoformat(self.day or ""))
        self.notes -= closed
        return "applied"

    def _identity_joined(self, data: Json, _: int) -> str:
        return self._points(data, None if data["undo"] else _name(data["follows"]), kind=lambda pointer: pointer is not None)

    def _identity_separated(self, data: Json, _: int) -> str:
        return self._points(data, None, kind=lambda pointer: pointer is None)

    def _points(self, data: Json, target: Name | None, kind: Callable[[Name | None], bool]) -> str:
        """All decisions on a listing in their order, without those undone: the last one holds. No target: it stands alone."""
        name = _name(data["listing"])
        before = self.listings[name]["pointers"]
        after = [*before, target]
        if data["undo"]:
            kept = [place for place, pointer in enumerate(before) if kind(pointer)][-1:]
            after = [pointer for place, pointer in enumerate(before) if place not in kept]
        self.listings[name]["pointers"] = after
        if self._goes_round(name):
            self.listings[name]["pointers"] = before
            return "rejected"
        return "applied"

    def _goes_round(self, name: Name) -> bool:
        at, seen = self._followed(name), set[Name]()
        while at is not None and at not in seen:
            seen.add(at)
            at = self._followed(at)
        return name in seen

    def _followed(self, name: Name) -> Name | None:
        pointers = self.listings[name]["pointers"]
        found: Name | None = pointers[-1] if pointers else None
        return found

    def _is_alone(self, name: Name) -> bool:
        return bool(self.listings[name]["pointers"]) and self._followed(name) is None

    def belongs(self, name: Name) -> str:
        """The product of a listing."""
        if self._is_alone(name):
            return _alone(name)
        followed = self._followed(name)
        return self.belongs(followed) if followed is not None else str(self.listings[name]["own"])

    def _members(self, key: str) -> list[Name]:
        return sorted((name for name in self.listings if self.belongs(name) == key), key=_by_city)

    def _look_again(self) -> None:
        """Every product there ever was, from what is known now."""
        for key in {*self.products, *map(self.belongs, self.listings)}:
            self.products[key] = self._product(key, self.products.get(key, {}))

    def _product(self, key: str, before: Json) -> Json:
        members = self._members(key)
        left = self.left.get(key, {})
        best = sorted(members, key=lambda name: _first(name, self.listings[name]["time"]))
        gone = sorted(left, key=lambda name: _first(name, left[name]["time"]))
        shown = {field: before.get(field) for field in SHOWN}
        if best or gone:
            entry = self.listings[best[0]]["entry"] if best else left[gone[0]]["entry"]
            shown = {field: entry.get(field) for field in SHOWN}
        moved = None if members else next((left[name]["to"] for name in gone if left[name]["to"]), None)
        known = [self.named.get(key)]
        known += [self.listings[name]["carried"] for name in members if self.listings[name]["own"] == self.belongs(name)]
        known += [one["carried"] for one in left.values() if one["to"] is None]
        restores = self.rules.get("renewal_restores", True)
        published = sorted(one for one in known if one) if moved is None else []
        batch = published[0 if restores else -1] if published else (None, None)
        hangs, objected = self._hangs(key), self._shown(key, "objections")
        product = {
            **shown,
            "listings": members,
            "moved_to": moved,
            "batch": batch[0],
            "recognized_on": batch[1],
            "hangs": hangs,
            "open": sorted(objected),
        }
        suspended = bool(self._shown(key, "suspended_by"))
        return product | {"disputed": bool(objected) and moved is None, "status": self._status(product, suspended)}

    def _hangs(self, key: str) -> Json:
        """Kind → objection's number → what is said of it, and by which listings it came: none when it was decided here."""
        found: Json = {}
        for at, kind, number, _ in self.notes:
            if at == key:
                by = [who for one, other, same, who in self.notes if (one, other, same) == (key, kind, number)]
                via = [] if None in by else sorted("/".join(who) for who in by if who)
                said = {"deadline": self.deadlines[number], "answered": sorted(self.answers.get(number, ()))}
                found.setdefault(kind, {})[number] = {"via": via} | (said if kind == "objections" else {})
        return found

    def _shown(self, key: str, kind: str) -> set[str]:
        """What of a kind counts at a product, by number: its own, and what listings bring that belong to it by decision."""
        members = self._members(key)
        staying = {name for name, left in self.left.get(key, {}).items() if left["to"] is None}
        found = {note[2] for note in self.notes if note[:2] == (key, kind) and note[3] in {None, *members, *staying}}
        for name in members:
            own = self.listings[name]["own"]
            if own != key and (kind == "objections" or not self._is_alone(name)):
                found |= {note[2] for note in self.notes if note[:2] == (own, kind) and note[3] in (None, name)}
        return found

    def _status(self, product: Json, suspended: bool) -> str:
        dated = [self.listings[name] for name in product["listings"] if self._in_date(self.listings[name])]
        valid = [one for one in dated if one["entry"]["source_status"] == "active"]
        qualifies = any(self._qualifies(one["assessment"]) for one in valid)
        barred = self.day is not None and self.day <= self.bars.get(product["uscc"], "")
        if product["batch"] is None:
            if qualifies and not barred:
                return "eligible"
            return "candidate" if valid else "inactive"
        if barred or suspended:
            return "suspended"
        review = self.rules.get("review_date")
        lenient = review is not None and self.day is not None and self.day <= review
        if qualifies or (lenient and any(one["assessment"] for one in valid)):
            if self.rules.get("renewal_restores", True) or self._without_a_gap(product):
                return "recognized"
            if qualifies:
                return "eligible"
        return "suspended" if any(one["entry"]["source_status"] == "suspended" for one in dated) else "lapsed"

    def _in_date(self, listing: Json) -> bool:
        return self.day is not None and _runs(listing, self.day)

    def _without_a_gap(self, product: Json) -> bool:
        """Whether on each day from the publication to today some listing ran that its city has not withdrawn, day by day."""
        listings = [self.listings[name] for name in product["listings"]]
        counting = [one for one in listings if one["entry"]["source_status"] != "withdrawn"]
        day, today = date.fromisoformat(product["recognized_on"]), date.fromisoformat(self.day or "")
        while (day := day + timedelta(days=1)) <= today:
            if not any(_runs(one, day.isoformat()) for one in counting):
                return False
        return True

    def _qualifies(self, found: Json | None) -> bool:
        if not found or not all(found.get(name) for name in self.rules["all_of"]):
            return False
        return not self.rules["any_of"] or any(found.get(name) for name in self.rules["any_of"])


def _name(reference: Json) -> Name:
    return reference["city"], reference["certificate_no"]


def _validity(entry: Json) -> tuple[str, str]:
    return entry["valid_from"], entry["valid_to"]


def _runs(listing: Json, day: str) -> bool:
    """Whether the last term that had begun by then, of all that were said, goes to this day or beyond."""
    begun = [term for term in listing["terms"] if term[0] <= day]
    return bool(begun) and day <= begun[-1][1]


def _by_city(name: Name) -> tuple[str, str]:
    return CODES[name[0]], name[1]


def _first(name: Name, time: str) -> tuple[float, str, str]:
    """The latest event, then the lowest city code, then the number."""
    return (-datetime.fromisoformat(time).timestamp(), *_by_city(name))
