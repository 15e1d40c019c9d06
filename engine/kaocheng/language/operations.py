"""The operations of expressions and what each means, the same in every evaluator.

An operation is strict unless said otherwise: an unknown argument makes it unknown,
and so does an unknown item of a list that it looks into (`size` does not).
What has not happened is later than every time in comparisons, `latest` and `earliest`,
stays so under `shift`, `date_of`, `start_of`, `end_of`, `add_days` and `add_months`,
and is an error everywhere else.
An error (overflow past 64 bits, division by zero, no such key, a difference with
what has not happened) is unknown with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen


@frozen
class Operation:
    """One operation: how it is written in CEL, what it takes and gives, and its meaning.

    `written` is an operator or a function name; `shape` names types as policy writers do.
    """

    id: str
    written: str
    shape: str
    en: str
    zh: str
    strict: bool = True


_ALL = (
    Operation(
        "and",
        "a && b",
        "bool, bool → bool",
        "both; false if either is false, even when the other is unknown",
        "且；一方为假即为假，另一方未知亦然",
        strict=False,
    ),
    Operation(
        "or",
        "a || b",
        "bool, bool → bool",
        "either; true if either is true, even when the other is unknown",
        "或；一方为真即为真，另一方未知亦然",
        strict=False,
    ),
    Operation("not", "!a", "bool → bool", "the contrary", "非"),
    Operation(
        "if",
        "a ? b : c",
        "bool, T, T → T",
        "b where a holds, else c; unknown where a is unknown",
        "a 成立取 b，否则取 c；a 未知则未知",
        strict=False,
    ),
    Operation("eq", "a == b", "T, T → bool", "equal", "等于"),
    Operation("ne", "a != b", "T, T → bool", "not equal", "不等于"),
    Operation("lt", "a < b", "T, T → bool", "less, earlier", "小于、早于"),
    Operation("le", "a <= b", "T, T → bool", "at most, not later", "不大于、不晚于"),
    Operation("gt", "a > b", "T, T → bool", "greater, later", "大于、晚于"),
    Operation("ge", "a >= b", "T, T → bool", "at least, not earlier", "不小于、不早于"),
    Operation(
        "rank",
        "",
        "ordered enumeration → int",
        "the place of a value in its order, from 0; inserted where ordered values are compared",
        "有序枚举值的位次，自 0 起",
    ),
    Operation(
        "add",
        "a + b",
        "int, decimal or duration, same type and scale",
        "the sum; unknown on overflow",
        "加",
    ),
    Operation(
        "sub",
        "a - b",
        "int, decimal or duration, same type and scale",
        "the difference; unknown on overflow",
        "减",
    ),
    Operation(
        "mul",
        "a * b",
        "int or decimal; the scales add up",
        "the product; unknown on overflow",
        "乘",
    ),
    Operation("neg", "-a", "int, decimal or duration", "the negative; unknown on overflow", "取负"),
    Operation(
        "mod",
        "a % b",
        "int, int → int",
        "the remainder, with the sign of a; unknown for b = 0",
        "取余，符号随 a",
    ),
    Operation(
        "rescale",
        "",
        "int or decimal → decimal of a larger scale",
        "the same number with more decimal places; inserted where scales meet",
        "换算小数位数",
    ),
    Operation(
        "diff",
        "a - b",
        "date, date → int; instant, instant → duration",
        "days or elapsed time between; unknown where either has not happened",
        "相差天数或时长",
    ),
    Operation(
        "shift",
        "a + d",
        "instant, duration → instant",
        "elapsed time later; what has not happened stays so",
        "顺延一段时长",
    ),
    Operation("concat", "a + b", "string, string → string", "one after the other", "连接"),
    Operation("starts_with", "a.startsWith(b)", "string, string → bool", "begins with", "以……开头"),
    Operation("ends_with", "a.endsWith(b)", "string, string → bool", "ends with", "以……结尾"),
    Operation("contains", "a.contains(b)", "string, string → bool", "contains", "包含"),
    Operation(
        "length", "size(a)", "string → int", "the number of characters (code points)", "字数"
    ),
    Operation(
        "in",
        "a in b",
        "T, list of T → bool",
        "one of the list; Kleene where an item is unknown",
        "在其中",
        strict=False,
    ),
    Operation("size", "size(a)", "list → int", "how many", "个数"),
    Operation(
        "earliest",
        "earliest(a)",
        "list of date or instant → the same",
        "the first; never for an empty list",
        "最早者；空则为“尚未发生”",
    ),
    Operation(
        "latest",
        "latest(a)",
        "list of date or instant → the same",
        "the last; unknown for an empty list",
        "最晚者",
    ),
    Operation(
        "min",
        "min(a)",
        "list of int or decimal → the same",
        "the least; unknown for an empty list",
        "最小者",
    ),
    Operation(
        "max",
        "max(a)",
        "list of int or decimal → the same",
        "the greatest; unknown for an empty list",
        "最大者",
    ),
    Operation(
        "lowest",
        "min(a)",
        "list of ordered values → the same",
        "the lowest in their order; unknown for an empty list",
        "次序最低者",
    ),
    Operation(
        "highest",
        "max(a)",
        "list of ordered values → the same",
        "the highest in their order; unknown for an empty list",
        "次序最高者",
    ),
    Operation(
        "sum",
        "sum(a)",
        "list of int or decimal → the same",
        "the sum; 0 for an empty list; unknown on overflow",
        "合计",
    ),
    Operation(
        "date_of",
        "date_of(a)",
        "instant → date",
        "the local date in the ruleset's zone; never stays never",
        "当地日期",
    ),
    Operation(
        "start_of",
        "start_of(a)",
        "date → instant",
        "the first instant of the local day",
        "当日零时",
    ),
    Operation(
        "end_of", "end_of(a)", "date → instant", "the end of the local day (24:00)", "当日二十四时"
    ),
    Operation(
        "add_days",
        "add_days(a, n)",
        "date, int → date",
        "n days later; unknown outside the years 1 to 9999",
        "加天数",
    ),
    Operation(
        "add_months",
        "add_months(a, n)",
        "date, int → date",
        "n months later, the last day where the month has no such day",
        "加月数",
    ),
    Operation("year", "year(a)", "date → int", "the calendar year", "年"),
    Operation("month", "month(a)", "date → int", "the month, 1 to 12", "月"),
    Operation("day", "day(a)", "date → int", "the day of the month, 1 to 31", "日"),
    Operation(
        "weekday",
        "weekday(a)",
        "date → int",
        "the day of the week, Monday 1 to Sunday 7 (ISO 8601)",
        "星期，周一为 1",
    ),
    Operation(
        "utc_offset",
        "utc_offset(a)",
        "instant → duration",
        "the ruleset's zone's offset from UTC then",
        "当时的时区偏移",
    ),
    Operation(
        "seconds",
        "int(a)",
        "instant → int",
        "whole seconds since 1970-01-01T00:00:00Z, rounded down",
        "自 1970 年起的整秒数",
    ),
    Operation(
        "is_working_day",
        "is_working_day(a)",
        "date → bool",
        "by the ruleset's calendar; unknown outside its edition",
        "是否工作日",
    ),
    Operation(
        "happened",
        "happened(a)",
        "date or instant → bool",
        "whether it has happened; unknown stays unknown",
        "是否已发生",
    ),
    Operation(
        "started",
        "started(a, b)",
        "int, int or duration, duration → int",
        "how many b are begun in a (a divided by b, rounded up); unknown for b <= 0",
        "已开始的单位数（不足一个按一个计）",
    ),
    Operation(
        "whole",
        "whole(a, b)",
        "int, int or duration, duration → int",
        "how many b are complete in a (rounded down); unknown for b <= 0",
        "满额的单位数（不足一个不计）",
    ),
    Operation(
        "ratio",
        "ratio(a, b, digits)",
        "number, number, literal int → decimal",
        "a divided by b, rounded half away from zero; unknown for b = 0",
        "a 除以 b，四舍五入",
    ),
    Operation(
        "round",
        "round(a, digits)",
        "decimal, literal int → decimal",
        "rounded half away from zero",
        "四舍五入",
    ),
)

OPERATIONS: Mapping[str, Operation] = {operation.id: operation for operation in _ALL}
