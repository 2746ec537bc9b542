"""Records and events on their way from a source to the shared store.

The one table reason that is missing here is `wrong_issuer`, which stands with the rows and serves both.
"""

from schemas.reason_texts import Reason

_SEND_MENDED = (
    "请修正生成该事件的程序，并为同一对象重新发送正确的事件。",
    "Mend the program that made it and send a right event for the same object.",
)
_CATCH_UP = (
    "请勿改写已发出的事件。如果登记库是从备份恢复的，请运行 catch-up 接续事件链；否则联系共享端管理员。",
    "Never change what was sent. After a restore from a backup run catch-up; else call the hub's operator.",
)

RECORDS: tuple[Reason, ...] = (
    Reason("not_json", "refused", "内容不是有效的 JSON。", "The record is not valid JSON.", *_SEND_MENDED),
    Reason(
        "not_cloudevent", "refused",
        "不符合 CloudEvents 1.0 格式。", "It is not a CloudEvents 1.0 event.", *_SEND_MENDED),
    Reason(
        "schema_invalid", "refused",
        "字段不符合该类事件的规定。", "It does not fit the schema of its type.", *_SEND_MENDED),
    Reason("type_unknown", "refused", "事件类型未公布。", "The event's type was never published.", *_SEND_MENDED),
    Reason("too_large", "refused", "记录超过 256 KiB。", "The record is over 256 KiB.", *_SEND_MENDED),
    Reason(
        "schema_unknown", "parked",
        "事件用了较新的格式版本，共享端尚不认识，暂存待办。",
        "A newer version of a known type, which the hub can't read yet.",
        "来源方无需处理；共享端管理员请升级后放行。",
        "The source need do nothing; the hub's operator upgrades and releases it."),
    Reason(
        "rule_set_waits", "parked",
        "按现行规则集，此类事件须经两人核实放行后办理。",
        "Under the rule set, events of this type wait until two people release them.",
        "来源方无需处理；由联席办核实后放行。",
        "The source need do nothing; the joint office looks at it and releases it."),
    Reason(
        "signature_missing", "refused",
        "记录没有签名，后来经签名的事件链也不包含它。",
        "It is unsigned, and the signed chain does not run through it.",
        "确由本单位发出的，请检查密钥设置并按补发请求重发；否则请查是谁写入的。",
        "If you sent it, check the key and send again when asked; if not, find out who wrote it."),
    Reason(
        "signature_invalid", "refused",
        "签名与内容不符。", "The signature does not match the content.",
        "请检查签名密钥，以及记录在途中是否被改动；由原发件箱重发。",
        "Check the key and whether something changed the record on its way; send it again from the outbox."),
    Reason(
        "key_revoked", "refused",
        "签名密钥此前已被吊销。", "The key was revoked before this sequence.",
        "请换用新密钥，经联合办公室登记信任后重发；怀疑密钥泄露的，立即报告。",
        "Use a new key that the joint office trusts and send again; report at once if the old one may have leaked."),
    Reason(
        "wrong_source", "refused",
        "来源无权写入该主题。", "The source does not own this topic.",
        "请检查城市和主题的设置；不是本单位所发的，请报告共享端管理员。",
        "Check the settings of city and topic; if you did not send it, tell the hub's operator."),
    Reason(
        "impossible_value", "rejected",
        "有数值不可能成立（代码校验、日期或代码表不符）。",
        "A value breaks a rule: a check digit, a date or a code table.",
        "请在登记库中改正该条目，更正事件会随下一次发送发出。",
        "Correct the entry in the register; the next event mends it."),
    Reason(
        "sequence_reused", "refused",
        "同一序号此前已有内容不同的事件。", "This sequence is known with other content.", *_CATCH_UP),
    Reason(
        "chain_broken", "refused",
        "前一事件的哈希与已记录的不符，或接在这样的事件之后。",
        "Its predecessor is not the recorded one, or it follows such an event.", *_CATCH_UP),
    Reason(
        "version_behind", "superseded",
        "该条目已有更高版本生效，本事件迟到。", "A higher version of the entry was applied before; this came late.",
        "无需处理，以较高版本为准。", "Nothing to do; the higher version counts."),
    Reason(
        "behind_parked", "parked",
        "同一条目较早的事件还在暂存，本事件排在其后。", "An earlier event of the same entry is parked.",
        "无需处理；较早的事件放行后自动办理。", "Nothing to do; it is decided once the earlier one is released."),
    Reason(
        "statement_agrees", "applied",
        "对账相符：双方条目一致。", "The statement agrees: both sides hold the same entries.",
        "无需处理。", "Nothing to do."),
    Reason(
        "statement_differs", "applied",
        "对账不符：双方条目不一致。", "The statement differs: the sides do not hold the same entries.",
        "来源方无需处理；请共享端管理员立即查明原因。",
        "The source need do nothing; the hub's operator must look into it at once."),
    Reason(
        "statement_unchecked", "applied",
        "序号有缺口，暂不能对账。", "There is a gap in the sequence, so the statement can't be checked yet.",
        "请按补发请求补齐缺口；补齐后会请你重新对账。",
        "Send what is missing when asked; a new statement is then requested."),
    Reason(
        "decision_unknown_object", "rejected",
        "决定所指的对象不存在。", "The decision names something that does not exist.",
        "请核对产品、异议、批次或密钥的编号后重新提出。", "Check the number it names and propose it again."),
    Reason(
        "decision_not_allowed", "rejected",
        "决定不符合条件：缺少第二人同意，或没有符合条件的产品。",
        "It lacks a second person's agreement or an eligible product.",
        "请由另一人同意，或待产品符合条件后重新提出。",
        "Get a second person's agreement, or wait for eligible products; then propose again."),
    Reason(
        "decision_out_of_turn", "rejected",
        "不按轮值顺序，尚未轮到该市。", "It breaks the rotation: it is another city's turn.",
        "请由当值城市提出，或待轮到时再提。", "Leave it to the city whose turn it is, or wait."),
)  # fmt: skip
