"""Settings: what a process is told from outside, each with its meaning, its default and its limits; read once, frozen."""

import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from schemas.fields import CityWord

if TYPE_CHECKING:
    from deploy.cities.read import Cities

PREFIX = "CZT_"
REGISTER_URL = PREFIX + "REGISTER_URL_"
"""Of a city's register, with the city's word behind it."""

_SQLITE = re.compile(r"sqlite:///.+")
_POSTGRES = re.compile(r"postgresql\+psycopg://[^/]*/.+")
_KAFKA = re.compile(r"kafka://(?P<hosts>[^/,:\s]+:\d{1,5}(,[^/,:\s]+:\d{1,5})*)/?")
_WEB = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_DATABASE = "sqlite:///file or postgresql+psycopg://user@host/database"

Port = Annotated[int, Field(ge=0, le=65535)]
File = Annotated[Path, AfterValidator(Path.expanduser)]


def _told(zh: str, en: str, default: Any, **limits: Any) -> Any:
    """A field with its description in both languages. A default in text form holds `{home}` where it depends on it."""
    if isinstance(default, str) and "{home}" in default:
        # Not in repr(): a database address may hold a password.
        return Field(default=None, repr=False, description=en, json_schema_extra={"zh": zh, "at": default})
    return Field(default=default, description=en, json_schema_extra={"zh": zh}, **limits)


def _database_url(url: str) -> str:
    if not _SQLITE.fullmatch(url) and not _POSTGRES.fullmatch(url):
        raise ValueError(_DATABASE)
    return url


Database = Annotated[str, AfterValidator(_database_url)]


