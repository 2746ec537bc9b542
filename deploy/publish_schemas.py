"""`python -m deploy.publish_schemas`: write `schemas/published/`, unless a change needs a new major version."""

import json
import sys
from pathlib import Path

import schemas
from schemas.compatibility import differences
from schemas.publishing import documents, event_schemas

FOLDER = Path(schemas.__file__).parent / "published"
ADVICE = "These changes need a new major version of the type (`….v2`). A file that was never released may be deleted first."


def publish(folder: Path = FOLDER) -> list[str]:
    """Write every document; what is incompatible with the file that is there. Nothing is written when anything is."""
    problems = []
    for name, schema in event_schemas().items():
        path = folder / f"{name}.json"
        if path.exists():
            problems += [f"{path.name}: {one}" for one in differences(json.loads(path.read_text("utf-8")), schema)]
    if not problems:
        folder.mkdir(exist_ok=True)
        for name, text in documents().items():
            (folder / name).write_text(text, "utf-8")
    return problems


if __name__ == "__main__":
    wrong = publish()
    if wrong:
        sys.exit("\n".join([*wrong, ADVICE]))
