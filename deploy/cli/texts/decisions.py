"""What is said about parked events, objections and identity."""

DECISIONS: dict[str, tuple[str, str]] = {
    "age": ("已等", "waiting for"),
    "behind": ("其后", "behind it"),
    "would_be": ("放行后", "would become"),
    "score": ("相似度", "score"),
    "left": ("甲", "one"),
    "right": ("乙", "other"),
    "differs": ("不同之处", "what differs"),
    "objection": ("异议编号", "objection"),
    "deadline": ("答复期限", "deadline"),
    "answered": ("已答复", "answered by"),
    "overdue": ("逾期", "overdue"),
    "parked.unknown": ("{source} 的 {sequence} 号事件没有搁置。", "Event {sequence} of {source} is not parked."),
    "parked.unknown_next": ("用 czt hub parked list 查看搁置的事件。", "See czt hub parked list."),
    "parked.dry": (
        "试运行：以上是放行后的结果，什么都没有写入。放行需两人：加 --by 甲 --agreed-by 乙。",
        "Dry run: this is what would happen; nothing was written. To release them, add --by NAME --agreed-by NAME.",
    ),
    "parked.released": ("已作出 {count} 项放行决定；处理后生效。", "{count} decisions to release; the hub carries them out."),
    "product.unknown": ("共享库里没有产品 {product}。", "The shared store has no product {product}."),
    "product.unknown_next": ("用 czt hub products 查产品标识。", "Look the key up with czt hub products."),
    "objection.answered": ("答复已进入 {city} 的发件箱，随转发送出。", "The answer is in {city}'s outbox; its relay sends it."),
    "identity.named": ("要指明跟随哪一条目，或加 --undo。", "Name the listing that it follows, or --undo."),
    "identity.named_next": (
        "例：czt joint identity join changsha/CSLX-00112 xiangtan/XTLX-00190",
        "Example: czt joint identity join changsha/CSLX-00112 xiangtan/XTLX-00190",
    ),
    "identity.questions": (
        "以上各对可能是同一产品，由人判断：同一产品用 join，不是的不必处理。",
        "Each pair may be one product; people decide: join what is, leave what isn't.",
    ),
    "listing.form": ("写作 城市/认定编号，例如 changsha/CSLX-00112：{found}", "Write CITY/NUMBER, as changsha/CSLX-00112: {found}"),
    "listing.form_next": ("城市：changsha、zhuzhou、xiangtan。", "Cities are changsha, zhuzhou, xiangtan."),
}  # fmt: skip