class Settings(BaseSettings):
    """All settings. Read them with `read_settings`, which names every mistake; a changed one is an error."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    home: File = _told("文件存放的目录", "folder of all files", Path("var"))
    broker_url: str = _told(
        "消息系统：`sqlite:///文件` 或 `kafka://主机:端口,…`",
        "the broker: `sqlite:///file` or `kafka://host:port,…`",
        "sqlite:///{home}/broker.db",
    )
    store_url: Database = _told(
        "共享库：`sqlite:///文件` 或 `postgresql+psycopg://…`",
        "the shared store: `sqlite:///file` or `postgresql+psycopg://…`",
        "sqlite:///{home}/store.db",
    )
    city_dir: File = _told(
        "本部署另加的城市文件（`<city>.toml`）；与随程序附带的同名时以这里的为准",
        "folder of city files (`<city>.toml`) besides the program's own; one of the same name stands for the program's",
        "{home}/cities",
    )
    register_url: Annotated[dict[CityWord, Database], NoDecode] = Field(
        default_factory=dict,
        repr=False,  # a database address may hold a password
        description="the city's register, one setting for each city",
        json_schema_extra={"zh": "该市名录库，每市一项", "each": "<city>", "shown": "sqlite:///{home}/register-<city>.db"},
    )
    joint_url: Database = _told("联席办发件库", "the joint office's outbox", "sqlite:///{home}/joint.db")
    checkpoints_file: File = _told(
        "检查点存档；最好与共享库不在同一块磁盘上",
        "archive of signed checkpoints; better on another disk than the store",
        "{home}/checkpoints.db",
    )
    key_dir: File = _told("私钥目录", "folder of the private keys", "{home}/keys")
    trust_file: File = _told("联席办公钥文件", "file with the joint office's public key", "{home}/trust.pub")
    kafka_security: Literal["plaintext", "sasl_ssl"] = _told(
        "Kafka 连接方式：`plaintext` 或 `sasl_ssl`", "how to connect to Kafka: `plaintext` or `sasl_ssl`", "plaintext"
    )
    kafka_username: str = _told("Kafka 用户名", "Kafka user name", "")
    kafka_password_file: File | None = _told("存放 Kafka 密码的文件", "file that holds the Kafka password", None)
    kafka_ca_file: File | None = _told("Kafka 的 CA 证书文件", "file with Kafka's CA certificate", None)
    kafka_replication: int = _told("新建主题的副本数", "replicas of each topic that `czt init` creates", 1, ge=1, le=99)
    log_origin: str = _told(
        "审计日志名称，写在每个检查点上，启用后不可更改",
        "name of the audit log on every checkpoint; never change it once in use",
        "czt.local/shared-store",
    )
    public_url: str = _told(
        "公布批次证明的网址（控制台尚无网页）；批次上的二维码指向 `网址/batches/批号`。不设则二维码只含日志名称、条数、根和批号",
        "web address where batches and their proofs are shown (the console has no pages yet); the code on a batch leads to "
        "`ADDRESS/batches/N`. Without it the code holds the log's name, size and root, and the batch's number",
        "",
    )
    state_digest_every: int = _told(
        "至少隔多少条审计记录写一次状态摘要（本版本尚不写）",
        "audit entries between state digests, at least (not in this version)",
        10_000,
        ge=1,
    )
    owner_lease_seconds: float = _told(
        "来源归属的租期（秒）：主处理程序停止后，备用程序多久可以接管",
        "seconds after which a standby may take over a source whose hub fell silent",
        10.0,
        ge=0.5,
        le=3600,
    )
    silence_seconds: float = _told(
        "事务中的进程停顿多久（秒）后，PostgreSQL 放弃该事务，让备用程序接管",
        "seconds after which PostgreSQL gives up a transaction whose process fell silent, so that a standby can take over",
        60.0,
        ge=0.5,
        le=3600,
    )
    delivery_timeout_seconds: float = _told(
        "Kafka 中断多久（秒）以内由客户端自行等待；超过则从未确认的一条起重新发送",
        "seconds that a Kafka outage is sat out; after that, sending begins again with the first event that was not acknowledged",
        120.0,
        ge=1,
        le=3600,
    )
    max_file_bytes: int = _told("目录文件最大字节数", "largest catalogue file, in bytes", 64 * 1024 * 1024, ge=1024)
    max_unpacked_bytes: int = _told("目录文件解压后最大字节数", "largest catalogue unpacked, in bytes", 256 * 1024 * 1024, ge=1024)
    max_file_rows: int = _told(
        "目录文件最大行数（含只有格式的空行）", "most rows of a catalogue, formatted empty ones included", 200_000, ge=10
    )
    watch_mode: Literal["auto", "events", "polling"] = _told(
        "收件文件夹如何看守；`auto`：网络驱动器定时查看（`polling`），其余由系统通知（`events`）",
        "how a folder is watched; `auto`: network drives are looked at again and again (`polling`), others tell (`events`)",
        "auto",
    )
    watch_poll_seconds: float = _told(
        "隔多久（秒）查看一次收件文件夹", "seconds between looks at a watched folder", 5.0, ge=0.05, le=3600
    )
    watch_settle_seconds: float = _told(
        "文件多久（秒）没有变化才读取", "seconds a file must not change before it is read", 2.0, ge=0.05, le=3600
    )
    watch_patience_seconds: float = _told(
        "读不出来的文件等多久（秒）才退回：可能还在复制",
        "seconds to wait for a file that can't be read before it is refused: it may still be on its way",
        30.0,
        ge=0.05,
        le=86400,
    )
    metrics_port: Port = _told(
        "`/metrics`、`/healthz`、`/readyz` 的端口；0 为不开",
        "port of `/metrics`, `/healthz` and `/readyz`; 0 means none",
        0,
    )
    metrics_host: str = _told("上述端口的监听地址", "address that port listens on", "127.0.0.1")
    console_host: str = _told(
        "控制台（`czt console`）的监听地址", "address that the console (`czt console`) listens on", "127.0.0.1"
    )
    console_port: Port = _told(
        "控制台的端口；0 为任选一个空闲的，见日志 `listening`",
        "port of the console; 0 means any free one: see `listening` in the log",
        0,
    )
    lang: Literal["zh", "en"] | None = _told("输出语言；不设则按系统区域", "language of the output; the locale's if not set", None)
    log_format: Literal["auto", "console", "json"] = _told(
        "日志格式；`auto`：终端上为文本，否则为 JSON",
        "form of the log; `auto`: text on a terminal, JSON otherwise",
        "auto",
    )
    log_level: Literal["debug", "info", "warning", "error"] = _told("日志级别", "lowest level that is logged", "info")

    @model_validator(mode="before")
    @classmethod
    def _under_home(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Every file that has no place of its own lies under `home`."""
        home = str(Path(str(given.get("home", "var"))).expanduser())
        places = {name: at for name, at in _places().items() if name not in given}
        return given | {name: at.format(home=home) for name, at in places.items()}

    @field_validator("register_url", mode="before")
    @classmethod
    def _registers(cls, urls: Any) -> Any:
        if not isinstance(urls, dict):
            raise ValueError(f"one setting for each city: {REGISTER_URL}<CITY>")
        return urls

    @field_validator("broker_url")
    @classmethod
    def _broker(cls, url: str) -> str:
        if not _SQLITE.fullmatch(url) and not _KAFKA.fullmatch(url):
            raise ValueError("sqlite:///file or kafka://host:port,host:port")
        return url

    @field_validator("log_origin")
    @classmethod
    def _origin(cls, name: str) -> str:
        from schemas.note import is_name  # brings the cryptography package, which most commands don't need

        if not is_name(name):
            raise ValueError("a name without spaces and plus signs (C2SP signed-note)")
        return name

    @field_validator("public_url")
    @classmethod
    def _address(cls, url: str) -> str:
        if url and not _WEB.fullmatch(url):
            raise ValueError("http:// or https://, a host, and no ? or #")
        return url.rstrip("/")

    @field_validator("kafka_password_file", "kafka_ca_file")
    @classmethod
    def _is_there(cls, file: Path | None) -> Path | None:
        if file is not None and not file.is_file():
            raise ValueError("a file that exists")
        return file

    @property
    def broker_file(self) -> Path | None:
        """The embedded broker's file; None with Kafka."""
        return Path(self.broker_url.removeprefix("sqlite:///")) if _SQLITE.fullmatch(self.broker_url) else None

    @property
    def bootstrap(self) -> tuple[str, ...]:
        """Kafka's `host:port`s; empty with the embedded broker."""
        kafka = _KAFKA.fullmatch(self.broker_url)
        return tuple(kafka["hosts"].split(",")) if kafka else ()

    def register_of(self, word: str) -> str:
        """Where the register of the city with this word is."""
        return self.register_url.get(word, f"sqlite:///{self.home}/register-{word}.db")

    @cached_property
    def cities(self) -> "Cities":
        """The cities that take part, read once. Raises `SettingsInvalid`."""
        from deploy.cities.read import read_cities  # what reads catalogues, which most commands don't need

        return read_cities(self.city_dir)


def _places() -> dict[str, str]:
    """Fields that lie under CZT_HOME unless they are set, and where."""
    extras = {name: extra_of(name) for name in Settings.model_fields}
    return {name: extra["at"] for name, extra in extras.items() if "at" in extra}


def extra_of(name: str) -> dict[str, str]:
    """What a field says of itself beside its default: meaning in Chinese, place under CZT_HOME, and the like."""
    extra = Settings.model_fields[name].json_schema_extra
    assert isinstance(extra, dict)
    return {key: str(value) for key, value in extra.items()}


def apart(settings: Settings, home: Path) -> Settings:
    """The same limits and cities for an embedded installation that lies wholly under `home`."""
    places = {name: at.format(home=home) for name, at in _places().items()}
    own = {"home": home, "city_dir": settings.city_dir, "register_url": {}, "kafka_security": "plaintext"}
    return Settings(**settings.model_dump() | places | own)
