"""What is said about chains: statements, gaps, forks, rewinding, catching up."""

CHAINS: dict[str, tuple[str, str]] = {
    "unvouched": ("待担保", "unvouched"),
    "statement.done": (
        "{city} 对账单已发出：序号 {sequence}，{entries} 条目，摘要 {digest}；先更正了 {corrected} 条。",
        "{city}'s statement is out: sequence {sequence}, {entries} entries, digest {digest}; {corrected} corrected first.",
    ),
    "statement.unsent": (
        "{city} 对账单已编号 {sequence}（{entries} 条目），随转发送出。",
        "{city}'s statement is sealed as {sequence} ({entries} entries); the relay sends it.",
    ),
    "catch_up.working": ("正在读本来源的主题 …", "reading the source's own topic …"),
    "catch_up.done": (
        ("{source}：接续 {taken} 个已发出的事件，{renumbered} 个本地事件改号，更正 {corrected} 条；"
         "主题上有 {forks} 个不被接受的分叉事件。事件链至 {last_sequence}。现在可以重新启动转发程序。"),
        ("{source}: {taken} events taken over that were sent, {renumbered} events of this database get new numbers, "
         "{corrected} entries corrected; {forks} forked events on the topic stay refused. The chain is at {last_sequence}. "
         "Start the relay again."),
    ),
    "catch_up.missing": (
        "{source} 的 {ranges} 谁也没有了：请联席办两人决定放弃（czt joint source continue {source} --lost …）。",
        ("Nobody has {ranges} of {source} any more: two people of the joint office give them up "
        "(czt joint source continue {source} --lost …)."),
    ),
    "continue.place": ("--sequence 与 --hash 要一起写。", "--sequence and --hash belong together."),
    "continue.place_next": (
        "两个都写；或都不写，从最后接受的一号接续。",
        "Give both, or neither to go on after the last accepted event.",
    ),
    "continue.range": ("--lost {found} 不是缺号区间。", "--lost {found} is no range."),
    "continue.range_next": ("写作 91-95 或 91，与 czt hub status 一致。", "Write it as hub status does: 91-95, or 91."),
    "rewind.done": (
        "{source} 将从头重读（原位置 {from_offset}，主题现有 {topic_end} 条）。已处理过的记为重复。",
        "{source} is read from the start (it was at {from_offset}, the topic ends at {topic_end}); what is known is a duplicate.",
    ),
    "hub.forked": (
        ("{source} 的事件链与已接受的历史矛盾（分叉），新事件被拒收。请该市运行 czt city catch-up；仍不行的，"
         "由联席办两人决定从哪里接续（czt joint source continue）。"),
        ("{source} contradicts its accepted history (forked); its new events are refused. That city runs czt city catch-up; "
         "where that is not enough, two people decide where the chain goes on (czt joint source continue)."),
    ),
    "hub.gap": (
        "{source} 缺号 {ranges}：已请该市补发；该市转发程序运行时会自动应答。",
        "{source} lacks {ranges}: it is asked to send them again, and its relay answers by itself while it runs.",
    ),
    "hub.unvouched": (
        "{source} 末尾有 {count} 条记录 {seconds} 秒来无签名担保，暂不处理。请该市检查转发程序和密钥。",
        ("{source}: nobody has vouched for the {count} records at its end for {seconds} s; they wait. "
        "Have that city check its relay and its key."),
    ),
    "hub.rewound": (
        "{source} 的读取位置超出主题范围，停止读取：消息系统可能重建过。查明后运行 czt hub rewind {source}。",
        ("{source} stands still: the position lies outside its topic, the broker was rebuilt or lost records. "
        "Once you know what happened, run czt hub rewind {source}."),
    ),
    "hub.reread": ("{source} 等待从头重读。", "{source} is about to be read from the start."),
}  # fmt: skip
