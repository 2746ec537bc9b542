"""Sources for tests: they seal events under their own chain and key, as a relay does, and keep what they published."""

import base64
import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consumers.core.model import TrustedKey
from schemas import events
from schemas.city import JOINT_OFFICE, City
from schemas.codec import ZERO_HASH, canonical, sha256_hex
from schemas.decisions import Decision
from schemas.events import EventType
from schemas.ports import Headers, Record
from schemas.signing import Ed25519Signer, plain_headers, signed_headers
from schemas.topics import topic_of
from schemas.uscc import ALPHABET, is_valid
from tests.support.cities import CITIES

TIME = "2021-07-22T09:00:00+08:00"


def signer_of(name: str) -> Ed25519Signer:
    """A key that is the same in every run."""
    return Ed25519Signer(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest()))


def uscc(number: int) -> str:
    """The code of an invented firm."""
    body = f"91430104DEM0{number:04d}"
    return next(code for a in "0123456789X" for b in ALPHABET if is_valid(code := f"{body}{a}{b}"))


def entry(city: City, certificate_no: str, **changes: Any) -> dict[str, Any]:
    """`data.entry` of an invented product."""
    return {
        "register_city": city.code,
        "certificate_no": certificate_no,
        "kind": "goods",
        "uscc": uscc(1),
        "enterprise_name": "长沙示例环保设备有限公司",
        "product_name": "高效节能水泵",
        "models": ["SL-100"],
        "standards": [],
        "valid_from": "2021-01-01",
        "valid_to": "2023-12-31",
        "source_status": "active",
        **changes,
    }


@dataclass
class Source:
    """One source with its topic. `records` is the topic; whoever appends to it has published."""

    address: str
    key_name: str = ""
    sequence: int = 0
    head: str = ZERO_HASH
    time: str = TIME
    records: list[Record] = field(default_factory=list)

    @property
    def signer(self) -> Ed25519Signer:
        """Its key."""
        return signer_of(self.key_name or self.address)

    @property
    def city(self) -> City:
        """The city whose register it is."""
        return next(city for city in CITIES if city.source == self.address)

    def trusted(self) -> TrustedKey:
        """Its key as a trust file holds it."""
        key = self.key_data()
        return TrustedKey(self.address, key["keyid"], key["role"], key["key"], 1, register_city=key.get("register_city"))

    def key_data(self) -> dict[str, Any]:
        """Data of the decision that trusts its key."""
        public = base64.b64encode(self.signer.public_key).decode()
        key = {"source": self.address, "keyid": self.signer.keyid, "key": public}
        if self.address == JOINT_OFFICE:
            return {**key, "role": "joint"}
        return {**key, "role": "register", "register_city": self.city.code}

    def sealed(self, kind: EventType, subject: str, data: dict[str, Any], version: int | None = None) -> bytes:
        """The next event of the chain."""
        self.sequence += 1
        attributes = events.event_attributes(
            kind,
            source=self.address,
            sequence=self.sequence,
            previous_hash=self.head,
            subject=subject,
            time=self.time,
            data=data,
            entry_version=version,
        )
        value = canonical(attributes)
        self.head = sha256_hex(value)
        return value

    def publish(self, value: bytes | None, *, signed: bool = True) -> Record:
        """Append a record to the topic."""
        return self.publish_under(value, signed_headers(self.signer, value) if signed and value is not None else plain_headers())

    def publish_under(self, value: bytes | None, headers: Headers) -> Record:
        """Append a record with these headers to the topic."""
        record = Record(topic_of(self.address), 0, len(self.records), 1_626_915_600_000, None, value, headers)
        self.records.append(record)
        return record

    def again(self, record: Record) -> None:
        """Publish the same bytes once more."""
        self.records.append(replace(record, offset=len(self.records)))

    def say(
        self, kind: EventType, subject: str, data: dict[str, Any], version: int | None = None, *, signed: bool = True
    ) -> Record:
        """Seal and publish."""
        return self.publish(self.sealed(kind, subject, data, version), signed=signed)

    def say_entry(self, kind: EventType, version: int, entry: dict[str, Any], *, signed: bool = True) -> Record:
        """Seal and publish an entry event."""
        return self.say(kind, entry["certificate_no"], {"entry": entry}, version, signed=signed)

    def decide(self, kind: EventType, subject: str, data: dict[str, Any]) -> Record:
        """Seal and publish a decision by two people."""
        assert issubclass(kind.data, Decision)
        return self.say(kind, subject, {"by": "甲", "agreed_by": "乙", "log_size": 0, **data})
