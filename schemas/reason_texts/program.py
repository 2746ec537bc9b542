"""What can stop a command: one reason for each error of `schemas.errors`. The error's own message is more exact."""

from schemas.reason_texts import Reason

PROGRAM: tuple[Reason, ...] = (
    Reason(
        "settings_invalid", "error",
        "有设置缺失或填写有误。", "One or more settings are missing or wrong.",
        "请按提示改正列出的各项设置后重试。", "Correct the settings that are named and try again."),
    Reason(
        "table_refused", "error",
        "本市自己的表不能采集：没有这张表，或与配置不符。",
        "The city's own table can't be captured: it is not there, or is not what its mapping says.",
        "请按提示改表或改本市配置文件的 [capture]，再运行一次。",
        "Correct the table, or [capture] in the city's file, as the message says; then run it again."),
    Reason(
        "key_missing", "error",
        "找不到密钥文件。", "A key file was not found.",
        "请检查 CZT_KEY_DIR；尚无密钥的，运行 czt init 或 czt joint init-keys。",
        "Check CZT_KEY_DIR; make keys with czt init or czt joint init-keys."),
    Reason(
        "key_unusable", "error",
        "密钥文件不能用：别人读得到，或者内容不对。", "A key file can't be used: others can read it, or it holds something else.",
        "请按提示改正权限，或换上正确的文件。", "Correct its permissions as the message says, or put the right file there."),
    Reason(
        "database_unusable", "error",
        "地址上的不是这个数据库，或者它不让我们用。", "What is at the address is not this database, or it refuses us.",
        "请按提示核对数据库地址、用户名、密码和权限；等待没有用。",
        "Check address, user name, password and rights as the message says; waiting does not help."),
    Reason(
        "schema_outdated", "error",
        "数据库的表结构不是当前版本。", "The database does not have this version's tables.",
        "请先备份，再运行 czt init。", "Make a backup, then run czt init."),
    Reason(
        "broker_unreachable", "error",
        "连不上消息系统。", "The broker did not answer.",
        "请检查 CZT_BROKER_URL、网络和服务是否正常，稍后重试；未发出的内容不会丢。",
        "Check CZT_BROKER_URL, network and service, and try again; nothing unsent is lost."),
    Reason(
        "store_unreachable", "error",
        "连不上数据库。", "The database did not answer.",
        "请检查数据库地址、网络和服务是否正常，稍后重试。", "Check its address, network and service, and try again."),
    Reason(
        "service_unreachable", "error",
        "连不上所需的服务。", "A service did not answer.",
        "请运行 czt doctor 查看是哪一项，稍后重试。", "Run czt doctor to see which one, and try again."),
    Reason(
        "topic_missing", "error",
        "主题不存在，或当前用户无权查看。", "A topic does not exist, or this user may not see it.",
        "请运行 czt init 建立主题，或请管理员检查权限。", "Run czt init, or have the access rights checked."),
    Reason(
        "overloaded", "error",
        "控制台正忙，或这一问题要算得太久。", "The console is busy, or the question takes too long.",
        "请稍后再试；要查很久以前的状态，可用 czt audit as-of。",
        "Ask again later; for the state of long ago there is czt audit as-of."),
    Reason(
        "topic_mismatch", "error",
        "主题的分区数或保留方式与约定不符。", "A topic has other partitions or another cleanup policy than agreed.",
        "请勿继续写入，请管理员按约定改正主题。", "Write nothing more; have the operator set the topic right."),
    Reason(
        "database_unsafe", "error",
        "数据库设置不安全，断电时可能丢失已提交的数据。", "The database may lose committed rows in a crash.",
        "请打开 fsync 和 synchronous_commit 后重试。", "Turn fsync and synchronous_commit on and try again."),
    Reason(
        "topic_rewound", "error",
        "读取位置超出主题范围，消息系统可能重建过或丢了记录。",
        "The position lies outside its topic: it was rebuilt or lost records.",
        "请先查明原因；确已重建的，运行 czt hub rewind。",
        "Find out what happened; if the broker was rebuilt, run czt hub rewind."),
    Reason(
        "register_restored", "error",
        "主题上有本来源签名、本地库却没有的事件：数据库是从旧备份恢复的，或另有一份在运行。",
        "The topic holds events of this source that its database lacks: it is an old backup, or a second copy runs.",
        "请确认没有另一份在运行，再运行 czt city catch-up，然后重新启动转发程序。",
        "Make sure that no second copy runs, run czt city catch-up, then start the relay again."),
    Reason(
        "fenced", "error",
        "另一进程已接管该来源，本进程未写入任何内容，已退出。",
        "Another process took this source over; this one wrote nothing.",
        "一般无需处理；反复出现的，请检查是否启动了两份。",
        "Usually nothing to do; if it recurs, check whether two are running."),
    Reason(
        "log_rolled_back", "error",
        "审计日志比已签名的检查点短，或内容不同。",
        "The audit log is shorter than, or differs from, a signed checkpoint.",
        "请立即停用并保留现场，报告负责人；不要自行修补。",
        "Stop, leave everything as it is and report it; do not repair it yourself."),
    Reason(
        "usage", "error",
        "命令或参数用法不对。", "The command was called in a way that can't work.",
        "请加 --help 查看用法和示例。", "See --help for the usage and an example."),
    Reason(
        "failed", "error",
        "命令未能完成。", "The command could not be completed.",
        "请按提示处理；原因不明的，加 --debug 再试一次并联系管理员。",
        "Do what the message says; if that does not help, try again with --debug and call the operator."),
    Reason(
        "answer_is_no", "error",
        "已查明，结果为“否”；这不是程序出错。",
        "The question was answered, and the answer is no; the program is fine.",
        "请按列出的明细逐项处理。", "Go through the details that are listed."),
)  # fmt: skip
