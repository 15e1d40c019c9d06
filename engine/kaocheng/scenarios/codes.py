"""The diagnostics of scenario files."""

from __future__ import annotations

from kaocheng.diagnostics import Code

BAD_TIME = Code(
    "KC401",
    "scenario-time",
    "`{seen}` is not a time: {problem}",
    "`{seen}` 不是时间：{problem_zh}",
    "write `2009-03-02T09:00:00+08:00`, or `2009-03-02` for a day",
    "请写 `2009-03-02T09:00:00+08:00`，只到日时写 `2009-03-02`",
)
UNKNOWN_RULE = Code(
    "KC402",
    "scenario-rule",
    "the ruleset has no rule `{seen}`",
    "规则集没有规则 `{seen}`",
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
)
OTHER_RULESET = Code(
    "KC407",
    "scenario-ruleset",
    "the scenarios are for `{seen}` and the ruleset is `{name}`",
    "情景属于 `{seen}`，而规则集是 `{name}`",
)
NOTHING_EXPECTED = Code(
    "KC408",
    "scenario-expects-nothing",
    "the scenario `{id}` expects nothing",
    "情景 `{id}` 没有写明应得结果",
    "add `expect:`, `absent:`, `states:` or an event with `refused: true`",
    "请补 `expect:`、`absent:`、`states:`，或带 `refused: true` 的事件",
)

CODES = tuple(value for value in list(globals().values()) if isinstance(value, Code))
