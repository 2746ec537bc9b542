"""The cities' chapters: catalogues in, changes out, one product for the same thing, a later edition."""

import json
from collections import Counter
from typing import Any

from deploy.demo import files
from deploy.demo.rejected import rejected_rows
from deploy.demo.teller import DAY, Teller
from schemas.city import City


def prepare(teller: Teller) -> None:
    """Tables, topics, keys, the first day."""
    teller.title("建库、建主题、建密钥（czt init）", "Tables, topics and keys (czt init)")
    teller.session.run("init")
    teller.session.run("joint", "day", DAY)
    teller.say(
        f"    三市密钥已由联席办信任，规则集 1 生效；今天是 {DAY}。",
        f"    The joint office trusts the three cities' keys, rule set 1 is in force; the day is {DAY}.",
    )


def import_catalogues(teller: Teller) -> None:
    """Three dirty catalogues, and why some rows were not accepted."""
    teller.title("三市各交一份 Excel 目录（czt city import）", "Three cities hand in a catalogue each (czt city import)")
    reports = {}
    for city, path in files.write_catalogues(teller.papers).items():
        report = teller.session.run("city", "import", str(path), "--city", city.word, "--as-of", DAY, expect=(0, 1))
        path.with_suffix(".report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), "utf-8")
        show_totals(teller, city, report)
        reports[city] = report
    teller.say(
        "  没有收下的行、原因和办法（各市另有完整的逐行报告：papers/城市.report.json）：",
        "  The rows that were not accepted, and what their city does (each has its own full report: papers/CITY.report.json):",
    )
    for zh, en in rejected_rows(reports):
        teller.say(zh, en)


def show_totals(teller: Teller, city: City, report: dict[str, Any]) -> None:
    """What became of a catalogue's rows."""
    totals, warned = report["totals"], sum(1 for row in report["rows"] if row["warnings"])
    teller.say(
        f"  {city.zh}：收下 {totals['accept']} 行（其中 {warned} 行自动规整），待人工 {totals['review']}，"
        f"退回 {totals['reject']}，重复 {totals['skip']}；产生 {report['events']} 个变更事件",
        f"  {city.word}: {totals['accept']} rows accepted ({warned} of them tidied), {totals['review']} for a person, "
        f"{totals['reject']} sent back, {totals['skip']} copy; {report['events']} change events",
    )


def reconcile(teller: Teller) -> None:
    """What the hub made of the events, and the product that two cities list."""
    teller.title("变更自动离市，共享端逐条核验、入库、回执", "Changes leave by themselves; the hub verifies, stores, answers")
    sent, run = teller.relay(), teller.hub()
    outcomes = teller.counted(run["outcomes"])
    teller.say(
        f"    发出 {sent} 个事件；共享端处理结果：{outcomes}；审计日志 {run['log_size']} 条",
        f"    {sent} events sent; the hub's outcomes: {outcomes}; {run['log_size']} entries in the audit log",
    )
    for city in files.CITIES.values():
        listed = teller.counted(Counter(one["outcome"] for one in teller.receipts(city.word)))
        teller.say(f"    {city.zh}收到回执：{listed}", f"    {city.word} received receipts: {listed}")
    shared = teller.product(files.SHARED_NUMBER)
    numbers = " + ".join(f"{one['city']}/{one['certificate_no']}" for one in shared["listings"])
    teller.say(
        f"    两市同列、认作一个产品：{shared['product_name']}（{shared['enterprise_name']}）= {numbers}",
        f"    listed by two cities, one product: {shared['product_name']} ({shared['enterprise_name']}) = {numbers}",
    )


def later_edition(teller: Teller) -> None:
    """A second catalogue of Changsha: only what differs leaves the city."""
    teller.title(
        "一周后长沙市又交一版：一处变更、一处撤销", "A week later Changsha hands in a new edition: a change and a withdrawal"
    )
    path = files.write_later_edition(teller.papers)
    report = teller.session.run("city", "import", str(path), "--city", "changsha", "--as-of", DAY, expect=(0, 1))
    teller.relay("changsha")
    run = teller.hub()
    teller.say(
        f"    与上一版相比只有 {report['events']} 个事件；处理 {run['read']} 条",
        f"    only {report['events']} events against the former edition; {run['read']} records decided",
    )
    for number in (files.CHANGED_NUMBER, files.WITHDRAWN_NUMBER):
        history = teller.session.run("hub", "entry", "changsha", number)["history"]
        for change in history[-1]["changes"]:
            if change["field"] in ("models", "source_status"):
                before, after = _value(change["before"]), _value(change["after"])
                teller.say(
                    f"    {number} {change['field']}：{before} → {after}", f"    {number} {change['field']}: {before} → {after}"
                )
    receipt = teller.receipts("changsha")[-1]
    sequence, rules, index, action = (receipt[name] for name in ("sequence", "rule_set", "audit_index", "action"))
    outcome = teller.word(receipt["outcome"])
    teller.say(
        f"    长沙市的最后一份回执：{sequence} 号变更{outcome}，依据规则集 {rules}，在审计日志第 {index} 条；{action['zh']}",
        f"    changsha's last receipt: change {sequence} {outcome} under rule set {rules}, log entry {index}. {action['en']}",
    )


def _value(value: Any) -> str:
    return "、".join(value) if isinstance(value, list) else str(value)
