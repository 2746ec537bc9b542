"""One file of a watched folder from its bytes to its place on a shelf, with the answer and the reports beside it."""

import hashlib
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.importing import ImportDesk
from deploy.watching import names
from deploy.watching.decide import Found, Kind
from deploy.watching.folder import DONE, HELD, REFUSED, Folder
from producers.answers.report import DEFECT, Imported, defect_json, defect_text, json_report, refusal_json, refusal_text
from producers.answers.write import Answer, answer_to
from producers.catalogue.package_guard import too_many_bytes
from producers.importing import ImportOptions, ImportResult, seen
from schemas.city import City
from schemas.codec import shanghai_time
from schemas.errors import Both, FileRefused


class NotYet(Exception):
    """The file changed while it was being read: it is waited for again."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of a file: the shelf it lies on and under which name; totals and changes, or the reason of a refusal."""

    file: str
    shelf: str
    name: str
    reason: str | None = None
    totals: Mapping[str, int] | None = None
    events: int = 0
    answer_file: str | None = None

    @property
    def clean(self) -> bool:
        """Whether nobody has anything to do."""
        return self.shelf == DONE and self.answer_file is None

    def as_json(self) -> dict[str, Any]:
        """One of `files` of `city watch --once --json`."""
        return {
            "file": self.file,
            "shelf": self.shelf,
            "kept_as": self.name,
            "reason": self.reason,
            "totals": dict(self.totals) if self.totals is not None else None,
            "events": self.events,
            "answer_file": self.answer_file,
        }


@dataclass(frozen=True)
class WatchDesk:
    """Takes files of one folder for one city. `complete`: each file is the whole register, what it lacks is withdrawn."""

    folder: Folder
    desk: ImportDesk
    complete: bool

    @property
    def city(self) -> City:
        """Whose register."""
        return self.desk.city_file.city

    def take(self, found: Found) -> Handled:
        """Import a file and put it away.

        Raises `NotYet`, `FileRefused` (nothing was changed), `StoreUnavailable`, and OSError where the file can't be read
        or put away: it is in the register then, and the next attempt finds that it was seen before.
        """
        name = names.readable(found.name)
        if found.size > self.desk.limits.file_bytes:
            raise too_many_bytes(name, self.desk.limits.file_bytes)
        data = self.folder.read(found)
        if data is None:
            raise NotYet
        return self._imported(found, data, self.desk.import_bytes(data, name, ImportOptions(complete=self.complete)))

    def _imported(self, found: Found, data: bytes, result: ImportResult) -> Handled:
        now = self.desk.clock.now()
        shelf = HELD if result.summary["held"] is not None else DONE
        stem = self.folder.stem_for(shelf, found, now, result.summary["file_sha256"])
        told = Imported(
            names.readable(found.name),
            self.city.zh,
            shanghai_time(now),
            {**result.summary, "rows": result.rows},
            result.seen_before,
            self._confirm(shelf, stem, found, result.summary["held"]),
            f"{stem}{names.ANSWER}",
        )
        answer = answer_to(data, told, self.desk.city_file, self.desk.limits)
        target = self.folder.put_away(shelf, stem, found, _papers(answer), data)
        return Handled(
            told.file, shelf, target.name, None, result.summary["totals"], result.summary["events"], answer.told.answer_file
        )

    def _confirm(self, shelf: str, stem: str, found: Found, held: Mapping[str, int] | None) -> str | None:
        """The command by which a person carries out what was held."""
        if held is None:
            return None
        file = (self.folder.path / shelf / f"{stem}{names.split(names.readable(found.name))[1]}").resolve()
        words = ("czt", "city", "import", str(file), "--city", self.city.word, "--complete")
        return shlex.join((*words, "--confirm-withdrawals", str(held["missing"])))

    def refuse(self, found: Found, refused: FileRefused) -> Handled:
        """Put a file away that was not taken. Raises OSError."""
        now = self.desk.clock.now()
        sha256 = self._hash_of(found)
        stem = self.folder.stem_for(REFUSED, found, now, sha256)
        name, at = names.readable(found.name), shanghai_time(now)
        papers = [
            (names.REPORT_JSON, refusal_json(name, self.city.word, at, sha256, refused)),
            (names.REPORT, refusal_text(name, self.city.zh, at, refused)),
        ]
        target = self.folder.put_away(REFUSED, stem, found, papers, None)
        return Handled(name, REFUSED, target.name, refused.reason)

    def set_aside(self, found: Found, reference: str) -> Handled:
        """Put a file away on which the program itself failed; the report says whether its rows had reached the register.

        Raises OSError, `StoreUnavailable`.
        """
        now = self.desk.clock.now()
        sha256 = self._hash_of(found)
        imported = sha256 is not None and seen(self.desk.engine, sha256) is not None
        stem = self.folder.stem_for(REFUSED, found, now, sha256)
        name, at = names.readable(found.name), shanghai_time(now)
        papers = [
            (names.REPORT_JSON, defect_json(name, self.city.word, at, sha256, reference, imported=imported)),
            (names.REPORT, defect_text(name, self.city.zh, at, reference, imported=imported)),
        ]
        target = self.folder.put_away(REFUSED, stem, found, papers, None)
        return Handled(name, REFUSED, target.name, DEFECT)

    def _hash_of(self, found: Found) -> str | None:
        if found.kind is not Kind.FILE or found.size > self.desk.limits.file_bytes:
            return None
        data = self.folder.read(found)
        return hashlib.sha256(data).hexdigest() if data is not None else None

    def refuse_thing(self, found: Found) -> Handled:
        """Put a folder away, or something else that is no file."""
        what = Both("文件夹", "a folder") if found.kind is Kind.FOLDER else Both("链接或设备，不是文件", "a link or a device")
        refused = FileRefused(
            "file_unreadable",
            Both(f"这是{what.zh}。", f"It is {what.en}, not a file."),
            Both("请把里面的目录文件逐个放进收件文件夹。", "Drop the files in it into the watched folder one by one."),
        )
        return self.refuse(found, refused)


def _papers(answer: Answer) -> list[tuple[str, str | bytes]]:
    """What is written, in this order: the first one says of which bytes the others speak, should the process die between."""
    papers: list[tuple[str, str | bytes]] = [(names.REPORT_JSON, json_report(answer.told)), (names.REPORT, answer.report)]
    if answer.workbook is not None:
        papers.append((names.ANSWER, answer.workbook))
    return papers
