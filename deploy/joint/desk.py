"""What the joint office's commands do: look things up in the store, word the decisions, send them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from consumers.store import log
from consumers.store.load import Loader
from deploy.joint.office import Answer, JointOffice
from deploy.joint.proposals import assessed, batch_published
from deploy.joint.sheet import AssessmentRow
from deploy.wiring import Wiring
from schemas.city import JOINT_OFFICE
from schemas.decisions import BatchItem
from schemas.errors import AnswerIsNo, Both
from schemas.tables import store as t

UNSIGNED = "joint-office"
"""Who records an assessment when neither the command nor the sheet names a person."""


def office(wiring: Wiring) -> JointOffice:
    """The joint office, ready to decide. Raises `KeyMissing`, `SchemaOutdated`, `StoreUnavailable`."""
    return JointOffice(wiring.source_engine(JOINT_OFFICE), wiring.relay(JOINT_OFFICE), wiring.clock)


@dataclass(frozen=True, slots=True)
class Assessed:
    """A sheet that was worked through: the rows, and the answer of each that became a decision, by row number."""

    rows: tuple[AssessmentRow, ...]
    answers: dict[int, Answer]

    def as_json(self) -> dict[str, Any]:
        """The contract's answer (of the last decision) with what became of each row."""
        last = self.answers[max(self.answers)] if self.answers else Answer(None, published=False)
        published = bool(self.answers) and all(answer.published for answer in self.answers.values())
        return replace(last, published=published).as_json() | {"rows": [self._row(row) for row in self.rows]}

    def _row(self, row: AssessmentRow) -> dict[str, Any]:
        answer = self.answers.get(row.row)
        return {
            "row": row.row,
            "city": row.city.word if row.city else None,
            "certificate_no": row.certificate_no,
            "sequence": answer.sequence if answer else None,
            "problem": row.problem,
        }


def assess(wiring: Wiring, sheet: Sequence[AssessmentRow], by: str | None) -> Assessed:
    """Record the finding of every row whose listing the store has, on the version it has now; name the others."""
    with wiring.store.snapshot() as loader:
        size = log.size(loader.connection)
        wanted = [(row.city.word, row.certificate_no) for row in sheet if row.problem is None and row.city]
        known = loader.listings(wanted) if wanted else {}
    done: list[AssessmentRow] = []
    proposals = {}
    for row in sheet:
        listing = known.get((row.city.word, row.certificate_no)) if row.city else None
        if row.problem is None and listing is None:
            done.append(replace(row, problem="assess.no_listing"))
            continue
        done.append(row)
        if row.problem is None and listing is not None:
            person = by or row.assessors or UNSIGNED
            proposals[row.row] = assessed(row, listing.entry_version, person[:100], size)
    answers = office(wiring).decide(list(proposals.values())) if proposals else []
    return Assessed(tuple(done), dict(zip(proposals, answers, strict=True)))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A batch as it was published: host city's word and products, with the answer."""

    host: str
    products: int
    answer: Answer


def publish_batch(wiring: Wiring, number: int, document: str, people: tuple[str, str]) -> Drawn:
    """Publish every product that is eligible now, each with its row's hash, at the log's size.

    Raises `AnswerIsNo` when there is none, no day or rule set, or the number is taken; `UsageError` for values the
    published schema doesn't take.
    """
    with wiring.store.snapshot() as loader:
        size = log.size(loader.connection)
        context = loader.context(exclusive=False, lock=False)
        items = _eligible(loader)
    if context.rules is None:
        raise AnswerIsNo(
            Both("还没有启用规则集，不能公布批次。", "No rule set is in force; a batch can't be published."),
            "czt joint rules activate",
        )
    if context.day is None:
        raise AnswerIsNo(
            Both("还没有开始任何一天，不能公布批次。", "No day has begun; a batch can't be published."),
            Both("czt joint day 日期", "czt joint day DAY"),
        )
    if number <= context.last_batch:
        following = context.last_batch + 1
        raise AnswerIsNo(
            Both(f"第 {number} 批已经公布过。", f"Batch {number} was published before."),
            Both(f"下一批是第 {following} 批。", f"The next one is number {following}."),
        )
    if not items:
        raise AnswerIsNo(
            Both("没有拟列入的产品，批次不能是空的。", "No product is eligible, and a batch can't be empty."),
            Both(
                "请先录入评审（czt joint assess）并处理（czt hub run --until-idle）。",
                "Record assessments (czt joint assess) and decide them (czt hub run --until-idle) first.",
            ),
        )
    host = context.rules.host_of(number)
    proposal = batch_published(number, host, context.day, document, items, people, size)
    answer = office(wiring).decide([proposal])[0]
    return Drawn(host, len(items), answer)


def _eligible(loader: Loader) -> list[BatchItem]:
    query = select(t.product.c.product_key, t.product.c.hash).where(t.product.c.status == "eligible")
    found = loader.connection.execute(query.order_by(t.product.c.product_key))
    return [BatchItem(product_key=row.product_key, state_hash=row.hash) for row in found]
