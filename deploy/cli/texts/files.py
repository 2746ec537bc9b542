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
    "watch.nothing": ("没有新文件。", "No new file."),
    "watch.left": ("还在等的文件：", "Still waiting:"),
    "watch.answered": (
        "有需要改的行：请打开 {folder} 里的答复文件，改好后放回收件文件夹。",
        "Some rows must be mended: open the answer in {folder}, mend it, and drop it in again.",
    ),
}  # fmt: skip
