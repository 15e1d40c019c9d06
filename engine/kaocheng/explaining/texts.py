"""The sentences of explanations, each in Chinese and English with the same placeholders."""

from __future__ import annotations

from collections.abc import Mapping

from kaocheng.explaining.model import Line
from kaocheng.rendering.words import FINDING_WORDS, STAGE_WORDS, STATUS_WORDS

TEXTS: Mapping[str, tuple[str, str]] = {
    # The head, and which row it is.
    "heading": ("{title} · {clause} · version {version}", "{title} · {clause} · 版本 {version}"),
    "no_clause": ("no clause", "无条款"),
    "row": ("for {row}", "对象：{row}"),
    "assumed": ("assumed: {reason}", "系假定：{reason}"),
    "assumed_of": ("assumed for {subject}: {reason}", "系假定（{subject}）：{reason}"),
    "by_clause": ("by {clause}", "依据：{clause}"),
    "other_version": (
        "not governed by this rule: version {version} is in force, which does not have it",
        "不适用：此时施行的版本 {version} 没有这条规则",
    ),
    "no_version": (
        "not governed by this rule: no version is in force then",
        "不适用：此时没有施行中的版本",
    ),
    "no_row": (
        "nothing here: the rule runs over {source}, and the case has none",
        "无结果：本规则适用于{source}，该事项没有",
    ),
    "no_kind": (
        "nothing here: the rule runs over {source}, not over {kind}",
        "无结果：本规则适用于{source}，不适用于{kind}",
    ),
    "no_row_in": (
        "nothing here: the rule runs over {source}, and the case has none in {period}",
        "无结果：本规则适用于{source}，该事项在 {period} 没有",
    ),
    "no_group": (
        "nothing here: no row that the tally counts belongs to the case",
        "无结果：没有归入该对象的行",
    ),
    # Conditions and facts.
    "applies": ("applies: {condition}", "适用：{condition}"),
    "not_false": (
        "may apply, because this is unknown: {condition}",
        "是否适用待定，因下列条件未知：{condition}",
    ),
    "does_not_apply": (
        "does not apply, because this does not hold: {condition}",
        "不适用，因下列条件不成立：{condition}",
    ),
    "not_yet": (
        "does not count yet: its time is {value}  ({expression})",
        "尚不计：计入时间为 {value}（{expression}）",
    ),
    "fact": ("{name} = {value}", "{name}：{value}"),
    "fact_of": ("{name} of {row} = {value}", "{row} 的{name}：{value}"),
    "and_more": ("and {count} more", "另有 {count} 行"),
    # Clocks.
    "owed_by": ("owed by: {who}  ({expression})", "责任者：{who}（{expression}）"),
    "start": ("starts: {value}  ({expression})", "起算：{value}（{expression}）"),
    "due": ("due: {value}  ({expression})", "到期：{value}（{expression}）"),
    "due_limit": ("due: {value}  (limit {limit})", "到期：{value}（时限 {limit}）"),
    "counted_from": (
        "counted from: {value}  ({expression})",
        "自下列时间起计：{value}（{expression}）",
    ),
    "paused": (
        "stands still from {first} to {last}: {name}",
        "停计：{first} 至 {last}，因{name}",
    ),
    "paused_since": (
        "stands still since {first}: {name}",
        "停计：自 {first} 起，尚未恢复，因{name}",
    ),
    "projected": (
        "due {value}, if it went on from now",
        "如自此时恢复，到期时间为 {value}",
    ),
    "calendar": ("working days by the calendar {edition}", "工作日依 {edition} 日历"),
    "free_days": ("not working days: {days}", "非工作日：{days}"),
    "met": ("done: {value}  ({expression})", "办结：{value}（{expression}）"),
    "lapses": ("lapses: {value}  ({expression})", "失效：{value}（{expression}）"),
    "excused": ("excused: {value}  ({expression})", "免责：{value}（{expression}）"),
    "as_of": ("as of {value}", "截至 {value}"),
    "status": ("result: {status}", "结论：{status}"),
    "status_late": ("result: late by {late_by}", "结论：逾期 {late_by}办结"),
    "of_owner": ("{who}: {line}", "{who}：{line}"),
    "undetermined": ("undetermined: {reason}", "待定：{reason}"),
    # Results.
    "raises": ("raises the finding {finding} ({stage})", "由此提出认定：{finding}（{stage}）"),
    "raises_against": (
        "raises the finding {finding} ({stage}), answered for by {who}",
        "由此提出认定：{finding}（{stage}），责任者 {who}",
    ),
    "established": ("{stage} by {case}", "{case}：{stage}"),
    "earns": ("earns {value}  ({expression})", "得分 {value}（{expression}）"),
    "earns_alone": ("earns {value}", "得分 {value}"),
    "posted": (
        "posted to {account} of {who}: {amount} on {day}",
        "记入 {who} 的{account}：{amount} 分（{day}）",
    ),
    "posted_late": (
        "earned on {at} and known since {known}: by then its period had been published",
        "取得于 {at}，获知于 {known}，其时所属周期已经通报",
    ),
    "notice": ("to be told: {who}, at {at}", "应告知：{who}（{at}）"),
    "value": ("{name} = {value}  ({expression})", "{name}：{value}（{expression}）"),
    "value_alone": ("{name} = {value}", "{name}：{value}"),
    "each": ("for each of: {value}  ({expression})", "分别适用于：{value}（{expression}）"),
    "nobody": ("nobody: {expression} is an empty list", "无对象：{expression} 为空"),
    # Groups.
    "kept": (
        "kept: number {rank} of {count}{group}, of which {best}",
        "保留：{group}{count} 项中列第 {rank}，{best}",
    ),
    "dropped": (
        "not kept: number {rank} of {count}{group}, of which {best}",
        "不计：{group}{count} 项中列第 {rank}，{best}",
    ),
    "kept_row": ("number {rank}: {row}, {value}", "第 {rank}：{row}，{value}"),
    "ranked": ("rank {rank} of {count}{group}", "名次：第 {rank}，{group}共 {count} 个"),
    "ahead": ("next ahead: {row}, {value}", "前一名：{row}，{value}"),
    "alike": ("same rank: {row}, {value}", "并列：{row}，{value}"),
    "then_by": ("among equals by {name}: {value}", "分数相同时比较{name}：{value}"),
    "no_rank": ("no rank: {reason}", "不列名次：{reason}"),
    "points": ("points = {value}", "得分：{value}"),
    "shared": ("shared {how}: {parts}", "分配（{how}）：{parts}"),
    "chosen": (
        "chosen in {period}: {count}; {bound}",
        "{period} 已选 {count} 项，{bound}",
    ),
    # Tallies.
    "tallied": ("{text}", "{text}"),
    "tally_row": ("{row}: {value}", "{row}：{value}"),
    "counted_row": ("{row}", "{row}"),
    "not_counted": ("not counted: {count}", "不计：{count} 行"),
    "left_out": (
        "{row}, because this does not hold: {condition}",
        "{row}，因下列条件不成立：{condition}",
    ),
    "undecided": ("{row}: {reason}", "{row}：{reason}"),
    "provisional": (
        "provisional: {count} undetermined {rows} left out",
        "暂计：{count} 行待定，未计入{rows}",
    ),
    "counted": ("counted{group}; {total} in all", "计入 {group}；合计 {total}"),
    "counted_with": (
        "counted{group} with {value}; {total} in all",
        "计入 {group}，计 {value}；合计 {total}",
    ),
    "counts_not_yet": (
        "counts nowhere yet: {expression} has not happened",
        "尚不计入：{expression} 尚未发生",
    ),
    "left_out_undetermined": ("left out as undetermined: {reason}", "待定，未计入：{reason}"),
    # Carried states.
    "carried_for": ("carried for {who}", "结转对象：{who}"),
    "carried_after": ("after earlier rows: {count}", "此前计入：{count} 行"),
    "carried_row": ("{row}: {state}", "{row}：{state}"),
    "state": (
        "{name}: {before} before, {after} after  ({expression})",
        "{name}：之前 {before}，之后 {after}（{expression}）",
    ),
    "no_state": ("passed over: {reason}", "不计入结转：{reason}"),
    "hidden": (
        "more rests on cases that may not be read",
        "另有依据涉及无权查阅的事项，此处从略",
    ),
    # Why something is unknown.
    "unknown": ("a fact that it rests on is unknown", "所依据的事实未知"),
    "because_of": ("{rule} is undetermined: {reason}", "{rule}待定：{reason}"),
    "no_value": ("no valid decision yet", "尚无有效决定"),
    "no_result": ("{rule} has no result here", "{rule}没有结果"),
    "rests_on": ("{rule} is undetermined for {row}", "{rule}（{row}）待定"),
    "missing": ("{subject} is not recorded", "{subject}未记载"),
    "overflow": ("{subject} is too large", "{subject} 数值过大"),
    "division_by_zero": ("{subject} divides by zero", "{subject} 除数为零"),
    "no_such_key": ("{subject} finds nothing", "{subject} 查无对应"),
    "no_such_row": ("{table} has no row for {keys}", "{table}没有对应 {keys} 的行"),
    "not_happened": ("{subject} has not happened", "{subject} 尚未发生"),
    "outside_edition": (
        "the calendar {subject} does not reach that far",
        "{subject} 日历未覆盖该日",
    ),
    "outside_years": (
        "{subject} lies outside the years 1 to 9999",
        "{subject} 超出公元 1 至 9999 年",
    ),
    "empty": ("{subject} is empty", "{subject} 为空"),
    "no_such_limit": ("{subject} is no possible limit", "{subject} 不是可用的时限"),
}


def say(key: str, below: tuple[Line, ...] = (), **values: str | tuple[str, str]) -> Line:
    """The sentence of that key; a value is one text, or a pair of English and Chinese."""
    en, zh = TEXTS[key]
    english = {name: v if isinstance(v, str) else v[0] for name, v in values.items()}
    chinese = {name: v if isinstance(v, str) else v[1] for name, v in values.items()}
    return Line(en.format(**english), zh.format(**chinese), below)


def word(name: str) -> tuple[str, str]:
    """A status, stage or kind of finding in both languages."""
    return {**FINDING_WORDS, **STAGE_WORDS, **STATUS_WORDS}.get(name, (name, name))
