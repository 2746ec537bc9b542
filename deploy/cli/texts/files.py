"""What is said about a city's files: watched folders, templates, exports."""

FILES: dict[str, tuple[str, str]] = {
    "file": ("文件", "file"),
    "shelf": ("去向", "shelf"),
    "events": ("变更", "changes"),
    "answer_file": ("答复", "answer"),
    "trouble": ("为什么", "why"),
    "no_folder": ("没有这个文件夹：{folder}", "There is no folder {folder}."),
    "no_folder_next": ("请核对路径；网络驱动器请先连上。", "Check the path; connect the drive if it is a network drive."),
    "open": ("正在表格软件中打开", "open in a spreadsheet program"),
    "unsettled": ("可能还在复制", "may still be on its way"),
    "not_xlsx": ("只写 .xlsx 文件：{file}", "Only .xlsx is written: {file}"),
    "not_xlsx_next": ("请改用 .xlsx 结尾的文件名。", "Use a name that ends in .xlsx."),
    "template.done": ("空白目录已写入 {out}。", "The empty catalogue is in {out}."),
    "export.done": ("{entries} 条已写入 {out}。", "{entries} entries are in {out}."),
    "export.left_out": (
        "已撤销、目录写不全其原因的条目没有写入（再导入不受影响）：{numbers}",
        "Withdrawn entries whose reason a row can't say were left out (importing is not affected): {numbers}",
    ),
    "export.inexact": (
        "这些条目目录写不全，再导入会产生变更，请先核对：{numbers}",
        "A row can't say all of these entries; importing it would change them: {numbers}",
    ),
    "watch.nothing": ("没有新文件。", "No new file."),
    "watch.left": ("还在等的文件：", "Still waiting:"),
    "watch.answered": (
        "有需要改的行：请打开 {folder} 里的答复文件，改好后放回收件文件夹。",
        "Some rows must be mended: open the answer in {folder}, mend it, and drop it in again.",
    ),
}  # fmt: skip
