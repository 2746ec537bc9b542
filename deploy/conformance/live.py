"""Cases on a city's real parts. They read and never write: no row, no record, no file.

So the right to write to the city's topic is not among them; the first `czt city relay --once` shows it.
"""

from deploy.checks import require_same_time
from deploy.conformance.case import Case, CaseFailed
from deploy.key_rotation import keys_trusted
from deploy.keys import load_public, public_file
from deploy.trust import check_trust
from deploy.wiring import Wiring
from schemas.city import City
from schemas.errors import Both
from schemas.signing import keyid_of
from schemas.topics import JOINT, receipts_topic, topic_of

OFFICES_TURN = "trusted"
"""The case that the joint office makes good: before it decides, a city hands in its report with this one open."""


def live_cases(wiring: Wiring, city: City) -> list[Case]:
    """Key, register and its captured table, topics, the trust file and the joint office's trust."""
    captured = wiring.city_file(city.source).capture is not None
    capture = [Case("capture", "live", _CAPTURE, lambda: _capture(wiring, city), ("register",))] if captured else []
    return [
        Case("key", "live", _KEY, lambda: _key(wiring, city)),
        Case("register", "live", _REGISTER, lambda: _register(wiring, city)),
        *capture,
        Case("topics", "live", _TOPICS, lambda: _topics(wiring, city)),
        Case("joint_key", "live", _JOINT_KEY, lambda: _joint_key(wiring), ("topics",)),
        Case(OFFICES_TURN, "live", _TRUSTED, lambda: _trusted(wiring, city), ("joint_key",)),
    ]


_KEY = Both(
    "私钥只有本用户可读，公钥文件与它成对", "the private key is readable by its owner only, and the public file is its counterpart"
)
_REGISTER = Both(
    "登记库连得上，是本市的，表是当前版本，时间一致",
    "the register answers, is this city's, has current tables, and agrees on the time",
)
_CAPTURE = Both("[capture] 所指的表能采集", "the table that [capture] names can be captured")
_TOPICS = Both("读得到本市主题、回执主题和联席办主题", "the city's topic, its receipts and the joint office's topic can be read")
_JOINT_KEY = Both("信任文件里是联席办最初的公钥", "the trust file holds the joint office's first key")
_TRUSTED = Both("联席办信任本市现用的密钥，并认定是本市的", "the joint office trusts the key in use, as this city's")


def _key(wiring: Wiring, city: City) -> Both:
    signer = wiring.signer(city.source)
    file = public_file(wiring.settings.key_dir, city.word)
    there = keyid_of(load_public(file))
    if there != signer.keyid:
        raise CaseFailed(
            Both(f"{file} 是 {there} 的公钥，私钥却是 {signer.keyid}", f"{file} is key {there}, the private key is {signer.keyid}"),
            Both(
                f"把 {file} 移开，运行 czt init 按私钥重写，再交给联席办。",
                f"Move {file} away, run `czt init`, which writes it anew from the private key, and hand that in.",
            ),
        )
    return Both(f"密钥 {there}", f"key {there}")


def _register(wiring: Wiring, city: City) -> Both:
    from deploy.databases import check_durable, reader_engine, shown
    from producers.seal import is_prepared
    from schemas.tables.transactions import transaction

    url = wiring.source_url(city.source)
    engine = reader_engine(wiring.existing(url, "source"))
    check_durable(engine)
    with transaction(engine) as connection:
        is_prepared(connection, city.source)
    require_same_time(wiring.clock, engine)
    return Both(shown(url), shown(url))


def _capture(wiring: Wiring, city: City) -> Both:
    from deploy.databases import reader_engine
    from producers.capture.installing import required_mapping
    from producers.capture.looking import look, role_of
    from producers.capture.shape import require_fitting
    from schemas.tables.transactions import transaction

    mapping = required_mapping(wiring.city_file(city.source))
    with transaction(reader_engine(wiring.existing(wiring.source_url(city.source), "source"))) as connection:
        require_fitting(look(connection, mapping.table), mapping, role=role_of(connection))
    return Both(f"{mapping.table}：{len(mapping.columns)} 列", f"{mapping.table}: {len(mapping.columns)} columns")


def _topics(wiring: Wiring, city: City) -> Both:
    topics = (topic_of(city.source), receipts_topic(city.source), JOINT)
    counts = {topic: wiring.subscriber.end_offset(topic, 0) for topic in topics}
    return Both(
        "，".join(f"{topic} {count} 条" for topic, count in counts.items()),
        ", ".join(f"{topic} {count} records" for topic, count in counts.items()),
    )


def _joint_key(wiring: Wiring) -> Both:
    found = check_trust(wiring)
    return Both(found, found)


def _trusted(wiring: Wiring, city: City) -> Both:
    keyid = wiring.signer(city.source).keyid
    known = keys_trusted(wiring, city.source).get(keyid)
    file = public_file(wiring.settings.key_dir, city.word)
    if known is None:
        raise CaseFailed(
            Both(f"联席办还没有信任密钥 {keyid}", f"the joint office does not trust key {keyid} yet"),
            Both(f"把 {file} 连同本报告交给联席办。", f"Hand {file} and this report to the joint office."),
        )
    if known.revoked_after is not None:
        raise CaseFailed(
            Both(f"密钥 {keyid} 已吊销", f"key {keyid} was revoked"),
            Both(f"换一把：czt city key new --city {city.word}", f"Use another: `czt city key new --city {city.word}`."),
        )
    if known.register_city != city.code:
        raise CaseFailed(
            Both(
                f"决定里的城市是 {known.register_city}，应为 {city.code}", f"trusted as {known.register_city}, expected {city.code}"
            ),
            Both(
                "各方放同一份城市文件，再请联席办决定一次。",
                "Have everybody use the same city file, and the joint office decide again.",
            ),
        )
    return Both(f"密钥 {keyid}，{city.code}", f"key {keyid}, {city.code}")
