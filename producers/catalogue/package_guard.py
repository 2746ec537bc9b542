"""What is checked of an .xlsx before any part of it is parsed: it is a workbook, not encrypted, and can't blow up."""

import struct
import zipfile
from io import BytesIO
from pathlib import PurePosixPath

from producers.catalogue.archive_members import are_as_told
from producers.catalogue.sheet import Limits
from schemas.errors import Both, FileRefused

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

MAX_PARTS = 5_000
"""Parts of a package; a real workbook has tens, one with many pictures hundreds."""

_PLAIN_COMPRESSION = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SAVE_AGAIN = Both("请用 Excel 或 WPS 打开后另存为 .xlsx，再导入。", "Open it in Excel or WPS, save it as .xlsx, and import again.")


def unreadable(zh: str, en: str) -> FileRefused:
    """`file_unreadable` with what was found."""
    return FileRefused("file_unreadable", Both(f"文件读不出来：{zh}", f"The file can't be read: {en}"), _SAVE_AGAIN)


def too_large(zh: str, en: str) -> FileRefused:
    """`file_too_large` with the limit that was passed."""
    return FileRefused(
        "file_too_large",
        Both(f"文件超过上限：{zh}", f"The file is too large: {en}"),
        Both(
            "请删去空行、图片和无关的工作表，或分成几个文件再导入。",
            "Delete blank rows, pictures and other sheets, or split it into several files, and import again.",
        ),
    )


def too_many_bytes(name: str, limit: int) -> FileRefused:
    """`file_too_large` of a file that is not even opened; `limit` in bytes is a setting."""
    return FileRefused(
        "file_too_large",
        Both(f"{name} 大于 {limit} 字节。", f"{name} is larger than {limit} bytes."),
        Both("请拆分文件；确需更大的，调整 CZT_MAX_FILE_BYTES。", "Split it; if it must be larger, raise CZT_MAX_FILE_BYTES."),
    )


def encrypted() -> FileRefused:
    """`file_encrypted`."""
    return FileRefused(
        "file_encrypted",
        Both("文件设了打开密码，读不了。", "The file has a password and can't be read."),
        Both("请去掉密码另存后再导入。", "Save it without the password and import again."),
    )


def open_package(data: bytes, limits: Limits) -> zipfile.ZipFile:
    """The archive of an .xlsx, its directory checked.

    Raises `FileRefused`: `file_encrypted`, `file_unreadable`, `file_too_large`. Sizes are those the archive declares;
    `zipfile` never unpacks more than was declared, so their sum bounds what one reading of every part takes.
    """
    if data.startswith(OLE_MAGIC):
        raise (
            encrypted()
            if is_encrypted(data)
            else unreadable("这是旧格式（.xls）或别的文档。", "it is in the old format (.xls) or another document.")
        )
    if not data.startswith(ZIP_MAGIC):
        raise unreadable("内容不是 Excel 工作簿，与文件名不符。", "it holds no Excel workbook, whatever its name says.")
    try:
        package = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, struct.error, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise unreadable("压缩包已损坏。", "its archive is damaged.") from error
    parts = package.infolist()
    _check_directory(parts, limits)
    if not are_as_told(data, parts, package.start_dir):
        raise unreadable("压缩包的目录与内容不符。", "its archive holds something else than its directory says.")
    return package


def _check_directory(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    if any(part.flag_bits & 0x1 for part in parts):
        raise encrypted()
    if len(parts) > MAX_PARTS:
        raise too_large(f"内部文件多于 {MAX_PARTS} 个。", f"it has more than {MAX_PARTS} parts.")
    if sum(part.file_size for part in parts) > limits.unpacked_bytes:
        raise too_large(
            f"解压后大于 {limits.unpacked_bytes // (1024 * 1024)} MB。",
            f"it has more than {limits.unpacked_bytes // (1024 * 1024)} MB when unpacked.",
        )
    names = {part.filename.lower() for part in parts}
    if "[content_types].xml" not in names or "xl/workbook.bin" in names:
        raise unreadable("不是 .xlsx 工作簿。", "it is no .xlsx workbook.")
    if len(names) != len(parts) or any(_is_odd(part) for part in parts):
        raise unreadable("压缩包的写法不寻常。", "its archive is written in an unusual way.")


def _is_odd(part: zipfile.ZipInfo) -> bool:
    """Compressed in a way no office program uses, or named as if it were to land outside of the package."""
    path = PurePosixPath(part.filename.replace("\\", "/"))
    if part.compress_type not in _PLAIN_COMPRESSION or "\x00" in part.orig_filename:
        return True
    return path.is_absolute() or ".." in path.parts or ":" in part.filename


def is_encrypted(data: bytes) -> bool:
    """Whether a compound file is an encrypted .xlsx, or an .xls with a FILEPASS record ([MS-XLS] 2.4.117)."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return True
    for start in range(512, min(len(data), 512 * 4096), 512):
        if data[start : start + 2] == b"\x09\x08":
            return _has_filepass(data, start)
    return False


def _has_filepass(data: bytes, position: int) -> bool:
    for _ in range(8):
        if position + 4 > len(data):
            return False
        kind, length = struct.unpack_from("<HH", data, position)
        if kind == 0x002F:
            return True
        position += 4 + length
    return False
