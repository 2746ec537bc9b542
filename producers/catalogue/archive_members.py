"""Whether an archive is what its directory says: every member where it is told to be, in bytes of its own, under one name.

`zipfile` believes the directory alone, so that two readers may see two workbooks in one file, and a few bytes can be
claimed by hundreds of members (D. Fifield, A better zip bomb, 2019).
"""

import struct
import zipfile
from collections.abc import Sequence
from itertools import pairwise

_HEADER = struct.Struct("<4s5H3L2H")
"""Signature, version, flags, method, time, day, checksum, packed and plain size, lengths of name and extra (APPNOTE 4.3.7)."""

_ENCRYPTED = 0x1
_SIZES_FOLLOW = 0x8
"""Flag of a member whose checksum and sizes stand behind it; its header has none then."""

_UTF8 = 0x800
_IN_EXTRA = 0xFFFFFFFF
"""In place of a size: it stands in the ZIP64 extra field."""


def are_as_told(data: bytes, members: Sequence[zipfile.ZipInfo], directory_at: int) -> bool:
    """Whether each member's own header agrees with the directory, and no two share a byte. `directory_at`: its offset."""
    extents = [_extent(data, member) for member in members]
    found = sorted(extent for extent in extents if extent is not None)
    if len(found) < len(members):
        return False
    return all(end <= begin for (_, end), (begin, _) in pairwise([*found, (directory_at, directory_at)]))


def _extent(data: bytes, member: zipfile.ZipInfo) -> tuple[int, int] | None:
    """From where to where a member's header and bytes go; None when its header says something else."""
    begin = member.header_offset
    if begin < 0 or begin + _HEADER.size > len(data):
        return None
    signature, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _HEADER.unpack_from(data, begin)
    name_at = begin + _HEADER.size
    if signature != b"PK\x03\x04" or method != member.compress_type or (flags ^ member.flag_bits) & _ENCRYPTED:
        return None
    if data[name_at : name_at + name_length] != _raw_name(member):
        return None
    told = ((crc, member.CRC), (packed, member.compress_size), (size, member.file_size))
    if not flags & _SIZES_FOLLOW and any(here not in (there, _IN_EXTRA) for here, there in told):
        return None
    return begin, name_at + name_length + extra_length + member.compress_size


def _raw_name(member: zipfile.ZipInfo) -> bytes:
    return member.orig_filename.encode("utf-8" if member.flag_bits & _UTF8 else "cp437")
