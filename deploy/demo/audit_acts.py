"""The auditor's chapters: everything recomputed, and one byte that somebody changed."""

import re
from dataclasses import dataclass
from typing import Any

from deploy.demo.tamper import edited_copy
from deploy.demo.teller import Teller


@dataclass(frozen=True, slots=True)
class Told:
    """How the story ended: size and root of its log, what the last check found, and whether that is the tampering."""

    size: int
    root: str
    findings: tuple[str, ...]

    @property
    def found(self) -> bool:
        """Whether the tampering was found."""
        return bool(self.findings)


def check_and_tamper(teller: Teller) -> Told:
    """The log is whole and folds to the store; an edited copy of it is found out."""
    teller.title("审计员复算全部历史", "The auditor recomputes the whole history")
    verified = teller.session.run("audit", "verify", "--against-store")
    replayed = teller.session.run("audit", "replay")
    teller.say(
        f"    校验通过：{verified['size']} 条，根 {verified['root'][:16]}…；重放 {replayed['entries']} 条，与现库逐行相同",
        f"    verified: {verified['size']} entries, root {verified['root'][:16]}…; "
        f"replayed {replayed['entries']}, equal to the store row by row",
    )
    teller.title("有人绕过程序改了日志里的一个字节", "Somebody edits one byte of the log behind its back")
    home = teller.session.home
    index, old, new = edited_copy(home / "store.db", home / "tampered" / "store.db")
    teller.say(f"    第 {index} 条的原始记录：{old}… → {new}…", f"    the record of entry {index}: {old}… → {new}…")
    answer = _verify_tampered(teller)
    findings = tuple(f"{check['name']}: {check['detail']}" for check in answer["checks"] if not check["ok"])
    for finding in findings:
        teller.say(f"    发现：{_short(finding)}", f"    found: {_short(finding)}")
    teller.say(
        "    篡改已被发现。" if findings else "    没有发现篡改：这是缺陷。",
        "    The tampering was found." if findings else "    The tampering was NOT found: a defect.",
    )
    return Told(verified["size"], verified["root"], findings)


def _verify_tampered(teller: Teller) -> dict[str, Any]:
    """The same check on the edited copy: keys, archive and topics are the true ones."""
    copy = teller.session.with_settings(CZT_STORE_URL=f"sqlite:///{teller.session.home / 'tampered' / 'store.db'}")
    return copy.run("audit", "verify", expect=(0, 1))


def _short(text: str) -> str:
    """The text with its hashes cut to 12 digits."""
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{28,}\b", r"\1…", text)
