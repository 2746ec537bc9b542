"""The joint office's chapters: a batch, an objection, an expiry and a renewal, an identity decision and its undoing."""

from collections import Counter
from typing import Any

from deploy.demo import files
from deploy.demo.session import CommandFailed
from deploy.demo.teller import Teller
from deploy.joint.sheet import CRITERION_COLUMNS
from schemas.errors import Both

FAILED = 3
"""Listings that the demo's assessment sheet finds wanting."""
SHOWN = 5
"""Recognised products that are named; the others are counted."""
TWO = ("--by", "甲", "--agreed-by", "乙")
OBJECTION = "YY-2021-001"


def first_batch(teller: Teller) -> None:
    """Assessed, published, printed."""
    teller.title("联席办评审，公布第一批互认产品", "The joint office assesses and publishes the first batch")
    criteria = list(CRITERION_COLUMNS)
    every, any_ = " ".join(criteria[:5]), " ".join(criteria[5:])
    teller.say(
        f"    规则集 1：{every} 须全部符合，{any_} 至少符合一项",
        f"    rule set 1: all of {every}, and at least one of {any_}",
    )
    candidates = teller.products("--status", "candidate")
    listings = [one for product in candidates for one in product["listings"] if one["status"] == "active"]
    alone = [product["listings"][0] for product in candidates if len(product["listings"]) == 1]
    told_of = (files.EXPIRING_NUMBER, files.ALIKE_NUMBER)
    fails = [one["certificate_no"] for one in alone if one["certificate_no"] not in told_of][:FAILED]
    sheet = files.write_assessments(teller.papers / "assessment.xlsx", listings, fails)
    teller.joint("assess", str(sheet), "--by", "评审组")
    publish(teller, 1, "〔2021〕12号")
    recognized = teller.products("--status", "recognized")
    left = Counter(product["status"] for product in teller.products())
    teller.say(
        f"    评审 {len(listings)} 条在册记录，{len(fails)} 条环保不符合；第一批 {len(recognized)} 个产品已列入"
        "（互认是同等条件下优先，不是采购门槛）：",
        f"    {len(listings)} listings assessed, {len(fails)} fail 环保; {len(recognized)} products recognised in batch 1 "
        "(a preference under equal conditions, 同等条件下优先, never a condition of entry):",
    )
    for product in sorted(recognized, key=lambda one: -len(one["listings"]))[:SHOWN]:
        cities = "、".join(files.CITIES[one["city"]].zh for one in product["listings"])
        line = f"      {product['product_name']}  {product['enterprise_name']}  {cities}"
        teller.say(line, line)
    others = teller.counted(left)
    teller.say(f"      …… 全部产品：{others}", f"      … all products: {others}")
    printed(teller, 1)


def publish(teller: Teller, number: int, document: str) -> None:
    """All that is eligible, as the n-th batch, by two people."""
    teller.joint("batch", "publish", "--number", str(number), "--document", document, *TWO)


def printed(teller: Teller, number: int) -> dict[str, Any]:
    """The batch on paper; what `joint batch print` answers."""
    page, workbook = (teller.papers / f"batch-{number}.{kind}" for kind in ("html", "xlsx"))
    told = teller.session.run("joint", "batch", "print", str(number), "--html", str(page), "--xlsx", str(workbook))
    firms, products = told["enterprises"], told["products"]
    teller.say(
        f"    印成清单：{firms} 家企业、{products} 个产品，papers/{page.name}（可打印）、papers/{workbook.name}",
        f"    printed: {firms} enterprises, {products} products; papers/{page.name} (A4), papers/{workbook.name}",
    )
    return told


