"""The error tree: everything that can make a command stop. What can happen to an event is not here (see reasons).

CztError                    what happened, what was expected, the next step
├── UsageError              exit 2: settings, arguments, files
│   ├── SettingsInvalid
│   ├── FileRefused         a catalogue or sheet that can't be taken as a whole; carries a reason code
│   ├── TableRefused        a city's own table that can't be captured
│   ├── KeyMissing
│   ├── KeyUnusable         a key file that others can read, or that holds something else
│   ├── DatabaseUnusable    something is at the address, but not this database, or it refuses us
│   └── SchemaOutdated      the database is not at this version's tables
├── AnswerIsNo              exit 1: not an error of the program, the honest answer
├── ServiceError            exit 3, retriable
│   ├── BrokerUnavailable
│   │   └── PublishInterrupted
│   ├── StoreUnavailable
│   ├── TopicMissing
│   └── Overloaded          the console has as much to do as it takes
├── TopicMismatch           exit 2
├── UnsafeDatabase          exit 2: fsync or synchronous_commit off
├── PositionLost            exit 1: a position outside its topic: the broker was rebuilt
├── RegisterRestored        exit 1: the source's own topic holds events that its database lacks
├── Fenced                  exit 3: another process owns the source now; this one leaves
└── LogRolledBack           exit 1: the log is shorter than, or differs from, what was signed
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Both:
    """A sentence in Chinese and in English."""

    zh: str
    en: str

    def in_(self, lang: Literal["zh", "en"]) -> str:
        """The sentence in one of them."""
        return self.zh if lang == "zh" else self.en


class CztError(Exception):
    """Something stopped the command. `str()` is the sentence a person reads; `next_step` says what to do.

    Both may be given in one language or in both. `message` and `next_step` are what logs and metrics show: the English
    one, or the only one.
    """

    exit_code = 1
    reason = "failed"
    retriable = False

    def __init__(self, message: str | Both, next_step: str | Both = "") -> None:
        self.message = message.en if isinstance(message, Both) else message
        self.next_step = next_step.en if isinstance(next_step, Both) else next_step
        super().__init__(self.message)
        self._said = (message, next_step)

    def said(self, lang: Literal["zh", "en"]) -> tuple[str, str] | None:
        """Message and next step in this language; None when the message was given in one language only."""
        message, next_step = self._said
        if not isinstance(message, Both):
            return None
        return message.in_(lang), next_step.in_(lang) if isinstance(next_step, Both) else next_step


class UsageError(CztError):
    """The command was called in a way that can't work. Correct the call or the settings."""

    exit_code = 2
    reason = "usage"


class SettingsInvalid(UsageError):
    """One or more settings are wrong; all are named at once."""

    reason = "settings_invalid"


class FileRefused(UsageError):
    """A whole file can't be taken. `reason` is a code of the catalogue."""

    def __init__(self, reason: str, message: str | Both, next_step: str | Both = "") -> None:
        super().__init__(message, next_step)
        self.reason = reason


class TableRefused(UsageError):
    """The city's own table can't be captured: it is not there, or is not what its mapping says. Correct one or the other."""

    reason = "table_refused"


class KeyMissing(UsageError):
    """A key file is not where it is looked for. Make it with `czt init` or `czt joint init-keys`."""

    reason = "key_missing"


class KeyUnusable(UsageError):
    """A key file is there and can't be used: others can read it, or it holds something else."""

    reason = "key_unusable"


class DatabaseUnusable(UsageError):
    """What is at the address can't be used: a folder, another file, another's tables, a refused password. Waiting won't help."""

    reason = "database_unusable"


class SchemaOutdated(UsageError):
    """The database is not at this version's tables. Run `czt init`."""

    reason = "schema_outdated"


class AnswerIsNo(CztError):
    """The question was answered, and the answer is no."""

    exit_code = 1
    reason = "answer_is_no"


class ServiceError(CztError):
    """A service did not answer. Sending again later may work."""

    exit_code = 3
    reason = "service_unreachable"
    retriable = True


class BrokerUnavailable(ServiceError):
    """The broker did not answer."""

    reason = "broker_unreachable"


class PublishInterrupted(BrokerUnavailable):
    """The broker failed on the way. `acknowledged` holds the offsets of the prefix that arrived for certain."""

    def __init__(self, acknowledged: Sequence[int], message: str | Both, next_step: str | Both = "") -> None:
        super().__init__(message, next_step)
        self.acknowledged = list(acknowledged)


class StoreUnavailable(ServiceError):
    """The database did not answer."""

    reason = "store_unreachable"


class TopicMissing(ServiceError):
    """A topic does not exist, or this user may not see it. Run `czt init`, or check the ACL."""

    reason = "topic_missing"


class Overloaded(ServiceError):
    """The console answers as many questions as it takes at a time, or this one takes too long. Ask again later."""

    reason = "overloaded"


class TopicMismatch(UsageError):
    """A topic exists with other partitions or another cleanup policy than the contract's."""

    reason = "topic_mismatch"


class UnsafeDatabase(UsageError):
    """A database that may lose committed rows in a crash. Turn `fsync` and `synchronous_commit` on."""

    reason = "database_unsafe"


class PositionLost(CztError):
    """The stored position lies outside its topic: the broker was rebuilt or lost records."""

    reason = "topic_rewound"


REBUILT = Both("消息系统是不是重建过？查明后运行 czt hub rewind 来源。", "Was the broker rebuilt? Then `czt hub rewind SOURCE`")
"""The next step of `PositionLost`."""


class RegisterRestored(CztError):
    """The source's own topic holds events under its key that its database lacks. Run `czt city catch-up`."""

    reason = "register_restored"


class Fenced(CztError):
    """Another process owns this source now. This one leaves without having written anything."""

    exit_code = 3
    reason = "fenced"


class LogRolledBack(CztError):
    """The audit log is shorter than, or differs from, a checkpoint that was signed before."""

    reason = "log_rolled_back"
