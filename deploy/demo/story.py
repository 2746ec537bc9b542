"""The story, step by step, with what a clerk and an auditor see of each."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.demo import files
from deploy.demo.rejected import rejected_rows
from deploy.demo.session import Session
from deploy.demo.tamper import edited_copy
from deploy.joint.sheet import CRITERION_COLUMNS
from schemas.city import City

DAY = "2021-07-22"
FAILED = 3
"""Listings that the demo's assessment sheet finds wanting."""
SHOWN = 5
"""Recognised products that are named; the others are counted."""
Say = Callable[[str, str], None]
"""Prints a line: its Chinese and its English."""


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


def _short(text: str) -> str:
    """The text with its hashes cut to 12 digits."""
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{28,}\b", r"\1…", text)


class Story:
    """One run of the demo in an empty directory."""

    def __init__(self, session: Session, say: Say, word: Callable[[str], str]) -> None:
        """`word` gives an outcome or a status in the reader's language."""
        self._session = session
        self._say = say
        self._word = word
        self.papers = session.home / "papers"

    def tell(self) -> Told:
        """The whole story, and how it ended."""
        self._prepare()
        self._import_catalogues()
        self._reconcile()
        self._later_edition()
        self._first_batch()
        return self._check_and_tamper()

    def _counted(self, counts: Mapping[str, int]) -> str:
        return ", ".join(f"{self._word(name)} {count}" for name, count in sorted(counts.items()))

    def _title(self, number: int, zh: str, en: str) -> None:
        self._say(f"\n【{number}】{zh}", f"\n[{number}] {en}")

    def _prepare(self) -> None:
        self._title(1, "建库、建主题、建密钥（czt init）", "Tables, topics and keys (czt init)")
        self._session.run("init")
        self._session.run("joint", "day", DAY)
        self._say(
            f"    三市密钥已由联席办信任，规则集 1 生效；今天是 {DAY}。",
            f"    The joint office trusts the three cities' keys, rule set 1 is in force; the day is {DAY}.",
        )

    def _import_catalogues(self) -> None:
        self._title(2, "三市各交一份 Excel 目录（czt city import）", "Three cities hand in a catalogue each (czt city import)")
        reports = {}
        for city, path in files.write_catalogues(self.papers).items():
            report = self._session.run("city", "import", str(path), "--city", city.word, "--as-of", DAY, expect=(0, 1))
            path.with_suffix(".report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), "utf-8")
            self._show_totals(city, report)
            reports[city] = report
        self._say(
            "  没有收下的行、原因和办法（各市另有完整的逐行报告：papers/城市.report.json）：",
            "  The rows that were not accepted, and what their city does (each has its own full report: papers/CITY.report.json):",
        )
        for zh, en in rejected_rows(reports):
            self._say(zh, en)

    def _show_totals(self, city: City, report: dict[str, Any]) -> None:
        totals, warned = report["totals"], sum(1 for row in report["rows"] if row["warnings"])
        self._say(
            f"  {city.zh}：收下 {totals['accept']} 行（其中 {warned} 行自动规整），待人工 {totals['review']}，"
            f"退回 {totals['reject']}，重复 {totals['skip']}；产生 {report['events']} 个变更事件",
            f"  {city.word}: {totals['accept']} rows accepted ({warned} of them tidied), {totals['review']} for a person, "
            f"{totals['reject']} sent back, {totals['skip']} copy; {report['events']} change events",
        )

    def _relay(self) -> int:
        sent = 0
        for city in files.CITIES.values():
            sent += self._session.run("city", "relay", "--city", city.word, "--once")["published"]
        return sent

    def _hub(self) -> dict[str, Any]:
        return self._session.run("hub", "run", "--until-idle")

    def _reconcile(self) -> None:
        self._title(3, "变更自动离市，共享端逐条核验、入库、回执", "Changes leave by themselves; the hub verifies, stores, answers")
        sent, run = self._relay(), self._hub()
        outcomes = self._counted(run["outcomes"])
        self._say(
            f"    发出 {sent} 个事件；共享端处理结果：{outcomes}；审计日志 {run['log_size']} 条",
            f"    {sent} events sent; the hub's outcomes: {outcomes}; {run['log_size']} entries in the audit log",
        )
        for city in files.CITIES.values():
            listed = self._counted(Counter(one["outcome"] for one in self._receipts(city)))
            self._say(f"    {city.zh}收到回执：{listed}", f"    {city.word} received receipts: {listed}")
        shared = next(p for p in self._products() if len({one["city"] for one in p["listings"]}) > 1)
        numbers = " + ".join(f"{one['city']}/{one['certificate_no']}" for one in shared["listings"])
        self._say(
            f"    两市同列、认作一个产品：{shared['product_name']}（{shared['enterprise_name']}）= {numbers}",
            f"    listed by two cities, one product: {shared['product_name']} ({shared['enterprise_name']}) = {numbers}",
        )

    def _receipts(self, city: City) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._session.run("city", "receipts", "--city", city.word)["receipts"]
        return found

    def _products(self, *options: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._session.run("hub", "products", "--limit", "1000", *options)["products"]
        return found

    def _later_edition(self) -> None:
        self._title(
            4, "一周后长沙市又交一版：一处变更、一处撤销", "A week later Changsha hands in a new edition: a change and a withdrawal"
        )
        path = files.write_later_edition(self.papers)
        report = self._session.run("city", "import", str(path), "--city", "changsha", "--as-of", DAY, expect=(0, 1))
        self._relay()
        run = self._hub()
        self._say(
            f"    与上一版相比只有 {report['events']} 个事件；处理 {run['read']} 条",
            f"    only {report['events']} events against the former edition; {run['read']} records decided",
        )
        for number in (files.CHANGED_NUMBER, files.WITHDRAWN_NUMBER):
            history = self._session.run("hub", "entry", "changsha", number)["history"]
            for change in history[-1]["changes"]:
                if change["field"] in ("models", "source_status"):
                    before, after = self._value(change["before"]), self._value(change["after"])
                    self._say(
                        f"    {number} {change['field']}：{before} → {after}", f"    {number} {change['field']}: {before} → {after}"
                    )
        receipt = self._receipts(files.CITIES["changsha"])[-1]
        sequence, rules, index, action = (receipt[name] for name in ("sequence", "rule_set", "audit_index", "action"))
        outcome = self._word(receipt["outcome"])
        self._say(
            f"    长沙市的最后一份回执：{sequence} 号变更{outcome}，依据规则集 {rules}，在审计日志第 {index} 条；{action['zh']}",
            f"    changsha's last receipt: change {sequence} {outcome} under rule set {rules}, log entry {index}. {action['en']}",
        )

    @staticmethod
    def _value(value: Any) -> str:
        return "、".join(value) if isinstance(value, list) else str(value)

    def _first_batch(self) -> None:
        self._title(5, "联席办评审，公布第一批互认产品", "The joint office assesses and publishes the first batch")
        criteria = list(CRITERION_COLUMNS)
        every, any_ = " ".join(criteria[:5]), " ".join(criteria[5:])
        self._say(
            f"    规则集 1：{every} 须全部符合，{any_} 至少符合一项",
            f"    rule set 1: all of {every}, and at least one of {any_}",
        )
        candidates = self._products("--status", "candidate")
        listings = [one for product in candidates for one in product["listings"] if one["status"] == "active"]
        alone = [product["listings"][0] for product in candidates if len(product["listings"]) == 1]
        fails = [listing["certificate_no"] for listing in alone[:FAILED]]
        sheet = files.write_assessments(self.papers / "assessment.xlsx", listings, fails)
        self._session.run("joint", "assess", str(sheet), "--by", "评审组")
        self._hub()
        self._session.run(
            "joint", "batch", "publish", "--number", "1", "--document", "〔2021〕12号", "--by", "甲", "--agreed-by", "乙"
        )
        self._hub()
        recognized = self._products("--status", "recognized")
        left = Counter(product["status"] for product in self._products())
        self._say(
            f"    评审 {len(listings)} 条在册记录，{len(fails)} 条环保不符合；第一批 {len(recognized)} 个产品已列入"
            "（互认是同等条件下优先，不是采购门槛）：",
            f"    {len(listings)} listings assessed, {len(fails)} fail 环保; {len(recognized)} products recognised in batch 1 "
            "(a preference under equal conditions, 同等条件下优先, never a condition of entry):",
        )
        for product in sorted(recognized, key=lambda one: -len(one["listings"]))[:SHOWN]:
            cities = "、".join(files.CITIES[one["city"]].zh for one in product["listings"])
            self._say(
                f"      {product['product_name']}  {product['enterprise_name']}  {cities}",
                f"      {product['product_name']}  {product['enterprise_name']}  {cities}",
            )
        others = self._counted(left)
        self._say(f"      …… 全部产品：{others}", f"      … all products: {others}")

    def _check_and_tamper(self) -> Told:
        self._title(6, "审计员复算全部历史", "The auditor recomputes the whole history")
        verified = self._session.run("audit", "verify", "--against-store")
        replayed = self._session.run("audit", "replay")
        self._say(
            f"    校验通过：{verified['size']} 条，根 {verified['root'][:16]}…；重放 {replayed['entries']} 条，与现库逐行相同",
            f"    verified: {verified['size']} entries, root {verified['root'][:16]}…; "
            f"replayed {replayed['entries']}, equal to the store row by row",
        )
        self._title(7, "有人绕过程序改了日志里的一个字节", "Somebody edits one byte of the log behind its back")
        index, old, new = edited_copy(self._session.home / "store.db", self._session.home / "tampered" / "store.db")
        self._say(f"    第 {index} 条的原始记录：{old}… → {new}…", f"    the record of entry {index}: {old}… → {new}…")
        answer = self._verify_tampered()
        findings = tuple(f"{check['name']}: {check['detail']}" for check in answer["checks"] if not check["ok"])
        for finding in findings:
            self._say(f"    发现：{_short(finding)}", f"    found: {_short(finding)}")
        self._say(
            "    篡改已被发现。" if findings else "    没有发现篡改：这是缺陷。",
            "    The tampering was found." if findings else "    The tampering was NOT found: a defect.",
        )
        return Told(verified["size"], verified["root"], findings)

    def _verify_tampered(self) -> dict[str, Any]:
        """The same check on the edited copy: keys, archive and topics are the true ones."""
        copy = self._session.with_settings(CZT_STORE_URL=f"sqlite:///{self._session.home / 'tampered' / 'store.db'}")
        return copy.run("audit", "verify", expect=(0, 1))
