"""Whether a folder lies on a drive that tells nobody of changes: then it is looked at again and again."""

from pathlib import Path

_NETWORK = ("afs", "ceph", "cifs", "davfs", "fuse", "glusterfs", "ncpfs", "nfs", "nfs4", "smb3", "smbfs")
_OTHER_MACHINES = ("9p", "drvfs", "prl_fs", "vboxsf", "virtiofs")
_TOLD_BY_OTHERS = frozenset((*_NETWORK, *_OTHER_MACHINES))
"""File systems whose files another machine changes: the kernel here hears nothing of it (inotify(7))."""

MOUNTS = Path("/proc/self/mountinfo")


def is_remote(folder: Path, mounts: str | None = None) -> bool:
    """By the type of its file system (`mounts` is a text like that of proc(5)); False where that can't be known."""
    kind = file_system(folder, _mounts() if mounts is None else mounts)
    return kind is not None and kind.partition(".")[0] in _TOLD_BY_OTHERS


def _mounts() -> str:
    try:
        return MOUNTS.read_text("utf-8", "replace")
    except OSError:
        return ""


def file_system(folder: Path, mounts: str) -> str | None:
    """The type of the file system whose mount point is nearest above the folder; the last mounted one counts."""
    found: tuple[int, str] | None = None
    for line in mounts.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split()
        if not separator or len(fields) < 5:
            continue
        point = Path(fields[4].encode().decode("unicode_escape").encode("latin-1").decode("utf-8", "replace"))
        if folder.is_relative_to(point) and (found is None or len(point.parts) >= found[0]):
            found = len(point.parts), after.split()[0]
    return found[1] if found is not None else None
