"""Compound files ([MS-CFB]): an encrypted .xlsx as Excel 2007 writes one, and workbooks of the old format (BIFF8)."""

import hashlib
import struct
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

SECTOR = 512
MINI_SECTOR, MINI_CUTOFF = 64, 4096
FREE, END, FAT_SECTOR, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
SPINS = 50_000
"""Rounds of hashing a password ([MS-OFFCRYPTO] 2.3.4.7)."""


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file with these streams at its root."""
    mini = bytearray()
    mini_fat: list[int] = []
    small, large = {}, {}
    for name, content in streams.items():
        if len(content) >= MINI_CUTOFF:
            large[name] = content
            continue
        small[name] = len(mini_fat)
        count = -(-len(content) // MINI_SECTOR)
        mini_fat += [*range(len(mini_fat) + 1, len(mini_fat) + count), END]
        mini += content.ljust(count * MINI_SECTOR, b"\x00")
    return _laid_out(streams, small, large, bytes(mini), mini_fat)


def _laid_out(
    streams: Mapping[str, bytes], small: Mapping[str, int], large: Mapping[str, bytes], mini: bytes, mini_fat: list[int]
) -> bytes:
    body = bytearray()
    fat: list[int] = []

    def put(content: bytes) -> int:
        first, count = len(fat), -(-len(content) // SECTOR)
        if count == 0:
            return END
        fat.extend([*range(first + 1, first + count), END])
        body.extend(content.ljust(count * SECTOR, b"\x00"))
        return first

    starts = {name: put(content) for name, content in large.items()} | dict(small)
    mini_start, mini_fat_start = put(mini), put(_words(mini_fat))
    directory = put(_directory(streams, starts, mini_start, len(mini)))
    first_fat, fat_sectors = len(fat), -(-(len(fat) + 1) // (SECTOR // 4 - 1))
    fat += [FAT_SECTOR] * fat_sectors
    body += _words(fat + [FREE] * (fat_sectors * SECTOR // 4 - len(fat)))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<3L", 0, fat_sectors, directory) + struct.pack("<2L", 0, MINI_CUTOFF)
    header += struct.pack("<4L", mini_fat_start, -(-len(mini_fat) * 4 // SECTOR), END, 0)
    header += _words([*range(first_fat, first_fat + fat_sectors)]).ljust(436, b"\xff")
    return header + bytes(body)


def _words(numbers: list[int]) -> bytes:
    return struct.pack(f"<{len(numbers)}L", *numbers)


def _directory(streams: Mapping[str, bytes], starts: Mapping[str, int], mini_start: int, mini_size: int) -> bytes:
    """Entries as a list leaning to the right; names sorted by length, then text, as the format wants them."""
    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    entries = [_entry("Root Entry", 5, NONE, 1 if names else NONE, mini_start, mini_size)]
    for number, name in enumerate(names, 1):
        right = number + 1 if number < len(names) else NONE
        entries.append(_entry(name, 2, right, NONE, starts[name], len(streams[name])))
    return b"".join(entries)


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\x00").encode("utf-16-le")
    return text.ljust(64, b"\x00") + struct.pack("<HBBLLL36xLQ", len(text), kind, 1, NONE, right, child, start, size)


def encrypted_package(package: bytes, password: str) -> bytes:
    """An .xlsx under a password: ECMA-376 standard encryption, AES-128 ([MS-OFFCRYPTO] 2.3.4.5 to 2.3.4.9)."""
    salt, verifier = hashlib.md5(b"salt").digest(), hashlib.md5(b"verifier").digest()
    key = _key(password, salt)
    provider = "Microsoft Enhanced RSA and AES Cryptographic Provider\x00".encode("utf-16-le")
    header = struct.pack("<8L", 0x24, 0, 0x660E, 0x8004, 128, 0x18, 0, 0) + provider
    check = hashlib.sha1(verifier).digest().ljust(32, b"\x00")
    info = struct.pack("<HHLL", 4, 2, 0x24, len(header)) + header
    info += struct.pack("<L", 16) + salt + _aes(key, verifier) + struct.pack("<L", 20) + _aes(key, check)
    whole = package.ljust(-(-len(package) // 16) * 16, b"\x00")
    return compound({"EncryptionInfo": info, "EncryptedPackage": struct.pack("<Q", len(package)) + _aes(key, whole)})


def _key(password: str, salt: bytes) -> bytes:
    found = hashlib.sha1(salt + password.encode("utf-16-le")).digest()
    for number in range(SPINS):
        found = hashlib.sha1(struct.pack("<L", number) + found).digest()
    found = hashlib.sha1(found + bytes(4)).digest()
    return hashlib.sha1(bytes(a ^ 0x36 for a in found.ljust(64, b"\x00"))).digest()[:16]


def _aes(key: bytes, content: bytes) -> bytes:
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return cipher.update(content) + cipher.finalize()


def old_workbook(rows: list[list[str]], *, password: bool = False) -> bytes:
    """A workbook of Excel 97 to 2003 with one sheet of texts ([MS-XLS]); with a password its records are scrambled."""
    sheet = _record(0x0809, struct.pack("<4H2L", 0x600, 0x10, 0, 0, 0, 6))
    for number, line in enumerate(rows):
        for column, text in enumerate(line):
            if text:
                said = struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")
                sheet += _record(0x0204, struct.pack("<3H", number, column, 15) + said)
    sheet += _record(0x000A, b"")
    if password:
        sheet = bytes(byte ^ 0x5A for byte in sheet)
    begin = _record(0x0809, struct.pack("<4H2L", 0x600, 5, 0, 0, 0, 6))
    begin += _record(0x002F, struct.pack("<3H", 1, 1, 1) + bytes(48)) if password else b""
    name = "目录".encode("utf-16-le")
    length = len(begin) + 4 + 8 + len(name) + 4
    begin += _record(0x0085, struct.pack("<LHBB", length, 0, 2, 1) + name) + _record(0x000A, b"")
    return compound({"Workbook": (begin + sheet).ljust(MINI_CUTOFF, b"\x00")})


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content
