"""The metric catalogue as data: every name, label and unit that processes export and dashboards and alerts use."""

import re
from dataclasses import dataclass
from enum import StrEnum

PREFIX = "czt_"
_NAME = re.compile(r"czt(_[a-z][a-z0-9]*)+")
_RESERVED_ENDINGS = ("_total", "_created", "_count", "_sum", "_bucket", "_info")
"""What Prometheus clients append themselves; a base name with one would collide or be misread."""


class MetricKind(StrEnum):
    """Only grows, goes up and down, or counts observations by size."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `name` is the base name that clients are given; a `unit`, where there is one, ends it.

    Raises ValueError for a name that breaks Prometheus' naming rules, so a bad catalogue can't be imported.
    """

    name: str
    kind: MetricKind
    help_en: str
    help_zh: str
    labels: tuple[str, ...] = ()
    unit: str = ""
    buckets: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name.endswith(_RESERVED_ENDINGS):
            raise ValueError(f"{self.name}: expected czt_…, lower case, without an ending that clients append")
        if self.unit and not self.name.endswith(f"_{self.unit}"):
            raise ValueError(f"{self.name}: expected the unit {self.unit} at the end")
        if bool(self.buckets) != (self.kind is MetricKind.HISTOGRAM):
            raise ValueError(f"{self.name}: expected buckets for a histogram, and only there")

    @property
    def samples(self) -> tuple[str, ...]:
        """The names under which a query finds it: counters end in `_total`, histograms have three."""
        if self.kind is MetricKind.COUNTER:
            return (f"{self.name}_total",)
        if self.kind is MetricKind.HISTOGRAM:
            return (f"{self.name}_bucket", f"{self.name}_sum", f"{self.name}_count")
        return (self.name,)


def _counter(name: str, help_en: str, help_zh: str, *labels: str) -> Metric:
    return Metric(PREFIX + name, MetricKind.COUNTER, help_en, help_zh, labels)


def _gauge(name: str, help_en: str, help_zh: str, *labels: str, unit: str = "") -> Metric:
    return Metric(PREFIX + name, MetricKind.GAUGE, help_en, help_zh, labels, unit)


# The city's side.
ROWS_IMPORTED = _counter("rows_imported", "Catalogue rows read, by outcome", "已读入的目录行数，按结果", "city", "outcome")
FILES_WAITING = _gauge("files_waiting", "Files in the watched folder, not yet taken", "收件文件夹中尚未处理的文件数", "city")
FILES_WAITING_OLDEST_SECONDS = _gauge(
    "files_waiting_oldest_seconds",
    "How long the oldest of them has waited; 0 for none",
    "其中等待最久的文件的时长；没有为 0",
    "city",
    unit="seconds",
)
FILES_TAKEN = _counter(
    "files_taken", "Files put away, by shelf: done, held, refused", "已处理的文件数，按去向：done、held、refused", "city", "shelf"
)
FILE_DEFECTS = _counter("file_defects", "Files put aside because the program failed on them", "因程序出错而移开的文件数", "city")
CAPTURED_WAITING = _gauge(
    "captured_waiting", "Row images that triggers wrote and the relay has not taken", "触发器写下、转发程序尚未取走的行数", "city"
)
CAPTURED_WAITING_OLDEST_SECONDS = _gauge(
    "captured_waiting_oldest_seconds",
    "How long the oldest of them has waited; 0 for none",
    "其中等待最久的时长；没有为 0",
    "city",
    unit="seconds",
)
HELD_ROWS = _gauge("held_rows", "Rows and withdrawals that wait for a person", "等人审核的行和撤销数", "city")
HELD_ROWS_OLDEST_SECONDS = _gauge(
    "held_rows_oldest_seconds",
    "How long the oldest of them has waited; 0 for none",
    "其中等待最久的时长；没有为 0",
    "city",
    unit="seconds",
)
RELAY_SEALED = _counter("relay_sealed", "Changes given a sequence and a hash", "已编号封存的变更数", "source")
RELAY_PUBLISHED = _counter("relay_published", "Events acknowledged by the broker", "消息系统已确认收到的事件数", "source")
RELAY_UNSENT = _gauge("relay_unsent", "Changes waiting to be published", "待发布的变更数", "source")
RELAY_OUTAGE_SECONDS = _gauge(
    "relay_outage_seconds",
    "Time since the broker last took events while some wait; 0 when it works",
    "有待发事件而消息系统不可用的时长；正常为 0",
    "source",
    unit="seconds",
)

