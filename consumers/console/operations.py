"""What can be asked: each address with its question, its answer's shape, and how it is found. Routes and OpenAPI come from here."""

from dataclasses import dataclass

from pydantic import BaseModel

from consumers.console import answers, finding, questions
from consumers.console.batch_answers import Batch, Batches
from consumers.console.finding import PREFIX, Find, of_the_store
from consumers.console.status_answer import Status
from schemas.errors import Both


@dataclass(frozen=True, slots=True)
class Operation:
    """One address. `shape` None: the answer is no JSON. `find` blocks; it is called in a thread."""

    path: str
    summary: Both
    question: type[questions.Question]
    shape: type[BaseModel] | None
    find: Find
    media_type: str = "application/json"


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        f"{PREFIX}/products",
        Both("互认产品及其状态", "Products and their recognition status"),
        questions.Products,
        answers.Products,
        of_the_store(finding.products),
    ),
    Operation(
        f"{PREFIX}/products/{{key}}",
        Both("一个产品，每个字段的出处；也可看过去某一刻", "One product, and where each field comes from; also as it was known"),
        questions.Product,
        answers.GoldenProduct,
        finding.product,
    ),
    Operation(
        f"{PREFIX}/products/{{key}}/history",
        Both("改变过一个产品的全部记录", "Everything that changed a product"),
        questions.ProductHistory,
        answers.ProductHistory,
        of_the_store(finding.history),
    ),
    Operation(
        f"{PREFIX}/entries/{{city}}/{{certificate_no:path}}",
        Both("一条目录的现状和全部经过", "One register entry, and all that happened to it"),
        questions.Entry,
        answers.Entry,
        of_the_store(finding.entry),
    ),
    Operation(
        f"{PREFIX}/lookup",
        Both("一个产品是否互认及其依据", "Whether a product is recognised, and on what basis"),
        questions.Lookup,
        answers.Lookup,
        of_the_store(finding.lookup),
    ),
    Operation(
        f"{PREFIX}/batches",
        Both("已公布的批次", "Published batches"),
        questions.Nothing,
        Batches,
        of_the_store(finding.batches),
    ),
    Operation(
        f"{PREFIX}/batches/{{n}}",
        Both("一批的内容及其现状", "A batch, and its products as they are now"),
        questions.Batch,
        Batch,
        of_the_store(finding.batch),
    ),
    Operation(
        f"{PREFIX}/changes",
        Both("自某一日志序号以来变化的产品，可等候", "Products that changed since a log index; can wait for the next"),
        questions.Changes,
        answers.Changes,
        of_the_store(finding.changes),
    ),
    Operation(f"{PREFIX}/status", Both("共享端概况", "How the shared side stands"), questions.Nothing, Status, finding.status),
    Operation(
        f"{PREFIX}/checkpoint",
        Both("最近一次签名的日志条数和根（C2SP 检查点）", "The log's newest signed size and root (C2SP tlog-checkpoint)"),
        questions.Nothing,
        None,
        finding.checkpoint,
        "text/plain",
    ),
    Operation(
        f"{PREFIX}/tile/{{tile:path}}",
        Both("日志的哈希块和条目（C2SP tlog-tiles）", "Tiles and entries of the log (C2SP tlog-tiles)"),
        questions.Tile,
        None,
        finding.tile,
        "application/octet-stream",
    ),
)
