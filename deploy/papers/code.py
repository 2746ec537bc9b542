"""The 二维码 on a batch: an address that leads to its proof, or what somebody needs to find and check it."""

from dataclasses import dataclass

import segno
from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Code:
    """What a code says, whether that is an address (`leads`), and its picture as inline SVG."""

    text: str
    leads: bool

    @property
    def svg(self) -> Markup:
        """ISO/IEC 18004, error correction M, with the quiet zone of four modules that the standard asks for."""
        made = segno.make(self.text, error="m", micro=False, encoding="utf-8")
        return Markup(made.svg_inline(omitsize=True, border=4, svgclass=None, lineclass=None, title="二维码"))


def batch_code(public_url: str, number: int, origin: str, size: int, root: str) -> Code:
    """`ADDRESS/batches/N`; without an address the log's origin, size and root (base64) as on a checkpoint, and the batch."""
    if public_url:
        return Code(f"{public_url}/batches/{number}", leads=True)
    return Code(f"{origin}\n{size}\n{root}\nbatch {number}\n", leads=False)
