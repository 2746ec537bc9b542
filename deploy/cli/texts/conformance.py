"""What is said of a city's check before it joins."""

CONFORMANCE: dict[str, tuple[str, str]] = {
    "check.working": ("正在逐项检查 …", "checking, case by case …"),
    "check.sandbox": (
        "在临时线路上查（用本市的城市文件；查完即删，不碰正式数据）：",
        "On a line that is thrown away, with this city's file (nothing real is touched):",
    ),
    "check.live": ("查正式的各部分（只读，不写）：", "On the real parts (read only):"),
    "check.found": ("查到：", "found:"),
    "check.not_run": ("未查", "----"),
    "check.unwritten": (
        "没有查的：能否往本市主题写。第一次 czt city relay --once 时便知。",
        "Not tried: whether the city may write to its topic. The first `czt city relay --once` shows it.",
    ),
    "check.good": (
        "查过的各项都合。签名报告：{report}",
        "All that was looked at is as expected. The signed report: {report}",
    ),
    "check.bad": (
        "有 {count} 项不合，办法见各项。签名报告：{report}",
        "{count} cases are not as expected; each says what to do. The signed report: {report}",
    ),
    "check.genuine": (
        "签名与公钥相符，报告未被改动：{city}，密钥 {keyid}，查于 {time}。",
        "Genuine and unchanged: {city}, key {keyid}, checked at {time}.",
    ),
    "check.ready": (
        "{city} 可以加入。还没有信任其密钥的，下一步：czt joint key trust {city} 公钥文件",
        "{city} may join. If its key is not trusted yet, this is next: czt joint key trust {city} PUBFILE",
    ),
    "check.other_file": (
        "这里没有 {city}.toml，或与该市自查时的不同：各方要放同一份，放好后再核对一次。",
        "There is no {city}.toml here, or another one than the city checked: everybody uses the same; put it there and look again.",
    ),
    "check.unready": (
        "{city} 有 {count} 项不合，请其改正后重新自查。",
        "{count} cases of {city} are not as expected: it mends them and checks again.",
    ),
}
