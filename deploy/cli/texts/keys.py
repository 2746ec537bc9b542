"""What is said about a source's own keys."""

KEYS: dict[str, tuple[str, str]] = {
    "keyid": ("密钥编号", "key id"),
    "key.role": ("用途", "role"),
    "key.trusted": ("联席办信任", "trusted"),
    "key.revoked_after": ("此号之后作废", "revoked after"),
    "key.current": ("现用", "in use"),
    "key.next": ("备用", "next"),
    "key.former": ("用过", "former"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "key.made": (
        "{name} 的新密钥已生成：{keyid}。把公钥 {file} 交给联席办；信任后运行 key use 改用。",
        "{name}'s next key was made: {keyid}. Hand {file} to the joint office; once it is trusted, run key use.",
    ),
    "key.there": ("{name} 的新密钥早已生成：{keyid}（{file}）", "{name} has a next key already: {keyid} ({file})"),
    "key.used": (
        ("{name} 改用密钥 {keyid}。请重新启动转发程序。旧密钥 {before} 此前的签名仍然有效；"
         "转发正常后可请联席办吊销（czt joint key revoke），并销毁旧私钥文件。"),
        ("{name} signs with key {keyid} from now on. Start the relay anew. What {before} signed before stays good; once the relay "
         "is at work, have it revoked (czt joint key revoke) and destroy its private file."),
    ),
    "relay.untrusted": (
        "联席办还没有信任 {name} 的密钥 {keyid}：已发出的事件在共享端等待，不会丢失。请把 {file} 交给联席办信任。",
        ("Key {keyid} of {name} is not trusted by the joint office yet: what was sent waits at the shared store, nothing is lost. "
         "Hand {file} to the joint office (czt joint key trust)."),
    ),
}  # fmt: skip
