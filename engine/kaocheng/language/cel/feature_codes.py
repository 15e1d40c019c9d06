"""The diagnostics of what CEL has and the language of rules leaves out, one per feature."""

from __future__ import annotations

from kaocheng.diagnostics import Code

DIVISION = Code(
    "KC280",
    "division",
    "`/` does not say how to round",
    "`/` 没有写明如何取整或舍入",
    "write ratio(a, b, digits), started(a, b) or whole(a, b)",
    "请写 ratio(a, b, 小数位数)、started(a, b) 或 whole(a, b)",
)
PATTERN = Code(
    "KC281",
    "pattern",
    "patterns such as `matches` are not available",
    "不能使用 `matches` 等模式匹配",
    "write startsWith, endsWith, contains, or `in` with a list of values",
    "请用 startsWith、endsWith、contains，或用 `in` 加取值列表",
)
DYNAMIC = Code(
    "KC282",
    "dynamic",
    "`dyn` is not available: every value has one type",
    "不能使用 `dyn`：每个值只有一种类型",
    "leave `dyn` out",
    "请去掉 `dyn`",
)
TYPE_VALUE = Code(
    "KC283",
    "type-value",
    "`{seen}` asks for a type, and types are known beforehand",
    "`{seen}` 涉及类型判断，而类型事先已定",
    "compare values instead",
    "请直接比较值",
)
UNSIGNED = Code(
    "KC284",
    "unsigned",
    "the unsigned number `{seen}` is not available",
    "不能使用无符号数 `{seen}`",
    "write it without `u`",
    "请去掉 `u`",
)
BYTES = Code(
    "KC285",
    "bytes",
    "bytes are not available",
    "不能使用字节串",
    "write text in quotes without `b`",
    "请写加引号的文字，不加 `b`",
)
MAP = Code(
    "KC286",
    "map",
    "maps are not available",
    "不能使用映射",
    "declare a table and look it up as a function",
    "请声明一张表，按函数查取",
)
MESSAGE = Code(
    "KC287",
    "message",
    "values are not built inside expressions: `{seen}`",
    "表达式中不能构造 `{seen}`",
    "name the fields that are needed",
    "请直接写所需的各项",
)
OPTIONAL = Code(
    "KC288",
    "optional",
    "`?` does not mark what may be absent",
    "`?` 不能用来标明可缺的内容",
    "write has(r.field), or leave it: what is unknown stays unknown",
    "请写 has(r.field)，或不作处理：未知的值仍按未知处理",
)
CONVERSION = Code(
    "KC289",
    "conversion",
    "`{seen}` does not convert here",
    "`{seen}` 在此不能作转换",
    "give the fact its type where it is declared; int(a) takes an instant and gives whole seconds",
    "请在声明处写明类型；int(a) 仅由时刻得出整秒数",
)
INDEX = Code(
    "KC290",
    "index",
    "items are not taken by their place",
    "不能按位置取列表中的项",
    "write filter, exists, earliest, latest, min or max",
    "请用 filter、exists、earliest、latest、min 或 max",
)
GETTER = Code(
    "KC291",
    "getter",
    "`{seen}` depends on a time zone that is not the ruleset's",
    "`{seen}` 所用时区并非规则集的时区",
    "write year, month, day or weekday of date_of(a)",
    "请对 date_of(a) 取 year、month、day 或 weekday",
)
NULL = Code(
    "KC292",
    "null",
    "`null` is not a value",
    "`null` 不是值",
    "write has(r.field) or happened(r.at)",
    "请写 has(r.field) 或 happened(r.at)",
)
TWO_VARIABLES = Code(
    "KC293",
    "two-variables",
    "`{name}` takes one variable, not two",
    "`{name}` 只用一个变量，不能用两个",
    "write `{form}`",
    "请写成 `{form}`",
)

CODES = (
    DIVISION,
    PATTERN,
    DYNAMIC,
    TYPE_VALUE,
    UNSIGNED,
    BYTES,
    MAP,
    MESSAGE,
    OPTIONAL,
    CONVERSION,
    INDEX,
    GETTER,
    NULL,
    TWO_VARIABLES,
)
