"""What a column label means: the field it names, a contact column, or nothing we know."""

import re

from producers.catalogue.sheet import squeeze
from producers.city_file import CityFile

MAX_LABEL = 40
"""Characters of a label after squeezing; longer ones are sentences."""

MIN_CONTAINED = 4
"""A listed name counts inside an unlisted label only from this length on: 标准 or 单位 stand in too many words."""

BRACKETED = re.compile(r"[(\[【〔《<][^)\]】〕》>]*[)\]】〕》>]")
_JOINTS = re.compile(r"[(\[【〔《<)\]】〕》>、,/\\|·.:;*&+\-—_与和及或“”\"'。]")
GROUP_WORDS = re.compile(r"(基本)?(信息|情况|资料|内容|方式)$")
"""How the label of a group of columns ends."""


Path = tuple[str, ...]
"""The labels of a column from its outermost group to its own."""


def label_forms(label: str) -> tuple[str, ...]:
    """The spellings under which a label is looked up: `规格/型号(必填)*` gives `规格型号` and `规格型号必填`."""
    squeezed = squeeze(label)
    if not squeezed or len(squeezed) > MAX_LABEL:
        return ()
    bare = _JOINTS.sub("", BRACKETED.sub("", squeezed))
    forms = (squeezed, bare, _JOINTS.sub("", squeezed))
    return tuple(dict.fromkeys(form.lower() for form in forms if form))


class Labels:
    """The labels a city's file lists, ready to be looked up."""

    def __init__(self, city_file: CityFile) -> None:
        self._known: dict[str, tuple[str, int]] = {}
        for field, names in city_file.columns.items():
            for rank, name in enumerate(names):
                for form in label_forms(name):
                    self._known.setdefault(form, (field, rank))
        self._contact = tuple(squeeze(word).lower() for word in city_file.contact_words)
        self._never_inside = city_file.not_in_labels

    def exact(self, label: str) -> tuple[str, int] | None:
        """(field, rank) of a listed label; a lower rank is a better name."""
        return next((self._known[form] for form in label_forms(label) if form in self._known), None)

    def of_path(self, path: Path) -> tuple[str, int] | None:
        """The same for a label under groups: `有效期` over `起` is `有效期起`, `产品信息` over `名称` is `产品名称`."""
        if not path:
            return None
        *groups, label = path
        found = self.exact(label)
        for group in reversed(groups):
            stem = GROUP_WORDS.sub("", squeeze(group))
            joined = self.exact(stem + squeeze(label)) or self.exact(squeeze(group) + squeeze(label))
            if joined is not None and found is None:
                return joined
        return found

    def contained(self, path: Path) -> str | None:
        """The field whose longest listed name ends an unlisted label, or at least stands in it, if one does."""
        forms = label_forms(path[-1]) if path else ()
        if not forms or any(word in forms[-1] for word in self._never_inside):
            return None
        hits = [
            (form.endswith(name), len(name), field)
            for form in forms
            for name, (field, _) in self._known.items()
            if len(name) >= MIN_CONTAINED and name in form
        ]
        return max(hits)[2] if hits else None

    def is_contact(self, path: Path) -> bool:
        """Whether a column, or a group it stands in, holds names, phones or addresses of people."""
        return any(word in squeeze(label).lower() for label in path for word in self._contact)
