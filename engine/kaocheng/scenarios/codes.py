"""The diagnostics of scenario files."""

from __future__ import annotations

from kaocheng.diagnostics import Code, Severity

BAD_TIME = Code(
    "KC401",
    "scenario-time",
    "`{seen}` is not a time: {problem}",
    "`{seen}` 不是时间：{problem}",
    "write `2009-03-02T09:00:00+08:00`, or `2009-03-02` for a day",
    "请写 `2009-03-02T09:00:00+08:00`，只到日时写 `2009-03-02`",
)
UNKNOWN_RULE = Code(
    "KC402",
    "scenario-rule",
    "the ruleset has no rule `{seen}`",
    "规则集没有规则 `{seen}`",
    "write the id of a rule, or `RULE.FINDING` for one of its findings",
    "请写规则的编号；单指其某种认定时写 `规则编号.认定`",
)
UNKNOWN_COLUMN = Code(
    "KC403",
    "scenario-column",
    "the rule `{rule}` gives no `{seen}`",
    "规则 `{rule}` 不给出 `{seen}`",
    "it gives {known}",
    "可写的有：{known}",
)
UNKNOWN_DATA = Code(
    "KC404",
    "scenario-data",
    "no event of `{kind}` carries `{seen}`",
    "`{kind}` 的事件不带 `{seen}` 一项",
    "they carry {known}",
    "所带各项有：{known}",
)
UNKNOWN_KIND = Code(
    "KC405",
    "scenario-kind",
    "the case `{seen}` is of no kind that the ruleset has",
    "事项 `{seen}` 不属于规则集中的任何类别",
    "write `KIND/ID`; the kinds are {known}",
    "请写成 `类别/编号`；可用类别：{known}",
)
UNKNOWN_EVENT = Code(
    "KC406",
    "scenario-event",
    "no event `{seen}` is declared for `{kind}`",
    "`{kind}` 没有 `{seen}` 这一事件",
    "the events are {known}",
    "已有事件：{known}",
)
OTHER_RULESET = Code(
    "KC407",
    "scenario-ruleset",
    "the scenarios are for `{seen}` and the ruleset is `{name}`",
    "情景属于 `{seen}`，而规则集是 `{name}`",
    "write `ruleset: {name}`, or move the file",
    "请写 `ruleset: {name}`，或将文件移出",
)
NOTHING_EXPECTED = Code(
    "KC408",
    "scenario-expects-nothing",
    "the scenario `{id}` expects nothing",
    "情景 `{id}` 没有写明应得结果",
    "add `expect:`, `absent:`, `states:` or an event with `refused: true`",
    "请补 `expect:`、`absent:`、`states:`，或带 `refused: true` 的事件",
)
BAD_VALUE = Code(
    "KC409",
    "scenario-value",
    "{problem}",
    "{problem}",
)
NO_STATES = Code(
    "KC410",
    "scenario-no-states",
    "`{kind}` has no lifecycle, so its cases are in no state",
    "`{kind}` 没有生命周期，其事项没有状态",
    "take the case out of `states:`",
    "请从 `states:` 中删去该事项",
)
ONLY_A_DAY = Code(
    "KC411",
    "scenario-only-a-day",
    "`{event}` has only a day, so the instants that it gives are unknown: {known}",
    "`{event}` 只写到日，由其得出的时刻均属未知：{known}",
    "write the instant, such as `2009-03-02T09:00:00+08:00`",
    "请写明时刻，如 `2009-03-02T09:00:00+08:00`",
    severity=Severity.WARNING,
)

CODES = tuple(value for value in list(globals().values()) if isinstance(value, Code))
