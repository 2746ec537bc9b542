"""Reads a file that somebody named: whole, within bounds, and only if it is a file and stood still meanwhile."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from producers.catalogue.package_guard import too_many_bytes
from schemas.errors import Both, FileRefused

PIECE_BYTES = 1024 * 1024


def read_file(file: Path, max_bytes: int) -> bytes:
    """Its bytes, by way of a link too. Neither a pipe nor a device is waited for, and nothing is left open.

    Raises `FileRefused`: `file_unreadable`, `file_too_large`; OSError where it can't be opened.
    """
    # Opening a pipe would wait until somebody writes into it.
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise _no_file(file)
        if before.st_size > max_bytes:
            raise too_many_bytes(file.name, max_bytes)
        with open(descriptor, "rb", closefd=False) as opened:
            data = opened.read(max_bytes + 1)
            opened.seek(0)
            same = _holds(opened, data)
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if not same or (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise _changing(file)
    return data


def _holds(opened: BinaryIO, data: bytes) -> bool:
    """Whether a second reading gives the same: two writes within a tick of the clock leave one time behind."""
    view = memoryview(data)
    return all(opened.read(PIECE_BYTES) == view[at : at + PIECE_BYTES] for at in range(0, len(data) + 1, PIECE_BYTES))


def _no_file(file: Path) -> FileRefused:
    return FileRefused(
        "file_unreadable",
        Both(f"{file} 是文件夹、管道或设备，不是文件。", f"{file} is a folder, a pipe or a device, not a file."),
        Both("请给出目录文件本身。", "Name the file itself."),
    )


def _changing(file: Path) -> FileRefused:
    return FileRefused(
        "file_unreadable",
        Both(f"{file.name} 正在被改写，读到的不完整。", f"{file.name} was being written while it was read."),
        Both("请等它保存或复制完毕后再导入。", "Wait until it is saved or copied, and import again."),
    )
