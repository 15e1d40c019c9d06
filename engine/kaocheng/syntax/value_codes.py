"""The diagnostics of reading a single value as a number, a date, a duration and so on."""

from __future__ import annotations

from kaocheng.diagnostics import Code

# Numbers

NOT_AN_INTEGER = Code(
    "KC161",
    "not-an-integer",
    "`{seen}` is not a whole number",
    "`{seen}` 不是整数",
    "write digits only, such as `12`",
    "请只写数字，如 `12`",
)
NOT_A_NUMBER = Code(
    "KC162",
    "not-a-number",
    "`{seen}` is not a number",
    "`{seen}` 不是数字",
    "write digits, and a point where there are decimals, such as `12` or `0.5`",
    "请写数字，有小数时用小数点，如 `12` 或 `0.5`",
)
LEADING_ZERO = Code(
    "KC163",
    "leading-zero",
    "`{seen}` is a number with a leading zero",
    "`{seen}` 是以零开头的数字",
    "write `{fixed}`",
    "请写成 `{fixed}`",
)
DIGIT_SEPARATOR = Code(
    "KC164",
    "digit-separator",
    "`{seen}` has a separator between its digits",
    "`{seen}` 的数字之间有分隔符",
    "write `{fixed}`",
    "请写成 `{fixed}`",
)
OTHER_BASE = Code(
    "KC165",
    "other-base",
    "`{seen}` is not a decimal number",
    "`{seen}` 不是十进制数字",
    "write `{fixed}`",
    "请写成 `{fixed}`",
)
EXPONENT = Code(
    "KC166",
    "exponent",
    "`{seen}` is a number with an exponent",
    "`{seen}` 是带指数的数字",
    "write the number out in full",
    "请将数字完整写出",
)
CLOCK_FOR_NUMBER = Code(
    "KC167",
    "clock-for-number",
    "`{seen}` is a time of day and not a number",
    "`{seen}` 是时刻，不是数字",
    "write digits only, such as `12`",
    "请只写数字，如 `12`",
)
NUMBER_TOO_LONG = Code(
    "KC168",
    "number-too-long",
    "`{seen}` has more than {limit} digits",
    "`{seen}` 超过 {limit} 位数字",
    "write a smaller number",
    "请写较小的数字",
)

# Flags, dates, times, identifiers

NOT_A_FLAG = Code(
    "KC171",
    "not-a-flag",
    "`{seen}` is neither `true` nor `false`",
    "`{seen}` 不是 `true` 或 `false`",
    "write `true` or `false`",
    "请写 `true` 或 `false`",
)
NOT_A_DATE = Code(
    "KC172",
    "not-a-date",
    "`{seen}` is not a date",
    "`{seen}` 不是日期",
    "write year, month and day such as `2009-12-31`",
    "请按年、月、日书写，如 `2009-12-31`",
)
NO_SUCH_DATE = Code(
    "KC173",
    "no-such-date",
    "the calendar has no `{seen}`",
    "日历中没有 `{seen}` 这一天",
    "check the month and the day",
    "请核对月和日",
)
NOT_A_TIME = Code(
    "KC174",
    "not-a-time",
    "`{seen}` is not a time of day",
    "`{seen}` 不是时刻",
    "write hours and minutes such as `17:00`",
    "请按时、分书写，如 `17:00`",
)
NO_SUCH_TIME = Code(
    "KC175",
    "no-such-time",
    "the day has no `{seen}`",
    "一天中没有 `{seen}` 这一时刻",
    "write a time from `00:00` to `23:59`",
    "请写 `00:00` 至 `23:59` 之间的时刻",
)
NOT_AN_IDENTIFIER = Code(
    "KC176",
    "not-an-identifier",
    "`{seen}` is not an identifier",
    "`{seen}` 不是标识名",
    "write lower-case letters, digits and `_`, beginning with a letter",
    "请用小写英文字母、数字和 `_`，并以字母开头",
)
RESERVED_WORD = Code(
    "KC177",
    "reserved-word",
    "`{seen}` is a reserved word of expressions",
    "`{seen}` 是表达式的保留字",
    "choose another name",
    "请另取名称",
)

# Durations

NOT_A_DURATION = Code(
    "KC181",
    "not-a-duration",
    "`{seen}` is not a duration",
    "`{seen}` 不是时限",
    "write a number and a unit such as `2 hours`, `8 weeks` or `3 working days`",
    "请写数字加单位，如 `2 hours`、`8 weeks`、`3 working days`",
)
UNKNOWN_UNIT = Code(
    "KC182",
    "unknown-unit",
    "`{seen}` is not a unit of time",
    "没有 `{seen}` 这一时间单位",
    "the units are seconds, minutes, hours, days, weeks, months, years and working days",
    "可用单位有 seconds、minutes、hours、days、weeks、months、years、working days",
)
NOT_A_COUNT = Code(
    "KC183",
    "not-a-count",
    "the number in `{seen}` must be whole and above zero",
    "`{seen}` 中的数字必须是正整数",
    "write `1` or more; for a part of a unit take a smaller one, such as `90 minutes`",
    "请写 `1` 以上的整数；不足一个单位时请改用较小的单位，如 `90 minutes`",
)
SHORT_DURATION = Code(
    "KC184",
    "short-duration",
    "`{seen}` does not write its unit out",
    "`{seen}` 没有完整写出单位",
    "write {fixed}",
    "请写成 {fixed}",
)

CODES: tuple[Code, ...] = tuple(code for code in globals().values() if isinstance(code, Code))
