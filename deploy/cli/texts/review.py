"""What is said about capture on a city's own table, and about rows that wait for a person."""

REVIEW: dict[str, tuple[str, str]] = {
    "id": ("编号", "id"),
    "place": ("出处", "where"),
    "cells": ("单元格", "cells"),
    "capture.installed": (
        "{city}：表 {table} 已装触发器，现有 {rows} 行由转发程序收入名录（czt city relay）。",
        "{city}: table {table} has its triggers; the relay takes the {rows} rows that are there (czt city relay).",
    ),
    "capture.removed": (
        "{city}：表 {table} 的触发器已拆除，数据库恢复原样；尚有 {held} 条待审（czt city review list）。",
        "{city}: the triggers on {table} are gone, without a trace; {held} rows still wait for a person (czt city review list).",
    ),
    "capture.nothing": ("{city} 没有装触发器，无需拆除。", "{city} has no triggers; nothing to remove."),
    "capture.ready": (
        "{city}：配置已有，尚未安装。下一步：czt city capture install --city {city}",
        "{city}: configured, not installed. Next: czt city capture install --city {city}",
    ),
    "capture.unconfigured": (
        "{city} 的配置文件没有 [capture]，不从数据库表采集。",
        "The file of {city} has no [capture]: no table is captured.",
    ),
    "capture.status": (
        "{city}：正在采集表 {table}（{installed_at} 安装），已知 {rows} 行，{waiting} 条变更待收入名录。",
        "{city}: table {table} is captured (since {installed_at}); {rows} rows known, {waiting} images wait for the relay.",
    ),
    "capture.last": ("最近一次变更写于 {time}。", "The last change was written at {time}."),
    "capture.held": (
        "{held} 行待审，{held_withdrawals} 条撤销待确认：czt city review list --city {city}",
        "{held} rows wait for a person, {held_withdrawals} withdrawals for a confirmation: czt city review list --city {city}",
    ),
    "capture.only_in_register": (
        "名录中有 {count} 条在册，表里没有对应的行。",
        "{count} entries are in the register, and no row of the table stands for them.",
    ),
    "capture.table_gone": (
        "表 {table} 不在了，变更没有采集。恢复表后运行 czt city capture install --city {city}",
        "Table {table} is gone: nothing is captured. Restore it, then czt city capture install --city {city}",
    ),
    "capture.triggers_gone": (
        "表 {table} 上的触发器不全或已停用，变更没有采集。请运行 czt city capture install --city {city}",
        "Triggers on {table} are gone or disabled: changes are not captured. Run czt city capture install --city {city}",
    ),
    "capture.columns_gone": (
        "表 {table} 缺了配置里的列。请改正 [capture]，再运行 czt city capture install --city {city}",
        "Table {table} lacks a mapped column. Correct [capture], then czt city capture install --city {city}",
    ),
    "capture.mapping_changed": (
        "配置文件的 [capture] 在安装之后改过，表 {table} 仍按旧的采集。请运行 czt city capture install --city {city}",
        "[capture] was changed since it was installed, {table} is captured the old way. Run czt city capture install --city {city}",
    ),
    "review.captured": ("表 {table}，主键 {row_key}", "table {table}, key {row_key}"),
    "review.gone": ("表 {table} 中已删除", "no longer in table {table}"),
    "review.yes": ("可直接通过：review accept", "A yes is enough: review accept"),
    "review.needs_value": ("要先给出正确的值：review accept --set 字段=值", "Say what is right: review accept --set FIELD=VALUE"),
    "review.done": ("产生变更 {events} 条。", "{events} changes."),
    "review.which": ("要通过哪些？", "Which ones?"),
    "review.which_next": (
        "写编号，或写 --confirm-withdrawals 数目，不能都写。",
        "Give ids, or --confirm-withdrawals with their number, not both.",
    ),
    "review.bad_set": ("--set {found} 不是“字段=值”。", "--set {found} is not FIELD=VALUE."),
    "review.bad_set_next": ("字段有：{fields}", "Fields: {fields}"),
    "review.one_set": ("--set 一次只能用于一个编号。", "--set goes with exactly one id."),
    "review.one_set_next": ("请逐个处理。", "Answer them one by one."),
}  # fmt: skip
