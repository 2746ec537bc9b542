"""The words of the data, in Chinese and English: outcomes, statuses, effects; the command line and printed papers use them."""

EVENTS: dict[str, tuple[str, str]] = {
    "cn.czt.entry.listed.v1": ("列入", "listed"),
    "cn.czt.entry.changed.v1": ("变更", "changed"),
    "cn.czt.entry.corrected.v1": ("更正", "corrected"),
    "cn.czt.entry.renewed.v1": ("续期", "renewed"),
    "cn.czt.entry.suspended.v1": ("暂停", "suspended"),
    "cn.czt.entry.reinstated.v1": ("恢复", "reinstated"),
    "cn.czt.entry.withdrawn.v1": ("撤销", "withdrawn"),
    "cn.czt.register.statement.v1": ("对账单", "statement"),
    "cn.czt.day.began.v1": ("日期更替（有效期起止）", "a day began (validity)"),
    "cn.czt.assessment.recorded.v1": ("评审", "assessed"),
    "cn.czt.rules.activated.v1": ("启用规则集", "rule set"),
    "cn.czt.objection.raised.v1": ("提出异议", "objection raised"),
    "cn.czt.objection.answered.v1": ("答复异议", "objection answered"),
    "cn.czt.objection.settled.v1": ("了结异议", "objection settled"),
    "cn.czt.identity.joined.v1": ("认定为同一产品", "joined"),
    "cn.czt.identity.separated.v1": ("认定为单独产品", "separated"),
}
"""What can happen to a register, and to a published product; a type that is missing here is shown by its name."""

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