# Reading and deciding.
RECORDS_READ = _counter("records_read", "Records read from the source's topic", "从该来源主题读取的记录数", "source")
RECORDS_DECIDED = _counter(
    "records_decided",
    "Records with an audit entry, by outcome",
    "已写入审计日志的记录数，按处理结果",
    "source",
    "outcome",
)
RECORDS_REFUSED = _counter("records_refused", "Records refused, by reason", "被拒收的记录数，按原因", "source", "reason")
STATEMENTS_CHECKED = _counter(
    "statements_checked",
    "Closing statements, by result (reason code)",
    "对账单核对次数，按结果（原因代码）",
    "source",
    "reason",
)
BATCH_SECONDS = Metric(
    PREFIX + "batch_seconds",
    MetricKind.HISTOGRAM,
    "Time from a polled batch to its commit",
    "一批记录从读取到提交的用时",
    ("source",),
    "seconds",
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
LAG_RECORDS = _gauge("lag_records", "Records on the topic not yet read", "主题上尚未读取的记录数", "source", unit="records")
FRESHNESS_SECONDS = _gauge(
    "freshness_seconds",
    "Age of the oldest record not yet read; 0 when all are read",
    "最早一条未读记录的等待时长；全部读完为 0",
    "source",
    unit="seconds",
)

# How complete each source is.
RECEIVED_THROUGH = _gauge("received_through", "All events up to this sequence were read", "收讫至：此序号及以前均已读到", "source")
SETTLED_THROUGH = _gauge(
    "settled_through",
    "All events up to this sequence have a final outcome",
    "办结至：此序号及以前均有最终结果",
    "source",
)
VERIFIED_THROUGH = _gauge(
    "verified_through",
    "Sequence of the last statement reproduced here",
    "核验至：最近一份核对一致的对账单的序号",
    "source",
)
GAPS = _gauge("gaps", "Ranges of missing sequences", "缺号区间数", "source")
PARKED = _gauge("parked", "Events parked, and those waiting behind them", "搁置的事件数，含排在其后的", "source")
PARKED_OLDEST_SECONDS = _gauge(
    "parked_oldest_seconds",
    "Age of the oldest parked event; 0 for none",
    "最早一条搁置事件的时长；没有为 0",
    "source",
    unit="seconds",
)
UNVOUCHED = _gauge("unvouched", "Records at the tail that no signature vouches for yet", "末尾尚无签名担保的记录数", "source")
UNVOUCHED_SECONDS = _gauge(
    "unvouched_seconds",
    "Age of the oldest unvouched record; 0 for none",
    "最早一条无签名担保记录的时长；没有为 0",
    "source",
    unit="seconds",
)
FORKED = _gauge(
    "forked",
    "1 while the source's chain contradicts its accepted history",
    "该来源的事件链与已接受的历史矛盾时为 1",
    "source",
)
STATEMENT_DIFFERS = _gauge(
    "statement_differs",
    "Sequence of the last statement that differed, until one agrees; 0 for none",
    "最近一份核对不符的对账单的序号，直到有一份相符；没有为 0",
    "source",
)
DRIFT = _gauge(
    "drift",
    "Differences between store and log, found because a statement differed",
    "因对账单不符而查出的共享库与日志的不一致处数",
    "source",
)
TOPIC_REWOUND = _gauge(
    "topic_rewound", "1 while the stored position lies outside the topic", "已存读取位置超出主题范围时为 1", "source"
)
OPEN_REJECTIONS = _gauge(
    "open_rejections", "Rejected events not yet mended by the source", "被驳回而来源尚未更正的事件数", "source"
)
OWNER_EPOCH = _gauge(
    "owner_epoch", "Epoch of the source's owner; each takeover adds one", "该来源当前归属的轮次；每次接管加一", "source"
)

# The store and what leaves it.
DAY_SECONDS = _gauge(
    "day_seconds",
    "Midnight in Shanghai of the day the store is at, as Unix time; 0 before the first day",
    "库内当前日期（北京时间零点）的 Unix 时间；首日之前为 0",
    unit="seconds",
)
PRODUCTS = _gauge("products", "Products, by recognition status", "互认产品数，按认定状态", "status")
OBJECTIONS_OPEN = _gauge("objections_open", "Objections not settled yet", "尚未了结的异议数")
OBJECTIONS_OVERDUE = _gauge("objections_overdue", "Open objections past their deadline", "期限已过仍未了结的异议数")
CONFLICTS = _gauge("conflicts", "Products of which cities say different things", "各市说法不一的产品数")
LOG_SIZE = _gauge("log_size", "Entries in the audit log", "审计日志条数")
CHECKPOINT_SIZE = _gauge("checkpoint_size", "Log size of the newest signed checkpoint", "最新签名检查点所覆盖的日志条数")
CHECKPOINT_AGE_SECONDS = _gauge(
    "checkpoint_age_seconds", "Time since the newest checkpoint was signed", "距最新检查点签名的时长", unit="seconds"
)
OUTBOUND_LAG_ENTRIES = _gauge(
    "outbound_lag_entries",
    "Audit entries not yet sent on as receipts and products",
    "尚未转为回执与产品消息的审计条目数",
    unit="entries",
)
RECEIPTS_SENT = _counter("receipts_sent", "Receipts sent to the source", "已发给该来源的回执数", "source")
PRODUCTS_PUBLISHED = _counter("products_published", "Products published or published again", "产品消息发布次数，含重发")

# The console.
HTTP_REQUESTS = _counter(
    "http_requests", "Requests answered, by route and status", "已答复的请求数，按路径模板和状态码", "route", "status"
)
HTTP_REQUEST_SECONDS = Metric(
    PREFIX + "http_request_seconds",
    MetricKind.HISTOGRAM,
    "Time from a request to the end of its answer, waiting included",
    "从收到请求到答复完毕的用时，含等待",
    ("route",),
    "seconds",
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)

CATALOGUE: tuple[Metric, ...] = (
    ROWS_IMPORTED,
    FILES_WAITING,
    FILES_WAITING_OLDEST_SECONDS,
    FILES_TAKEN,
    FILE_DEFECTS,
    CAPTURED_WAITING,
    CAPTURED_WAITING_OLDEST_SECONDS,
    HELD_ROWS,
    HELD_ROWS_OLDEST_SECONDS,
    RELAY_SEALED,
    RELAY_PUBLISHED,
    RELAY_UNSENT,
    RELAY_OUTAGE_SECONDS,
    RECORDS_READ,
    RECORDS_DECIDED,
    RECORDS_REFUSED,
    STATEMENTS_CHECKED,
    BATCH_SECONDS,
    LAG_RECORDS,
    FRESHNESS_SECONDS,
    RECEIVED_THROUGH,
    SETTLED_THROUGH,
    VERIFIED_THROUGH,
    GAPS,
    PARKED,
    PARKED_OLDEST_SECONDS,
    UNVOUCHED,
    UNVOUCHED_SECONDS,
    FORKED,
    STATEMENT_DIFFERS,
    DRIFT,
    TOPIC_REWOUND,
    OPEN_REJECTIONS,
    OWNER_EPOCH,
    DAY_SECONDS,
    PRODUCTS,
    OBJECTIONS_OPEN,
    OBJECTIONS_OVERDUE,
    CONFLICTS,
    LOG_SIZE,
    CHECKPOINT_SIZE,
    CHECKPOINT_AGE_SECONDS,
    OUTBOUND_LAG_ENTRIES,
    RECEIPTS_SENT,
    PRODUCTS_PUBLISHED,
    HTTP_REQUESTS,
    HTTP_REQUEST_SECONDS,
)
"""Every metric, in the order of this file."""
