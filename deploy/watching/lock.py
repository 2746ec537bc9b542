"""One program a folder: a lock of the system's on a file in it, which ends with the process, however that ends."""

import errno
import fcntl
import logging
import os
from pathlib import Path

from schemas.errors import AnswerIsNo, Both

logger = logging.getLogger("czt.watch")

LOCK_FILE = ".czt-watch.lock"
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP)


class FolderLock:
    """Held from `hold` to `close`. A folder that went and came back is another one: `hold` locks it anew."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_FILE
        self._descriptor: int | None = None

    def hold(self) -> None:
        """Raises `AnswerIsNo` while another program has it, OSError where no file can be made."""
        if self._descriptor is not None and self._is_there(self._descriptor):
            return
        self.close()
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise _taken(self._path.parent) from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                os.close(descriptor)
                raise
            logger.warning("this drive knows no locks: see to it that only one program watches %s", self._path.parent)
        self._descriptor = descriptor

    def _is_there(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), os.stat(self._path))
        except OSError:
            return False

    def close(self) -> None:
        """Let another program have the folder."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _taken(folder: Path) -> AnswerIsNo:
    return AnswerIsNo(
        Both(f"另一个程序正在看守 {folder}。", f"Another program is watching {folder}."),
        Both("无需处理；要运行本程序，请先停掉那一个。", "Nothing to do; to run this one, stop the other first."),
    )
