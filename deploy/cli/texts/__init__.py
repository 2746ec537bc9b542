"""What the command line says to people, in Chinese and English. Reasons have their own catalogue (`schemas.reasons`)."""

from typing import Literal

from deploy.cli.texts.chains import CHAINS
from deploy.cli.texts.conformance import CONFORMANCE
from deploy.cli.texts.decisions import DECISIONS
from deploy.cli.texts.files import FILES
from deploy.cli.texts.keys import KEYS
from deploy.cli.texts.review import REVIEW
from deploy.words import WORDS

Lang = Literal["zh", "en"]

TEXTS: dict[str, tuple[str, str]] = {
    # column heads
    "row": ("行", "row"),
    "outcome": ("结果", "outcome"),
    "reason": ("原因", "reason"),
    "what_to_do": ("怎么办", "what to do"),
    "certificate_no": ("认定编号", "certificate"),
    "source": ("来源", "source"),
    "sequence": ("序号", "sequence"),
    "index": ("审计序号", "index"),
    "type": ("类型", "type"),
    "subject": ("对象", "subject"),
    "time": ("时间", "time"),
    "received": ("收讫至", "received"),
    "settled": ("办结至", "settled"),
    "verified": ("核验至", "verified"),
    "gaps": ("缺号", "gaps"),
    "lag": ("未读", "lag"),
    "rejections": ("待更正", "open rejections"),
    "status": ("状态", "status"),
    "product_key": ("产品标识", "product"),
    "enterprise": ("企业名称", "enterprise"),
    "product": ("产品名称", "product name"),
    "models": ("规格型号", "models"),
    "cities": ("列入城市", "listed by"),
    "batch": ("批次", "batch"),
    "check": ("检查项", "check"),
    "found": ("说明", "found"),
    "changes": ("变化", "changes"),
    "topic": ("主题", "topic"),
    "offset": ("位置", "offset"),
    # outcomes of rows
    "accept": ("收入", "accepted"),
    "review": ("待核", "held for review"),
    "reject": ("退回", "rejected"),
    "skip": ("跳过", "skipped"),
    # everywhere
    "next": ("还有更多：加 --cursor {cursor}", "There is more: add --cursor {cursor}"),
    "nothing": ("没有记录。", "Nothing here."),
    "no_command": ("要运行哪个命令？", "Which command?"),
    "bad_cursor": ("--cursor 的值“{cursor}”不是上一页给出的位置。", "--cursor: '{cursor}' is not what the last page gave."),
    "bad_cursor_next": ("请照抄上一页末尾的；从头看起的不加。", "Copy it from the end of the last page, or leave it out."),
    "no_file": ("没有这个文件：{file}", "There is no file {file}."),
    "no_file_next": ("请核对路径和文件名。", "Check path and name."),
    "no_access_next": (
        "请检查该文件或目录是否存在、当前用户有无权限、磁盘是否已满（目录由 CZT_HOME 决定）。",
        "Check that it exists, that this user may use it, and that the disk isn't full (CZT_HOME says where files are).",
    ),
    "defect_next": (
        "这是程序缺陷。请加 --debug 再运行一次，把全部输出报给开发者；数据没有写坏，可以重试。",
        "This is a defect. Run it again with --debug and report the whole output; no data was half written.",
    ),
    # init, doctor
    "init.nothing": ("一切就绪，无需改动。", "Everything was there already."),
    "init.database": ("已建表：{name}", "tables made: {name}"),
    "init.topics": ("已建主题：{names}", "topics made: {names}"),
    "init.keys": ("已建密钥：{names}（私钥在 {directory}，请妥善保管）", "keys made: {names} (in {directory}; keep them safe)"),
    "init.decisions": (
        "联席办已信任三市密钥并启用规则集 1。下一步：czt joint day 日期",
        "The joint office trusts the three cities' keys, and rule set 1 is in force. Next: czt joint day DAY",
    ),
    "init.unsent": (
        "联席决定已编号，但还没发出；请运行 czt joint relay --once。",
        "The decisions are sealed but not sent; run czt joint relay --once.",
    ),
    "doctor.ok": ("正常", "ok"),
    "doctor.fail": ("有问题", "FAIL"),
    "doctor.good": ("全部正常。", "All is well."),
    "doctor.bad": ("有 {count} 项有问题。", "{count} of the checks failed."),
    # city
    "import.working": ("正在读 {file} …", "reading {file} …"),
    "import.totals": (
        "{city} {file}：收入 {accept} 行，待核 {review} 行，退回 {reject} 行，跳过 {skip} 行；产生变更 {events} 条。",
        "{city} {file}: {accept} accepted, {review} held for review, {reject} rejected, {skip} skipped; {events} changes.",
    ),
    "event": ("事件", "event"),
    "before": ("原为", "before"),
    "after": ("改为", "after"),
    "import.dry": ("试运行：什么都没有写入。", "Dry run: nothing was written."),
    "import.seen": ("此文件导入过，没有新的变更。", "This file was imported before; nothing new."),
    "import.control": (
        "表尾写的产品数是 {declared}，实际数据行是 {counted}，请核对是否漏行。",
        "The footer counts {declared} products, there are {counted} data rows; check whether rows are missing.",
    ),
    "import.held": (
        "名录中有 {missing} 条不在文件内，超过 {limit} 条，撤销暂缓。核实后用 --complete --confirm-withdrawals {missing} 再导入。",
        ("{missing} entries are not in this file, more than {limit}: none was withdrawn. "
         "If that is right, import again with --complete --confirm-withdrawals {missing}."),
    ),
    "import.only_complete": (
        "--confirm-withdrawals 要和 --complete 一起用：只有说明是全部名录的文件才会撤销缺的条目。",
        "--confirm-withdrawals goes with --complete: only a file declared complete withdraws what it does not name.",
    ),
    "import.only_complete_next": (
        "czt city import 文件 --city {city} --complete --confirm-withdrawals {number}",
        "czt city import FILE --city {city} --complete --confirm-withdrawals {number}",
    ),
    "import.extra": ("未采用的列：{columns}", "columns that were left out: {columns}"),
    "relay.done": (
        "{source}：编号 {sealed} 条，发出 {published} 条，至序号 {last_sequence}。",
        "{source}: {sealed} sealed, {published} published, up to sequence {last_sequence}.",
    ),
    "receipts.totals": (
        "{city}：已有答复 {answered} 条，其中生效 {applied} 条；已编号而尚无答复 {unanswered} 条。",
        "{city}: {answered} answered, {applied} of them applied; {unanswered} sealed and not answered yet.",
    ),
    "receipts.all": (
        "已生效的 {hidden} 条没有列出；要看的加 --all。",
        "{hidden} that were applied are not listed; see them with --all.",
    ),
    "receipts.none": ("还没有回执。共享端处理后会有。", "No receipts yet: the shared side has decided nothing so far."),
    # hub
    "hub.working": ("正在处理 …", "deciding …"),
    "hub.done": (
        "处理 {read} 条：{outcomes}。审计日志共 {log_size} 条。",
        "{read} records decided: {outcomes}. The audit log has {log_size} entries.",
    ),
    "hub.none": ("无", "none"),
    "hub.day": ("日期 {day}", "day {day}"),
    "hub.no_day": (
        "还没有开始任何一天，所以没有产品已列入；请运行 czt joint day 日期。",
        "No day has begun, so nothing is recognized; run czt joint day DAY.",
    ),
    "hub.products": ("产品：{counts}", "products: {counts}"),
    "hub.log": (
        "审计日志 {size} 条，根 {root}；检查点至 {checkpoint_size} 条。拒收 {dead_letters} 条。",
        "audit log: {size} entries, root {root}; checkpoint at {checkpoint_size}. {dead_letters} refused records.",
    ),
    "hub.no_broker": ("消息系统连不上，未读数不详：{message}", "The broker does not answer, the lag is unknown: {message}"),
    "hub.waiting": (
        "{source} 有 {count} 条记录在等可信密钥的签名，尚未处理。该市换过密钥的，请联席办运行 czt joint key trust。",
        ("{source}: {count} records wait for a signature by a trusted key, and are not decided. "
        "If it has a new key: czt joint key trust."),
    ),
    "entry.unknown": ("{city} 没有编号为 {number} 的条目。", "{city} has no entry {number}."),
    "entry.unknown_next": (
        "请核对编号；名录刚导入的，要先转发和处理。",
        "Check the number; an import has to be relayed and decided first.",
    ),
    # joint
    "joint.done": ("已编号 {sequence} 并发出。", "Sealed as {sequence} and published."),
    "joint.unsent": (
        "已编号，还没发出：消息系统没有回应。恢复后运行 czt joint relay --once。",
        "Sealed, but not published: the broker did not answer. Run czt joint relay --once when it is back.",
    ),
    "joint.keys": ("联席办密钥已建：{keyid}", "The joint office's key was made: {keyid}"),
    "joint.keys_there": ("联席办密钥已有：{keyid}", "The joint office has its key already: {keyid}"),
    "assess.no_number": ("没有认定编号", "the certificate number is missing"),
    "assess.no_city": ("不认识的城市“{found}”", "unknown city “{found}”"),
    "assess.bad_answer": ("只能填是、否或留空：{found}", "only 是, 否 or blank: {found}"),
    "assess.no_day": ("日期看不懂“{found}”", "the day can't be read: “{found}”"),
    "assess.repeated": ("与第 {found} 行是同一条目", "the same listing as in row {found}"),
    "assess.no_listing": ("共享库里没有这个条目", "the shared store has no such listing"),
    "assess.done": (
        "评审记录 {done} 条已编号，{left} 行未采用。",
        "{done} assessments sealed, {left} rows left out.",
    ),
    "batch.done": (
        "第 {number} 批（{host}）{count} 个产品，已编号 {sequence}。",
        "Batch {number} ({host}) with {count} products, sealed as {sequence}.",
    ),
    "batch.unknown": ("没有第 {number} 批。", "There is no batch {number}."),
    "batch.unknown_next": (
        "刚发布的批次要先处理：czt hub run --until-idle。",
        "A new one has to be decided first: czt hub run --until-idle.",
    ),
    "batch.head": (
        "第 {number} 批 · {document} · {host} · {day} · 提出 {by}，同意 {agreed_by} · 日志第 {log_size} 条",
        "Batch {number} · {document} · {host} · {day} · by {by}, agreed by {agreed_by} · log size {log_size}",
    ),
    "two_people": ("提出人和同意人不能是同一个人。", "--by and --agreed-by must be two people."),
    "two_people_next": ("请由另一个人同意。", "Have another person agree."),
    # audit
    "replay.working": ("正在重放 …", "replaying …"),
    "replay.equal": ("重放 {entries} 条，与共享库逐行一致。", "{entries} entries replayed: the store is equal, row for row."),
    "replay.differs": ("重放 {entries} 条，有 {count} 处不一致。", "{entries} entries replayed: {count} differences."),
    "verify.working": ("正在核验 …", "verifying …"),
    "verify.ok": ("审计日志 {size} 条完好，根 {root}", "The log is whole: {size} entries, root {root}"),
    "verify.bad": ("审计日志不可信：有 {count} 项检查不通过。", "The log can't be trusted: {count} checks failed."),
} | CHAINS | CONFORMANCE | DECISIONS | FILES | KEYS | REVIEW | WORDS  # fmt: skip
