"""The hostile files by name."""

from collections.abc import Mapping

from tests.support.hostile.case import Hostile
from tests.support.hostile.contents import SHEETS, TEXTS
from tests.support.hostile.packages import BOMBS, CLAIMS, CUT, DTDS, LOCKED

HOSTILE: Mapping[str, Hostile] = {**LOCKED, **BOMBS, **CLAIMS, **DTDS, **CUT, **SHEETS, **TEXTS}
