"""The diagnostics of an expression that cannot be read."""

from __future__ import annotations

from kaocheng.diagnostics import Code

CANNOT_READ = Code(
    "KC201",
    "cannot-read",
    "the expression cannot be read from `{seen}` on",
    "表达式自 `{seen}` 起无法识别",
    "look for a missing operator, quote or parenthesis before it",
    "请检查此前是否缺少运算符、引号或括号",
)
EMPTY = Code(
    "KC202",
    "empty-expression",
    "the expression is empty",
    "表达式没有内容",
    "write a value or a condition, such as `r.level == 'city'`",
    "请写一个值或条件，如 `r.level == 'city'`",
)
MISSING_AFTER = Code(
    "KC203",
    "missing-after",
    "a value is missing after `{seen}`",
    "`{seen}` 之后缺少内容",
)
MISSING_BEFORE = Code(
    "KC204",
    "missing-before",
    "a value is missing before `{seen}`",
    "`{seen}` 之前缺少内容",
)
NOT_CLOSED = Code(
    "KC205",
    "not-closed",
    "`{seen}` is never closed",
    "`{seen}` 没有对应的右括号",
    "add `{closing}`",
    "请补上 `{closing}`",
)
CLOSES_NOTHING = Code(
    "KC206",
    "closes-nothing",
    "`{seen}` closes nothing",
    "`{seen}` 没有对应的左括号",
)
OPEN_QUOTE = Code(
    "KC207",
    "open-quote",
    "the text that begins with {seen} is not closed on its line",
    "以 {seen} 开始的文字在本行内没有结束",
    "add {seen} after the text",
    "请在文字之后补上 {seen}",
)
NO_SUCH_OPERATOR = Code(
    "KC208",
    "no-such-operator",
    "`{seen}` is not an operator",
    "`{seen}` 不是运算符",
    "write `{instead}`",
    "请改写为 `{instead}`",
)
FULL_WIDTH = Code(
    "KC209",
    "full-width",
    "`{seen}` is written in full-width characters",
    "`{seen}` 用了全角字符",
    "write `{instead}`",
    "请改写为 `{instead}`",
)
STRAY_TEXT = Code(
    "KC210",
    "stray-text",
    "`{seen}` has no meaning outside quotes",
    "`{seen}` 不在引号内，没有含义",
    "put it in quotes if it is text, else delete it",
    "若为文字，请加引号；否则请删去",
)
MISSING_OPERATOR = Code(
    "KC211",
    "missing-operator",
    "an operator is missing before `{seen}`",
    "`{seen}` 之前缺少运算符",
    "join conditions with `&&` or `||`",
    "条件之间请用 `&&` 或 `||` 连接",
)
HALF_CONDITIONAL = Code(
    "KC212",
    "half-conditional",
    "`{seen}` stands without `{missing}`",
    "有 `{seen}` 而没有 `{missing}`",
    "write `condition ? value : other value`",
    "请写成 `条件 ? 值 : 另一值`",
)
NESTED_CONDITIONAL = Code(
    "KC213",
    "nested-conditional",
    "a `?` between `?` and `:` needs parentheses",
    "`?` 与 `:` 之间再用 `?` 时须加括号",
    "write `a ? (b ? c : d) : e`",
    "请写成 `a ? (b ? c : d) : e`",
)
NUMBER_FORM = Code(
    "KC214",
    "number-form",
    "`{seen}` is not a plain number",
    "`{seen}` 不是普通写法的数字",
    "write digits, and a point with more digits for decimals: `10` or `2.50`",
    "请直接写数字，小数写全小数点两侧，如 `10`、`2.50`",
)
NUMBER_RANGE = Code(
    "KC215",
    "number-range",
    "`{seen}` is too large a number",
    "数字 `{seen}` 过大",
    "with its decimal places it must lie within ±9223372036854775807",
    "连同小数位计，不得超出 ±9223372036854775807",
)
RESERVED_WORD = Code(
    "KC216",
    "reserved-word",
    "`{seen}` is a reserved word of expressions",
    "`{seen}` 是表达式的保留字",
    "use another name",
    "请换一个名称",
)
BAD_ESCAPE = Code(
    "KC217",
    "bad-escape",
    "`{seen}` stands for no character",
    "`{seen}` 不代表任何字符",
    r"write `\\` for a backslash",
    r"反斜杠请写成 `\\`",
)
TOO_DEEP = Code(
    "KC218",
    "too-deep",
    "the expression is nested too deeply",
    "表达式嵌套过深",
    "at most about 30 parentheses, conditionals or terms of one sum may stand inside each other; "
    "split the rule or put the values into a table",
    "括号、条件或连加的项最多嵌套约 30 层；请拆分规则，或将数值写成表",
)
TOO_LARGE = Code(
    "KC219",
    "too-large",
    "the expression is too large",
    "表达式过长",
    "100,000 characters, and as many parts, are the most; put the values into a table",
    "最多 100,000 个字符和同样多的组成部分；请将数值写成表",
)
MACRO_FORM = Code(
    "KC220",
    "macro-form",
    "`{name}` is not written like this",
    "`{name}` 的写法不对",
    "write `{form}`",
    "请写成 `{form}`",
)

CODES = (
    CANNOT_READ,
    EMPTY,
    MISSING_AFTER,
    MISSING_BEFORE,
    NOT_CLOSED,
    CLOSES_NOTHING,
    OPEN_QUOTE,
    NO_SUCH_OPERATOR,
    FULL_WIDTH,
    STRAY_TEXT,
    MISSING_OPERATOR,
    HALF_CONDITIONAL,
    NESTED_CONDITIONAL,
    NUMBER_FORM,
    NUMBER_RANGE,
    RESERVED_WORD,
    BAD_ESCAPE,
    TOO_DEEP,
    TOO_LARGE,
    MACRO_FORM,
)
