"""The chapters at real size: 150 enterprises and 263 products, then a rolling second batch."""

from deploy.demo import files
from deploy.demo.catalogue_acts import show_totals
from deploy.demo.full_size import write_edition
from deploy.demo.office_acts import printed, publish
from deploy.demo.teller import DAY, Teller


def full_catalogues(teller: Teller) -> None:
    """Three clean catalogues of the real size."""
    teller.title("三市各交一份实际规模的目录", "Three cities hand in catalogues of the real size")
    _hand_in(teller, second=False)


def first_batch_of_real_size(teller: Teller) -> None:
    """All of it assessed and published."""
    teller.title("联席办评审，公布第一批", "The joint office assesses and publishes the first batch")
    _assess_and_publish(teller, 1, "〔2021〕12号")


def second_batch_of_real_size(teller: Teller) -> None:
    """Later editions; what is new in them becomes the second batch."""
    teller.title("滚动发布：三市交新一版，新增的成为第二批", "Rolling on: new editions; what they add becomes the second batch")
    _hand_in(teller, second=True)
    _assess_and_publish(teller, 2, "〔2021〕27号")


def _hand_in(teller: Teller, *, second: bool) -> None:
    for city in files.CITIES.values():
        path = write_edition(teller.papers, city, second=second)
        report = teller.session.run("city", "import", str(path), "--city", city.word, "--as-of", DAY)
        show_totals(teller, city, report)
    teller.relay()
    teller.hub()


def _assess_and_publish(teller: Teller, number: int, document: str) -> None:
    listings = [one for product in teller.products("--status", "candidate") for one in product["listings"]]
    sheet = files.write_assessments(teller.papers / f"assessment-{number}.xlsx", listings, ())
    teller.joint("assess", str(sheet), "--by", "评审组")
    publish(teller, number, document)
    printed(teller, number)
    teller.say(
        f"    共享库已列入 {len(teller.products('--status', 'recognized'))} 个产品",
        f"    {len(teller.products('--status', 'recognized'))} products are recognised now",
    )
