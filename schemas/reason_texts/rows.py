"""Data rows that are skipped, rejected or held for a person, in the order in which a row's reasons are listed."""

from schemas.reason_texts import Reason

ROWS: tuple[Reason, ...] = (
    Reason(
        "duplicate_row", "skip",
        "与前面某一行完全相同，已跳过。", "An exact copy of an earlier row; skipped.",
        "无需处理；可在目录中删去这一行。", "Nothing to do; the row can be deleted from the catalogue."),
    Reason(
        "certificate_missing", "reject",
        "没有填认定编号。", "The certificate number is missing.",
        "请补上认定编号后重新导入。", "Fill in the certificate number and import again."),
    Reason(
        "dup_certificate", "review",
        "同一认定编号用在了两个不同的产品上，这些行都先待审。",
        "One certificate number stands on two different products; both rows wait.",
        "请核对认定文件，改正其中一行的编号后重新导入。",
        "Check the certificates, correct the number of the wrong row and import again."),
    Reason(
        "wrong_issuer", "reject",
        "认定编号是其他市的，本市不能登记。", "The certificate number belongs to another city.",
        "请核对编号：填错的，改正后重新导入或发送；确属外市的，从本市目录中删去，由发证市登记。",
        "Check the number: correct it and send again, or leave the product to the city that issued it."),
    Reason(
        "enterprise_missing", "reject",
        "没有填企业名称。", "The enterprise name is missing.",
        "请补上企业名称后重新导入；与上一行相同的也请写全。",
        "Fill in the name, also where it repeats, and import again."),
    Reason(
        "product_missing", "reject",
        "没有填产品名称。", "The product name is missing.",
        "请补上产品名称后重新导入。", "Fill in the product name and import again."),
    Reason(
        "ambiguous_fill_down", "review",
        "企业名称、代码、区县都空着，可能与上一行同一企业，也可能漏填（CSV 不保留合并单元格）。",
        "Name, code and district are all blank: the enterprise above, or left out (CSV keeps no merged cells).",
        "请确认是否与上一行为同一企业，并把这几格填全；也可改用 xlsx 导入。",
        "Say whether it is the enterprise above and fill in the cells, or import the xlsx."),
    Reason(
        "uscc_missing", "reject",
        "没有填统一社会信用代码。", "The unified social credit code is missing.",
        "请按营业执照补上 18 位代码后重新导入。",
        "Copy the 18 characters from the business licence and import again."),
    Reason(
        "uscc_length", "reject",
        "统一社会信用代码不是 18 位。", "The unified social credit code does not have 18 characters.",
        "请对照营业执照检查是否多填或漏填，改正后重新导入。",
        "Compare with the business licence, correct and import again."),
    Reason(
        "uscc_legacy_regno", "reject",
        "填的是 15 位旧工商注册号，不是统一社会信用代码。", "This is an old 15-digit registration number.",
        "请向企业索取现行营业执照，换填 18 位代码。",
        "Ask the enterprise for its current licence and use the 18-character code."),
    Reason(
        "uscc_legacy_orgcode", "reject",
        "填的是 9 位旧组织机构代码，不是统一社会信用代码。", "This is an old 9-character organisation code.",
        "请向企业索取现行证照，换填 18 位代码。",
        "Ask the body for its current certificate and use the 18-character code."),
    Reason(
        "uscc_checksum", "reject",
        "统一社会信用代码校验不通过，可能有错字或颠倒。",
        "The code fails its check: a character is wrong or swapped.",
        "请对照营业执照逐位核对，改正后重新导入。",
        "Compare it with the licence character by character, correct and import again."),
    Reason(
        "uscc_confusable", "review",
        "代码中有 O、I、S、Z、V 等字母，疑为 0、1、5、2、U；替换后校验通过。",
        "Letters such as O or I stand where 0 or 1 was likely meant; read that way, the code passes its checks.",
        "请对照营业执照确认替换后的代码是否正确。", "Confirm the corrected code against the business licence."),
    Reason(
        "uscc_precision_lost", "reject",
        "代码被表格软件当成数字，末几位已丢失，无法恢复。",
        "The spreadsheet kept the code as a number; its last digits are lost.",
        "请把该列设为“文本”格式，按营业执照重新录入后导入。",
        "Format the column as text, type the code again from the licence and import."),
    Reason(
        "uscc_conflict_same_name", "review",
        "企业名称与已登记的相同，但统一社会信用代码不同。",
        "An accepted row has this enterprise name under another code.",
        "请核对哪个代码正确；确为两家同名企业的，审核时通过。",
        "Check which code is right; accept if they are two firms of one name."),
    Reason(
        "name_conflict_same_uscc", "review",
        "统一社会信用代码与已登记的相同，但企业名称不同。",
        "An accepted row has this code under another enterprise name.",
        "请核对是填错还是企业已更名；已更名的，请把该企业各行都改为新名称。",
        "Check for a mistake or a new name; after a rename, use the new name in all rows of the enterprise."),
    Reason(
        "former_name_in_cell", "review",
        "企业名称里写了“（原……）”。", "The name cell also holds a former name.",
        "请确认现名称；名称栏只留现名称，原名称写入备注。",
        "Confirm the current name, keep only that, and move the former one to the remarks."),
    Reason(
        "possible_duplicate_product", "review",
        "同一企业的同名同型号产品已登记，认定编号不同，疑似重复。",
        "The same product and models of this enterprise are accepted under another certificate.",
        "请核对两份认定：同一产品的只留一个编号，不同产品的审核时通过。",
        "Compare the two certificates: keep one number for one product, accept if they are two."),
    Reason(
        "model_in_attachment", "review",
        "型号写的是“详见附件”之类，没有列出具体型号。", "The models are said to be in an attachment.",
        "请把附件中的型号逐个填入型号栏后重新导入。",
        "Write the models from the attachment into the cell and import again."),
    Reason(
        "model_autoconverted_date", "review",
        "型号被表格软件转成了日期（如 3-12 变成 3月12日）。",
        "The spreadsheet turned a model such as 3-12 into a date.",
        "请把该列设为“文本”格式，重新录入型号后导入。",
        "Format the column as text, type the model again and import."),
    Reason(
        "date_missing", "reject",
        "没有填有效期。", "The validity dates are missing.",
        "请按认定文件补上起止日期后重新导入。", "Fill in both dates from the certificate and import again."),
    Reason(
        "date_invalid", "reject",
        "日期不存在或无法识别（如 2 月 30 日）。", "The date does not exist or can't be read.",
        "请按“2021-07-16”的格式改正后重新导入。", "Correct it in the form 2021-07-16 and import again."),
    Reason(
        "date_order", "reject",
        "有效期的截止日期早于起始日期。", "The validity ends before it starts.",
        "请核对起止日期是否填反，改正后重新导入。", "Check whether the dates are swapped, correct and import again."),
    Reason(
        "date_ambiguous_dmy", "review",
        "日期的日、月顺序不明（如 3/4/2021）。", "Day and month can't be told apart, as in 3/4/2021.",
        "请核对认定文件，改写为“2021-04-03”的格式。", "Check the certificate and write it as 2021-04-03."),
    Reason(
        "date_two_digit_year", "review",
        "年份只写了两位（如 21.3.4）。", "The year has only two digits, as in 21.3.4.",
        "请核对后写全四位年份。", "Check it and write the year with four digits."),
    Reason(
        "date_month_only", "review",
        "日期只写到月（如 2021年3月）。", "The date names a month without a day.",
        "请按认定文件补上具体日期。", "Add the day from the certificate."),
    Reason(
        "validity_open_ended", "review",
        "有效期写的是“长期”之类，没有截止日期。", "The validity has no end, as in 长期.",
        "请按认定文件填写截止日期。", "Fill in the last day from the certificate."),
    Reason(
        "status_missing", "review",
        "没有填状态。", "The status is blank.",
        "请核对该产品现在是否有效，补上状态。", "Check whether the product is still valid and fill in the status."),
    Reason(
        "status_unknown", "review",
        "状态的写法不在本市的用词表中。", "The city's file does not know this status.",
        "请改用通行写法；确需保留的，请加进本市的配置文件。",
        "Use a known word, or add this one to the city's file."),
    Reason(
        "district_unknown", "review",
        "区县的名称或代码无法识别。", "The district's name or code is unknown.",
        "请改用现行区划名称；园区等叫法请加进本市的配置文件。",
        "Use the current name, or add this one to the city's file."),
    Reason(
        "batch_unknown", "review",
        "批次的写法无法识别。", "The batch is not one that the city's file knows.",
        "请核对批次；写法无误的，请加进本市的配置文件。",
        "Check the batch; if it is right, add it to the city's file."),
    Reason(
        "certificate_pattern", "review",
        "认定编号不符合本市的编号规则。", "The certificate number does not have the city's form.",
        "请对照认定文件核对编号；编号无误的，审核时通过。",
        "Compare it with the certificate; accept if it is right."),
    Reason(
        "status_remark_conflict", "review",
        "状态为有效，备注却写明已撤销、注销等。", "The status says valid, the remark says withdrawn.",
        "请核实以哪个为准，改正状态或备注。", "Find out which is true and correct the status or the remark."),
    Reason(
        "struck_out", "review",
        "该行加了删除线，可能表示已作废。", "The row is struck out, which may mean that it no longer counts.",
        "已作废的，请删去该行或改状态；仍有效的，请去掉删除线。",
        "Delete the row or change its status, or remove the strike-through."),
    Reason(
        "hidden_row", "review",
        "该行被隐藏，可能表示不再使用。", "The row is hidden, which may mean that it no longer counts.",
        "不再使用的，请删去；仍有效的，请取消隐藏。", "Delete the row, or unhide it if it still counts."),
    Reason(
        "encoding_loss", "review",
        "有字在另存时丢失，变成了“?”或“�”（多为生僻字）。", "A character was lost in saving and is now ? or U+FFFD.",
        "请补回原字，另存为 xlsx 或 UTF-8 编码的 CSV 后导入。",
        "Put the character back and save as xlsx or as CSV in UTF-8."),
    Reason(
        "formula_injection", "reject",
        "单元格内容以公式的形式开头（如 =、@），为安全起见不收。",
        "The text begins like a formula; not taken, for safety.",
        "请改成普通文字后重新导入。", "Replace it by plain text and import again."),
)  # fmt: skip
