"""The sentences of explanations, each in Chinese and English with the same placeholders."""

from __future__ import annotations

from collections.abc import Mapping

from kaocheng.explaining.model import Line

TEXTS: Mapping[str, tuple[str, str]] = {
    "heading": ("{title} · {clause} · version {version}", "{title} · {clause} · 版本 {version}"),
    "no_clause": ("no clause", "无条款"),
    "row": ("for {row}", "对象：{row}"),
    "owed_by": ("owed by: {who}", "责任者：{who}"),
    "assumed": ("assumed: {reason}", "系假定：{reason}"),
    "assumed_of": ("assumed for {subject}: {reason}", "系假定（{subject}）：{reason}"),
    "governed": (
        "governed by version {version}, in force on {day}",
        "适用版本：{version}（{day} 施行中）",
    ),
    "applies": ("applies: {condition}", "适用：{condition}"),
    "not_false": (
        "may apply: {condition} is unknown: {reason}",
        "是否适用待定：{condition}，{reason}",
    ),
    "does_not_apply": (
        "does not apply, because this does not hold: {condition}",
        "不适用，因下列条件不成立：{condition}",
    ),
    "fact": ("{name} = {value}", "{name}：{value}"),
    "start": ("starts: {value}  ({expression})", "起算：{value}（{expression}）"),
    "due": ("due: {value}  ({expression})", "到期：{value}（{expression}）"),
    "due_limit": ("due: {value}  (limit {limit})", "到期：{value}（时限 {limit}）"),
    "pause": ("clock stands still from {first} to {last}", "停计：{first} 至 {last}"),
    "calendar": ("working days by the calendar {edition}", "工作日依 {edition} 日历"),
    "met": ("done: {value}  ({expression})", "办结：{value}（{expression}）"),
    "lapses": ("lapses: {value}  ({expression})", "失效：{value}（{expression}）"),
    "excused": ("excused when: {expression}: {value}", "免责条件：{expression}：{value}"),
    "as_of": ("as of {value}", "截至 {value}"),
    "status": ("result: {status}", "结论：{status}"),
    "status_late": ("result: late by {late_by}", "结论：迟报 {late_by}"),
    "undetermined": ("undetermined: {reason}", "待定：{reason}"),
    "raises": ("raises the finding {finding}, {stage}", "由此提出认定：{finding}（{stage}）"),
    "earns": ("earns {value}  ({expression})", "得分 {value}（{expression}）"),
    "value": ("{name} = {value}  ({expression})", "{name} = {value}（{expression}）"),
    "each": ("one result for each of: {value}", "分别计：{value}"),
    "kept": ("kept: number {rank} of {count} in its group", "保留：同组 {count} 项中列第 {rank}"),
    "dropped": (
        "not kept: number {rank} of {count} in its group; first is {first}",
        "不计：同组 {count} 项中列第 {rank}，居首者为 {first}",
    ),
    "ranked": ("rank {rank} of {count}", "名次：{count} 中第 {rank}"),
    "shared": ("shared: {parts}", "分配：{parts}"),
    "tallied": ("{value} from {count} rows", "合计 {value}，共 {count} 行"),
    "tally_row": ("{row}: {value}", "{row}：{value}"),
    "and_more": ("and {count} more", "另有 {count} 行"),
    "provisional": (
        "provisional: {count} undetermined rows are left out",
        "暂计：{count} 行待定，未计入",
    ),
    "posted": (
        "posted to {account} of {who}: {amount} on {day}",
        "记入 {who} 的{account}：{amount} 分（{day}）",
    ),
    "no_row": (
        "no such row: the rule runs over {source}, and the case has none",
        "没有对应的行：本规则适用于 {source}，该事项没有",
    ),
    "other_version": ("governed by another version: {version}", "由另一版本 {version} 规定"),
    "missing": ("`{subject}` is not recorded", "`{subject}` 未记载"),
    "overflow": ("`{subject}` is too large", "`{subject}` 数值过大"),
    "division_by_zero": ("`{subject}` divides by zero", "`{subject}` 除数为零"),
    "no_such_key": ("`{subject}` finds nothing", "`{subject}` 查无对应"),
    "not_happened": ("`{subject}` has not happened", "`{subject}` 尚未发生"),
    "outside_edition": (
        "the calendar `{subject}` does not reach that far",
        "`{subject}` 日历未覆盖该日",
    ),
    "outside_years": (
        "`{subject}` lies outside the years 1 to 9999",
        "`{subject}` 超出公元 1 至 9999 年",
    ),
    "empty": ("`{subject}` is empty", "`{subject}` 为空"),
    "no_such_limit": ("`{subject}` is no possible limit", "`{subject}` 不是可用的时限"),
}

WORDS: Mapping[str, tuple[str, str]] = {
    "not_begun": ("not begun", "未起算"),
    "open": ("open", "在办"),
    "overdue": ("overdue", "超期未办"),
    "met": ("met in time", "按时办结"),
    "late": ("late", "迟报"),
    "lapsed": ("lapsed unfulfilled", "逾期失效"),
    "excused": ("excused", "免责"),
    "undetermined": ("undetermined", "待定"),
    "missed": ("missed", "漏报"),
    "false": ("false", "谎报"),
    "concealed": ("concealed", "瞒报"),
    "suspicious": ("suspicious", "存疑"),
    "found": ("found", "已认定"),
    "alleged": ("alleged, to be verified by a person", "疑似，待人工核实"),
}


def say(key: str, below: tuple[Line, ...] = (), **values: str | tuple[str, str]) -> Line:
    """The sentence of that key; a value is one text, or a pair of English and Chinese."""
    en, zh = TEXTS[key]
    english = {name: v if isinstance(v, str) else v[0] for name, v in values.items()}
    chinese = {name: v if isinstance(v, str) else v[1] for name, v in values.items()}
    return Line(en.format(**english), zh.format(**chinese), below)


def word(name: str) -> tuple[str, str]:
    """A status, stage or kind of finding in both languages."""
    return WORDS.get(name, (name, name))
