"""The diagnostics of expressions: names and types here, syntax and left-out features beside."""

from __future__ import annotations

from kaocheng.diagnostics import Code
from kaocheng.language.cel import feature_codes, syntax_codes

UNKNOWN_NAME = Code(
    "KC230",
    "unknown-name",
    "there is no `{seen}` here",
    "此处没有 `{seen}`",
    "the names here are {known}",
    "此处可用的名称有：{known}",
)
UNKNOWN_FIELD = Code(
    "KC231",
    "unknown-field",
    "`{owner}` has no `{seen}`",
    "`{owner}` 没有 `{seen}` 这一项",
    "it has {known}",
    "可用的项有：{known}",
)
UNKNOWN_FUNCTION = Code(
    "KC232",
    "unknown-function",
    "there is no function `{seen}`",
    "没有函数 `{seen}`",
)
UNKNOWN_VALUE = Code(
    "KC233",
    "unknown-value",
    "`{seen}` is not one of the values",
    "`{seen}` 不是可用值",
    "the values are {known}",
    "可用值有：{known}",
)
WRONG_KIND = Code(
    "KC234",
    "wrong-kind",
    "`{seen}` is not the case id of `{kind}`",
    "`{seen}` 不是 `{kind}` 的编号",
    "write '{kind}/…'",
    "请写成 '{kind}/…'",
)
NO_FIELDS = Code(
    "KC235",
    "no-fields",
    "`{type}` has no `{seen}`",
    "`{type}` 没有 `{seen}` 这一项",
)
FIELD_OF_LIST = Code(
    "KC236",
    "field-of-list",
    "`{seen}` belongs to each item, and this is a list",
    "`{seen}` 属于其中每一项，而此处是列表",
    "write `.map(x, x.{seen})`, `.filter(x, …)` or `.exists(x, …)`",
    "请写 `.map(x, x.{seen})`、`.filter(x, …)` 或 `.exists(x, …)`",
)
PERIOD_VALUE = Code(
    "KC237",
    "period-value",
    "`{seen}` is a whole period and not a value",
    "`{seen}` 是整个周期，不是值",
    "write `{seen}.name`, `{seen}.first_day` or `{seen}.last_day`",
    "请写 `{seen}.name`、`{seen}.first_day` 或 `{seen}.last_day`",
)
SHADOWED = Code(
    "KC238",
    "shadowed",
    "`{seen}` already means something here",
    "`{seen}` 在此处已有含义",
    "choose another name for the variable",
    "请为变量另取名称",
)
ARGUMENT_COUNT = Code(
    "KC239",
    "argument-count",
    "wrong number of arguments: `{function}` takes {wanted} and is given {seen}",
    "参数个数不符：`{function}` 需要 {wanted} 个，此处有 {seen} 个",
    "write `{form}`",
    "请写成 `{form}`",
)
CALL_FORM = Code(
    "KC240",
    "call-form",
    "`{seen}` is not called this way",
    "`{seen}` 的调用写法不对",
    "write `{form}`",
    "请写成 `{form}`",
)
UNQUOTED_VALUE = Code(
    "KC241",
    "unquoted-value",
    "`{seen}` is a value without its quotes",
    "`{seen}` 是取值，缺少引号",
    "write '{seen}'",
    "请写成 '{seen}'",
)
OPERATOR_TYPES = Code(
    "KC245",
    "operator-types",
    "`{operator}` does not apply to `{left}` and `{right}`",
    "`{operator}` 不能用于 `{left}` 与 `{right}`",
)
OPERAND_TYPE = Code(
    "KC246",
    "operand-type",
    "`{operator}` does not apply to `{seen}`",
    "`{operator}` 不能用于 `{seen}`",
)
TEXT_ORDER = Code(
    "KC247",
    "text-order",
    "`{operator}` does not apply to text",
    "`{operator}` 不能用于文字",
    "numbers, dates, instants, durations and `ordered:` values have an order",
    "数字、日期、时刻、时长和以 `ordered:` 声明的值才有先后大小",
)
UNORDERED_VALUES = Code(
    "KC248",
    "unordered-values",
    "`{operator}` needs values in an order, and these have none: {known}",
    "`{operator}` 须用于有先后次序的值，而这些值没有次序：{known}",
    "declare them with `ordered:` in place of `one_of:`",
    "请将 `one_of:` 改为 `ordered:` 声明",
)
DIFFERENT_VALUES = Code(
    "KC249",
    "different-values",
    "two different sets of values do not compare: `{left}` and `{right}`",
    "两组不同的取值不能相互比较：`{left}` 与 `{right}`",
    "compare each with its own values",
    "请各与自己的取值比较",
)
DATE_WITH_INSTANT = Code(
    "KC250",
    "date-with-instant",
    "`{seen}` stands where `{wanted}` is needed",
    "此处应为 `{wanted}`，而所写是 `{seen}`",
    "write date_of(a) for the day of an instant, start_of(a) or end_of(a) for a moment of a day",
    "由时刻得日期写 date_of(a)，由日期得时刻写 start_of(a) 或 end_of(a)",
)
DATE_ARITHMETIC = Code(
    "KC251",
    "date-arithmetic",
    "`{operator}` does not move a date",
    "`{operator}` 不能推移日期",
    "write add_days(a, n) or add_months(a, n); n may be negative",
    "请写 add_days(a, n) 或 add_months(a, n)，n 可为负数",
)
ARGUMENT_TYPE = Code(
    "KC252",
    "argument-type",
    "`{function}` takes `{wanted}` here, not `{seen}`",
    "`{function}` 此处应为 `{wanted}`，而所写是 `{seen}`",
)
CONDITION = Code(
    "KC253",
    "condition",
    "a condition must be true or false; this is `{seen}`",
    "条件的结果应为真或假，此处是 `{seen}`",
    "compare it with something, such as `==` or `<`",
    "请用 `==`、`<` 等与其他值比较",
)
BRANCHES = Code(
    "KC254",
    "branches",
    "the two values of `? :` differ: `{left}` and `{right}`",
    "`? :` 的两个值类型不同：`{left}` 与 `{right}`",
    "give both the same type",
    "请使两者类型相同",
)
ITEMS = Code(
    "KC255",
    "items",
    "the items of a list must be alike: `{left}` and `{right}`",
    "列表各项的类型应当一致：`{left}` 与 `{right}`",
)
WHOLE = Code(
    "KC256",
    "compared-whole",
    "`{seen}` does not compare as a whole",
    "`{seen}` 不能整体比较",
    "compare one of its fields, or write exists or all",
    "请比较其中某一项，或用 exists、all",
)
DIGITS = Code(
    "KC257",
    "digits",
    "the decimal places of `{function}` must be a number from 0 to 18, written out",
    "`{function}` 的小数位数应直接写 0 至 18 的数字",
)
WRITTEN_OUT = Code(
    "KC258",
    "written-out",
    "`{function}` takes text in quotes, written out",
    "`{function}` 只接受直接写出的带引号文字",
    "write {form}; for a fact, declare it with that type",
    "请写成 {form}；若为事实项，请在声明处写明该类型",
)
DATE_LITERAL = Code(
    "KC260",
    "date-literal",
    "`{seen}` is not a date",
    "`{seen}` 不是日期",
    "write date('2009-03-02')",
    "请写成 date('2009-03-02')",
)
INSTANT_LITERAL = Code(
    "KC261",
    "instant-literal",
    "`{seen}` is not an instant",
    "`{seen}` 不是时刻",
    "write timestamp('2009-03-02T09:00:00+08:00'), with the offset",
    "请写成 timestamp('2009-03-02T09:00:00+08:00')，须带时区偏移",
)
DURATION_LITERAL = Code(
    "KC262",
    "duration-literal",
    "`{seen}` is not a duration",
    "`{seen}` 不是时长",
    "write hours, minutes and seconds: duration('72h') or duration('1h30m'); days are not a "
    "fixed length and belong in a limit",
    "请用时、分、秒：duration('72h')、duration('1h30m')；日的长短不定，应写在期限中",
)
RESULT_TYPE = Code(
    "KC263",
    "result-type",
    "this is `{seen}`, and `{wanted}` is wanted",
    "此处应得 `{wanted}`，而所写得 `{seen}`",
)
RESULT_ROW = Code(
    "KC264",
    "result-row",
    "this is a whole `{seen}`, and `{wanted}` is wanted",
    "此处应得 `{wanted}`，而所写是整个 `{seen}`",
    "name one of its fields: {known}",
    "请写明其中一项：{known}",
)
RESULT_LIST = Code(
    "KC265",
    "result-list",
    "this is a list, and `{wanted}` is wanted",
    "此处应得 `{wanted}`，而所写是列表",
    "write earliest, latest, min, max, sum, size, exists or all",
    "请用 earliest、latest、min、max、sum、size、exists 或 all",
)
NOT_A_LIST = Code(
    "KC266",
    "not-a-list",
    "`{function}` works on a list, and this is `{seen}`",
    "`{function}` 须用于列表，此处是 `{seen}`",
)
DECIMAL_PLACES = Code(
    "KC267",
    "decimal-places",
    "too many decimal places: {seen} here, {wanted} wanted",
    "小数位数过多：此处 {seen} 位，只要 {wanted} 位",
    "write round(…, {wanted})",
    "请写 round(…, {wanted})",
)
TOO_MANY_PLACES = Code(
    "KC268",
    "too-many-places",
    "too many decimal places: {seen} here, 18 at most",
    "小数位数过多：此处 {seen} 位，最多 18 位",
    "round the parts first: round(a, digits)",
    "请先对各部分四舍五入：round(a, 小数位数)",
)
QUOTED = Code(
    "KC269",
    "quoted",
    "'{seen}' is text, and `{wanted}` is needed",
    "'{seen}' 是文字，此处应为 `{wanted}`",
    "write {form}",
    "请写成 {form}",
)
HAS_OPERAND = Code(
    "KC270",
    "has-operand",
    "`has` asks about one field, and this is `{seen}`",
    "`has` 只能用于单项内容，此处是 `{seen}`",
    "for a list, write size(a) > 0",
    "列表请写 size(a) > 0",
)
EMPTY_LIST = Code(
    "KC271",
    "empty-list",
    "an empty list says nothing here",
    "空列表在此没有意义",
    "write its items, or leave the condition out",
    "请写出各项，或去掉此条件",
)
NESTED_LIST = Code(
    "KC272",
    "nested-list",
    "a list of lists is not available",
    "不能使用列表的列表",
    "use exists or all inside exists or all",
    "请在 exists、all 之内再用 exists、all",
)
CHAINED = Code(
    "KC273",
    "chained",
    "`{operator}` compares two values, and its left side is a comparison already",
    "`{operator}` 只比较两个值，而其左侧已是一个比较",
    "write `a < b && b < c`",
    "请写成 `a < b && b < c`",
)
NO_FIT = Code(
    "KC299",
    "no-fit",
    "the parts of this expression do not fit together",
    "表达式各部分不相配",
    "write it in smaller parts",
    "请拆成较小的部分来写",
)

