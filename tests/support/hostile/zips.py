"""ZIP archives byte by byte, so that header and directory can say what no library would write (APPNOTE.TXT 4.3)."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

STORED, DEFLATED = 0, 8
UTF8_NAMES = 0x800
DAY = (41 << 9) | (6 << 5) | 1
"""1 June 2021 in MS-DOS form."""

MIB = 1024 * 1024

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")


@dataclass(frozen=True)
class Member:
    """One member as stored.

    `local` and `central` replace single fields of its two headers; `at`: it has no body of its own, the directory points
    to this offset.
    """

    name: str
    packed: bytes
    crc: int
    size: int
    method: int = DEFLATED
    local: Mapping[str, Any] = field(default_factory=dict)
    central: Mapping[str, Any] = field(default_factory=dict)
    at: int | None = None

    def header(self, told: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """The fields of a header."""
        said = {"name": self.name, "flags": UTF8_NAMES, "method": self.method, "crc": self.crc, "size": self.size}
        return said | {"packed_size": len(self.packed)} | more | dict(told)


def deflated(content: bytes) -> bytes:
    """Raw deflate."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def member(name: str, content: bytes, **more: Any) -> Member:
    """An honest member."""
    return Member(name, deflated(content), zlib.crc32(content), len(content), **more)


def zeros(name: str, mebibytes: int) -> Member:
    """So many MiB of zeros in a thousandth of that. Nobody may get as far as the checksum, so it is none."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    one = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return Member(name, one * mebibytes + packer.flush(), 0, min(mebibytes * MIB, 0xFFFFFFFE))


def archive(members: Sequence[Member]) -> bytes:
    """The archive of these members."""
    out = bytearray()
    offsets = []
    for one in members:
        offsets.append(len(out) if one.at is None else one.at)
        if one.at is None:
            out += local_header(one.header(one.local)) + one.packed
    return bytes(out) + _directory(members, offsets, len(out))


def local_header(said: Mapping[str, Any]) -> bytes:
    """The header that stands before a member's bytes."""
    name: bytes = said["name"].encode()
    numbers = (20, said["flags"], said["method"], 0, DAY, said["crc"], said["packed_size"], said["size"], len(name), 0)
    return _LOCAL.pack(b"PK\x03\x04", *numbers) + name


def _directory(members: Sequence[Member], offsets: Sequence[int], begins: int) -> bytes:
    lines = b"".join(_line(one.header(one.central, offset=offset)) for one, offset in zip(members, offsets, strict=True))
    count = len(members) & 0xFFFF
    return lines + _END.pack(b"PK\x05\x06", 0, 0, count, count, len(lines), begins, 0)


def _line(said: Mapping[str, Any]) -> bytes:
    name: bytes = said["name"].encode()
    sizes = (said["crc"], said["packed_size"], said["size"], len(name), 0, 0, 0, 0)
    return _CENTRAL.pack(b"PK\x01\x02", 20, 20, said["flags"], said["method"], 0, DAY, *sizes, 0, said["offset"]) + name


def overlapping(names: Sequence[str], kernel: bytes) -> bytes:
    """Members that all share one body, each quoting the header of the next as stored text of its own.

    After D. Fifield, A better zip bomb (2019): the headers agree with the directory, and no two members are nested.
    """
    packed, content, quoted = deflated(kernel), kernel, []
    for name in reversed(names):
        made = Member(name, packed, zlib.crc32(content), len(content))
        header = local_header(made.header({}))
        quoted.append((made, len(packed)))
        content = header + content
        packed = b"\x00" + struct.pack("<HH", len(header), len(header) ^ 0xFFFF) + header + packed
    whole = packed[5:]  # the first header is quoted by nobody
    members = [
        Member(made.name, made.packed, made.crc, made.size, at=len(whole) - length - len(local_header(made.header({}))))
        for made, length in reversed(quoted)
    ]
    offsets = [one.at or 0 for one in members]
    return whole + _directory(members, offsets, len(whole))
