"""The words of the data, in Chinese and English: outcomes, statuses, effects; the command line and printed papers use them."""

WORDS: dict[str, tuple[str, str]] = {
    # outcomes of records
    "applied": ("生效", "applied"),
    "superseded": ("已被取代", "superseded"),
    "rejected": ("不予采用", "rejected"),
    "parked": ("搁置", "parked"),
    "duplicate": ("重复", "duplicate"),
    "refused": ("拒收", "refused"),
    # recognition
    "recognized": ("已列入", "recognized"),
    "suspended": ("暂停", "suspended"),
    "lapsed": ("失效", "lapsed"),
    "eligible": ("拟列入", "eligible"),
    "candidate": ("候选", "candidate"),
    "inactive": ("未在有效期", "inactive"),
    "disputed": ("有异议", "disputed"),
    "preference": (
        "互认只是同等条件下优先，不是参加采购的门槛。",
        "Recognition is a preference under equal conditions, never a condition of entry to procurement.",
    ),
}