CODES = (
    *syntax_codes.CODES,
    UNKNOWN_NAME,
    UNKNOWN_FIELD,
    UNKNOWN_FUNCTION,
    UNKNOWN_VALUE,
    WRONG_KIND,
    NO_FIELDS,
    FIELD_OF_LIST,
    PERIOD_VALUE,
    SHADOWED,
    ARGUMENT_COUNT,
    CALL_FORM,
    UNQUOTED_VALUE,
    OPERATOR_TYPES,
    OPERAND_TYPE,
    TEXT_ORDER,
    UNORDERED_VALUES,
    DIFFERENT_VALUES,
    DATE_WITH_INSTANT,
    DATE_ARITHMETIC,
    ARGUMENT_TYPE,
    CONDITION,
    BRANCHES,
    ITEMS,
    WHOLE,
    DIGITS,
    WRITTEN_OUT,
    DATE_LITERAL,
    INSTANT_LITERAL,
    DURATION_LITERAL,
    RESULT_TYPE,
    RESULT_ROW,
    RESULT_LIST,
    NOT_A_LIST,
    DECIMAL_PLACES,
    TOO_MANY_PLACES,
    QUOTED,
    HAS_OPERAND,
    EMPTY_LIST,
    NESTED_LIST,
    CHAINED,
    *feature_codes.CODES,
    NO_FIT,
)