def objection(teller: Teller) -> None:
    """Raised by a buyer, visible to everybody, answered by the city, settled by two."""
    teller.title("有人提出异议：当即可见，城市答复，联席办了结", "Somebody objects: seen at once, answered by the city, settled")
    product = teller.product(files.SHARED_NUMBER)
    key, name = product["product_key"], product["product_name"]
    teller.joint("objection", "raise", key, OBJECTION, "--text", "铭牌型号与证书不符", "--by", "某采购单位")
    opened = teller.session.run("joint", "objection", "list")["objections"][0]
    teller.say(
        f"    {OBJECTION}：某采购单位对“{name}”提出“铭牌型号与证书不符”，答复期限 {opened['deadline']}（规则集定）；"
        f"此刻任何人查到的是：{teller.status_of(files.SHARED_NUMBER)}",
        f"    {OBJECTION}: a buyer objects to {name}; to be answered by {opened['deadline']} (rule set); "
        f"whoever looks now sees: {teller.status_of(files.SHARED_NUMBER)}",
    )
    teller.session.run("joint", "objection", "answer", key, OBJECTION, "--city", "changsha", "--text", "已现场核实，铭牌无误")
    teller.relay("changsha")
    teller.hub()
    teller.joint("objection", "settle", key, OBJECTION, "--effect", "none", "--text", "核实无误", *TWO)
    folder = teller.papers / f"objection-{OBJECTION}"
    told = teller.session.run("joint", "objection", "export", OBJECTION, "--out", str(folder))
    teller.say(
        f"    长沙市答复“已现场核实，铭牌无误”，两人了结（无影响），现为：{teller.status_of(files.SHARED_NUMBER)}；"
        f"卷宗 {told['steps']} 步：papers/{folder.name}/",
        f"    changsha answers, two people settle it without effect; now: {teller.status_of(files.SHARED_NUMBER)}; "
        f"the whole file, {told['steps']} steps: papers/{folder.name}/",
    )


def expiry(teller: Teller) -> None:
    """A last valid day, the day after it, and a renewal that needs no new batch."""
    number, last, following = files.EXPIRING_NUMBER, files.LAST_DAY, files.DAY_AFTER
    teller.title("日子一天天过：到期失效，续期恢复", "Days pass: what expires lapses, what is renewed returns")
    before = teller.status_of(number)
    recognized = len(teller.products("--status", "recognized"))
    teller.joint("day", following)
    lapsed = len(teller.products("--status", "lapsed"))
    now = teller.status_of(number)
    teller.say(
        f"    {number} 有效期至 {last}，当天仍是{before}；{following} 开始，{lapsed} 个产品到期，{number} 为{now}",
        f"    {number} is valid to {last}, {before} on that day; {following} begins: {lapsed} products lapse, {number} is {now}",
    )
    path = files.write_renewal(teller.papers)
    teller.session.run("city", "import", str(path), "--city", "zhuzhou", "--as-of", following, expect=(0, 1))
    teller.relay("zhuzhou")
    teller.hub()
    now, after = teller.status_of(number), len(teller.products("--status", "recognized"))
    teller.say(
        f"    株洲市办了续期，新目录导入后即为{now}，不必等下一批；已列入的产品由 {recognized} 个变为 {after} 个",
        f"    Zhuzhou renews it: imported, it is {now} again without a new batch; {recognized} recognised products became {after}",
    )


def identity(teller: Teller) -> None:
    """A near match is a question; people join, and can take it back without a trace in the store."""
    teller.title("疑似同一产品由人判断，判错了可以撤回", "Near matches are questions for people, and a decision can be undone")
    question = teller.session.run("joint", "identity", "list")["questions"][0]
    left, right = (question[side] for side in ("left", "right"))
    names = " ? ".join(f"{side['product_name']} {side['listings'][0]}" for side in (left, right))
    score = question["score"]
    teller.say(f"    系统只提问，不合并：{names}，相似度 {score}", f"    asked, not merged: {names}, score {score}")
    before, mine = teller.state_digest(), f"zhuzhou/{files.ALIKE_NUMBER}"
    teller.joint("identity", "join", mine, f"changsha/{files.ALIKE_TO}", *TWO)
    joined = teller.product(files.ALIKE_NUMBER)
    said = joined["fields"]["product_name"]
    lost = "、".join(f"{one['value']} {one['from']}" for one in said["lost"])
    teller.say(
        f"    两人认定为同一产品：名称显示“{joined['product_name']}”（取自 {said['from']}），落选的说法仍在：{lost}",
        f"    two people join them: the name shown is {joined['product_name']} (from {said['from']}); what lost is kept: {lost}",
    )
    teller.joint("identity", "join", mine, "--undo", *TWO)
    after = teller.state_digest()
    if after != before:
        raise CommandFailed(
            Both("撤回认定之后，共享库与认定之前不同。", "After the undoing the store is not as it was before the decision."),
            Both("这是程序缺陷，请运行 make test 后报告。", "Run `make test`; this is a defect."),
        )
    teller.say(
        f"    撤回认定：全库状态摘要 {after[:12]}… 与认定之前相同；两项决定都留在日志里",
        f"    undone: the digest of the whole store, {after[:12]}…, is that of before; both decisions stay in the log",
    )
