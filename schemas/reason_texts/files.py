"""Whole files that are not taken, or are held."""

from schemas.reason_texts import Reason

FILES: tuple[Reason, ...] = (
    Reason(
        "file_unreadable", "file",
        "文件已损坏，或内容与扩展名不符。", "The file is damaged, or is not what its name says.",
        "请用表格软件打开，另存为 xlsx 或 CSV 后重新导入。", "Open it, save it as xlsx or CSV and import again."),
    Reason(
        "file_encrypted", "file",
        "文件设有打开密码。", "The file has a password.",
        "请去掉密码，另存后重新导入。", "Remove the password, save and import again."),
    Reason(
        "file_too_large", "file",
        "文件超出大小或行数上限。", "The file is beyond the limits of size or rows.",
        "请删去图片、附表和多余空行；确有这么多数据的，请管理员调高上限。",
        "Remove pictures, other sheets and empty rows, or ask the operator to raise the limit."),
    Reason(
        "sheet_ambiguous", "file",
        "有两个以上可见工作表都有目录表头，分不清导入哪个。", "Two or more visible sheets have a catalogue header.",
        "请只保留要导入的一个，其余隐藏或删去。", "Keep the one to import; hide or delete the others."),
    Reason(
        "header_not_found", "file",
        "没有找到目录的表头行。", "No catalogue header was found.",
        "请确认表中有“企业名称、认定编号”等列名，也可套用空白模板。",
        "Check the column names, or start from the template."),
    Reason(
        "column_missing", "file",
        "缺少必需的列。", "A needed column is missing.",
        "请补上报告中列出的列；只是叫法不同的，请加进本市的配置文件。",
        "Add the columns that the report names, or add this city's names for them to its file."),
    Reason(
        "file_older_than_register", "file",
        "该文件的导出时间早于上次已导入的文件。", "The export is older than the last one applied.",
        "请导出最新的目录后再导入。", "Export the current catalogue and import that."),
    Reason(
        "other_citys_file", "file",
        "这是其他市的目录。", "This is another city's catalogue.",
        "请核对所选的城市和文件。", "Check the city and the file that you chose."),
    Reason(
        "file_seen_before", "file",
        "同一文件此前已导入过，这次不产生事件。", "This very file was imported before; no events come of it.",
        "无需处理；想导入新内容的，请检查是否选错文件。", "Nothing to do; if you meant a newer one, check the file."),
    Reason(
        "mass_change_held", "file",
        "将撤销的产品超过规定比例，暂缓撤销。",
        "More products would be withdrawn than the set share; none was.",
        "请核对是否完整；确要撤销的，重新导入（表则用 review accept），并用 --confirm-withdrawals 写明数目。",
        "Check that it is complete; if so, import again (a table: review accept) with --confirm-withdrawals and the number."),
)  # fmt: skip
