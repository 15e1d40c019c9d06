"""The diagnostics of reading YAML into a located tree; those of single values stand apart."""

from __future__ import annotations

from kaocheng.diagnostics import Code
from kaocheng.syntax import value_codes

# The file as a whole

EMPTY_FILE = Code(
    "KC101",
    "empty-file",
    "the file is empty",
    "文件没有内容",
    "write at least one `key: value`",
    "请至少写一项 `键: 值`",
)
FILE_TOO_LARGE = Code(
    "KC102",
    "file-too-large",
    "the file is larger than {limit} bytes",
    "文件超过 {limit} 字节",
    "split it, or move long tables into CSV files",
    "请拆分文件，或将较长的表移入 CSV 文件",
)
NOT_UTF8 = Code(
    "KC103",
    "not-utf8",
    "byte {byte} at offset {offset} is not UTF-8",
    "偏移 {offset} 处的字节 {byte} 不是 UTF-8 编码",
    "save the file as UTF-8 text",
    "请将文件另存为 UTF-8 编码的文本",
)
OTHER_ENCODING = Code(
    "KC104",
    "other-encoding",
    "the file looks like {encoding}: byte {byte} at offset {offset} is not UTF-8",
    "文件似为 {encoding} 编码：偏移 {offset} 处的字节 {byte} 不是 UTF-8 编码",
    "save the file as UTF-8 text",
    "请将文件另存为 UTF-8 编码的文本",
)
CONTROL_CHARACTER = Code(
    "KC105",
    "control-character",
    "the character {char} cannot stand in a text file",
    "文本文件中不能有字符 {char}",
    "delete it; where there are many, the file is not a text file",
    "请删除该字符；如有多处，则该文件不是文本文件",
)
HIDDEN_CHARACTER = Code(
    "KC106",
    "hidden-character",
    "the hidden character {char} lets the text look other than it is",
    "隐藏字符 {char} 会使显示的文字与实际内容不符",
    "delete it",
    "请删除该字符",
)
MULTIPLE_DOCUMENTS = Code(
    "KC107",
    "multiple-documents",
    "a second document begins here",
    "此处开始了第二个文档",
    "keep one document in each file, without lines of `---` or `...` inside",
    "每个文件只写一个文档，中间不要有 `---` 或 `...` 行",
)
DIRECTIVE = Code(
    "KC108",
    "directive",
    "a line cannot begin with `%`",
    "行首不能是 `%`",
    "delete the line; text that begins with `%` goes in double quotes",
    "请删除该行；以 `%` 开头的文字请放在英文双引号内",
)
TOO_DEEP = Code(
    "KC109",
    "too-deep",
    "more than {limit} levels stand inside one another",
    "嵌套超过 {limit} 层",
    "check whether an opening bracket was meant",
    "请检查此处是否误写了左括号",
)
TOO_MANY_VALUES = Code(
    "KC110",
    "too-many-values",
    "the file has more than {limit} keys, values and brackets",
    "文件中的键、值和括号超过 {limit} 个",
    "split it, or move long tables into CSV files",
    "请拆分文件，或将较长的表移入 CSV 文件",
)
VALUE_TOO_LONG = Code(
    "KC111",
    "value-too-long",
    "this value is longer than {limit} characters",
    "此值超过 {limit} 个字符",
    "check whether a closing quote is missing",
    "请检查是否缺少右引号",
)
KEY_TOO_LONG = Code(
    "KC112",
    "key-too-long",
    "this key is longer than {limit} characters",
    "此键超过 {limit} 个字符",
    "shorten it; text with a colon goes in double quotes",
    "请缩短；含冒号的文字请放在英文双引号内",
)

# Keys and values

DUPLICATE_KEY = Code(
    "KC121",
    "duplicate-key",
    "`{key}` is written twice",
    "`{key}` 重复出现",
    "keep one of the two",
    "请只保留一处",
)
NO_VALUE = Code(
    "KC122",
    "no-value",
    "`{key}` has no value",
    "`{key}` 没有值",
    "write a value or delete the key; `~` and `null` are no values",
    "请填写值或删去该键；`~` 和 `null` 不是值",
)
EMPTY_ITEM = Code(
    "KC123",
    "empty-item",
    "this list item has no value",
    "此清单项没有值",
    "write a value or delete the item; `~` and `null` are no values",
    "请填写值或删去该项；`~` 和 `null` 不是值",
)
BAD_KEY = Code(
    "KC124",
    "bad-key",
    "a key must be a word",
    "键必须是一个词",
    "write `key: value`; a key that begins with a bracket goes in double quotes",
    "请写成 `键: 值`；以括号开头的键请放在英文双引号内",
)
ANCHOR = Code(
    "KC125",
    "anchor",
    "`{seen}` is a YAML anchor, and anchors are not used here",
    "`{seen}` 是 YAML 锚点，此处不使用锚点",
    "share a value through `parameters` and rules through `extends`; "
    "an expression that begins with `&` goes in double quotes",
    "共用的值请用 `parameters`，共用的规则请用 `extends`；以 `&` 开头的表达式请放在英文双引号内",
)
ALIAS = Code(
    "KC126",
    "alias",
    "`{seen}` is a YAML alias, and aliases are not used here",
    "`{seen}` 是 YAML 别名，此处不使用别名",
    "share a value through `parameters` and rules through `extends`; "
    "an expression that begins with `*` goes in double quotes",
    "共用的值请用 `parameters`，共用的规则请用 `extends`；以 `*` 开头的表达式请放在英文双引号内",
)
MERGE_KEY = Code(
    "KC127",
    "merge-key",
    "`<<` is a YAML merge key, and merge keys are not used here",
    "`<<` 是 YAML 合并键，此处不使用合并键",
    "build on other rules with `extends`, and share a value through `parameters`",
    "沿用其他规则请用 `extends`，共用的值请用 `parameters`",
)
TAG = Code(
    "KC128",
    "tag",
    "`{seen}` is read as a YAML tag and not as part of the value",
    "`{seen}` 被读作 YAML 标签，而不是值的一部分",
    "put the expression in double quotes: `{quoted}`",
    "请将表达式放在英文双引号内：`{quoted}`",
)

# Expressions that YAML reads otherwise

COMMENT_IN_VALUE = Code(
    "KC131",
    "comment-in-value",
    "`{comment}` is read as a comment, so the value ends before it",
    "`{comment}` 被读作注释，值到此处为止",
    "put the expression in double quotes, or move the comment to a line of its own",
    "请将表达式放在英文双引号内，或将注释另起一行",
)
COLON_IN_VALUE = Code(
    "KC132",
    "colon-in-value",
    "a `:` inside a value must stand in quotes",
    "值中的 `:` 必须放在引号内",
    "put the expression in double quotes: `{quoted}`",
    "请将表达式放在英文双引号内：`{quoted}`",
)
TEXT_AFTER_QUOTE = Code(
    "KC133",
    "text-after-quote",
    "`{rest}` stands after the closing quote and outside the value",
    "`{rest}` 在右引号之后，不属于该值",
    "put the whole expression in double quotes: `{quoted}`",
    "请将整个表达式放在英文双引号内：`{quoted}`",
)
TEXT_AFTER_BRACKET = Code(
    "KC134",
    "text-after-bracket",
    "`{rest}` stands after the closing bracket and outside the value",
    "`{rest}` 在右括号之后，不属于该值",
    "put the whole expression in double quotes: `{quoted}`",
    "请将整个表达式放在英文双引号内：`{quoted}`",
)
BLOCK_INDICATOR = Code(
    "KC135",
    "block-indicator",
    "a value that begins with `{char}` is read as a block of text",
    "以 `{char}` 开头的值会被读作文本块",
    "put the expression in double quotes: `{quoted}`; a block of text begins on the next line",
    "请将表达式放在英文双引号内：`{quoted}`；文本块应从下一行开始",
)
BAD_START = Code(
    "KC136",
    "bad-start",
    "a value cannot begin with `{char}`",
    "值不能以 `{char}` 开头",
    "put the expression in double quotes: `{quoted}`",
    "请将表达式放在英文双引号内：`{quoted}`",
)
STRAY_CHARACTER = Code(
    "KC137",
    "stray-character",
    "`{char}` has nothing to belong to",
    "此处的 `{char}` 没有对应的内容",
    "delete it, or put the text that it belongs to in double quotes",
    "请删除该字符，或将其所在的文字放在英文双引号内",
)
CUT_ITEM = Code(
    "KC138",
    "cut-item",
    "inside `{brackets}` the value ends before `{seen}`",
    "`{brackets}` 内的值在 `{seen}` 之前已结束",
    "put the expression in double quotes: `{quoted}`",
    "请将表达式放在英文双引号内：`{quoted}`",
)
COMMA_IN_CALL = Code(
    "KC139",
    "comma-in-call",
    "the comma after `{seen}` ends the value inside its parentheses",
    "`{seen}` 之后的逗号在圆括号内截断了该值",
    "put the expression in double quotes: `{quoted}`",
    "请将表达式放在英文双引号内：`{quoted}`",
)

MISSING_COMMA = Code(
    "KC140",
    "missing-comma",
    "a comma is missing before `{seen}`",
    "`{seen}` 之前缺少英文逗号",
    "write `, ` between two values",
    "两个值之间请写 `, `",
)

# Layout

LIST_ON_KEY_LINE = Code(
    "KC141",
    "list-on-key-line",
    "a list begins on the line below its key",
    "清单应从键的下一行开始",
    "move the `-` to the next line; an expression that begins with `-` goes in double quotes: "
    "`{quoted}`",
    "请将 `-` 移到下一行；以 `-` 开头的表达式请放在英文双引号内：`{quoted}`",
)
TAB_INDENTATION = Code(
    "KC142",
    "tab-indentation",
    "a tab cannot indent a line",
    "不能用制表符缩进",
    "use spaces",
    "请改用空格",
)
WRONG_INDENTATION = Code(
    "KC143",
    "wrong-indentation",
    "the lines above are indented by {known} spaces and this one by {seen}",
    "上文各行缩进 {known} 个空格，本行缩进 {seen} 个",
    "indent it exactly like the line that it stands beside",
    "请与同级的行使用相同的缩进",
)
DEEPER_THAN_VALUE = Code(
    "KC144",
    "deeper-than-value",
    "this line is indented deeper than the line above, which has a value already",
    "本行比上一行缩进更深，而上一行已有值",
    "indent it like the line above, or delete the value there",
    "请与上一行使用相同的缩进，或删去上一行的值",
)
MIXED_LIST_AND_KEYS = Code(
    "KC145",
    "mixed-list-and-keys",
    "list items and keys stand side by side",
    "清单项与键不能并列",
    "begin every item with `- `, and indent the keys of an item deeper than its `-`",
    "每个清单项都以 `- ` 开头，项内的键应比 `-` 缩进更深",
)
UNCLOSED_QUOTE = Code(
    "KC146",
    "unclosed-quote",
    "this `{quote}` is not closed at the end of its value",
    "此处的 `{quote}` 在值的末尾没有配对",
    "write `{quote}` at the end of the value",
    "请在值的末尾补上 `{quote}`",
)
UNCLOSED_BRACKET = Code(
    "KC147",
    "unclosed-bracket",
    "this `{bracket}` is not closed by a `{closing}`",
    "此处的 `{bracket}` 没有配对的 `{closing}`",
    "write `{closing}` at the end of the value",
    "请在值的末尾补上 `{closing}`",
)
BAD_ESCAPE = Code(
    "KC148",
    "bad-escape",
    "`{escape}` means nothing inside double quotes",
    "`{escape}` 在英文双引号内不是有效的转义写法",
    "write `\\\\` for a backslash, or put the value in single quotes",
    "反斜杠请写成 `\\\\`，或将值放在英文单引号内",
)
MISSING_COLON = Code(
    "KC149",
    "missing-colon",
    "`{seen}` is neither `key: value` nor a list item",
    "`{seen}` 既不是 `键: 值`，也不是清单项",
    "write `key: value`; a line that carries on the value above is indented deeper than its key",
    "请写成 `键: 值`；接续上文的值的行应比其键缩进更深",
)
NO_SPACE_AFTER_COLON = Code(
    "KC150",
    "no-space-after-colon",
    "`{seen}` has no space after its colon",
    "`{seen}` 的冒号后缺少空格",
    "write `{fixed}`; what is text as a whole goes in double quotes",
    "请写成 `{fixed}`；如整体为文字，请放在英文双引号内",
)
NO_SPACE_AFTER_DASH = Code(
    "KC151",
    "no-space-after-dash",
    "`{seen}` has no space after its dash",
    "`{seen}` 的短横后缺少空格",
    "write `{fixed}`; what is one value goes in double quotes",
    "请写成 `{fixed}`；如整体为一个值，请放在英文双引号内",
)
SWALLOWED_ITEM = Code(
    "KC152",
    "swallowed-item",
    "this line carries on the item above and begins no new one",
    "本行被并入上一项，没有另起一项",
    "indent its `-` like that of the item above; what is one value goes in double quotes",
    "请使其 `-` 与上一项的 `-` 对齐；如整体为一个值，请放在英文双引号内",
)
FULL_WIDTH_COLON = Code(
    "KC153",
    "full-width-colon",
    "`：` is a full-width colon and does not separate a key from its value",
    "`：` 是中文冒号，不能分隔键和值",
    "write `{fixed}`",
    "请改用英文冒号加空格：`{fixed}`",
)
FULL_WIDTH_COMMA = Code(
    "KC154",
    "full-width-comma",
    "`{char}` is full-width punctuation and does not separate values",
    "`{char}` 是中文标点，不能分隔各值",
    "write `, `; what is one text goes in double quotes",
    "请改用英文逗号；如整体为一段文字，请放在英文双引号内",
)
FULL_WIDTH_QUOTE = Code(
    "KC155",
    "full-width-quote",
    "`{char}` is a full-width quote and does not enclose a value",
    "`{char}` 是中文引号，不能用来括住值",
    'write `"` at both ends',
    '请在两端改用英文双引号 `"`',
)
WIDE_SPACE = Code(
    "KC156",
    "wide-space",
    "the space {char} neither indents nor separates",
    "空格字符 {char} 不能用于缩进或分隔",
    "use ordinary spaces",
    "请改用普通空格",
)
BARE_COMPARISON = Code(
    "KC157",
    "bare-comparison",
    "`{seen}` needs quotes, because YAML reads a leading `>` as a block of text",
    "`{seen}` 须加引号，否则 YAML 会将开头的 `>` 读作文本块",
    "write `{quoted}`",
    "请写 `{quoted}`",
)
UNREADABLE = Code(
    "KC159",
    "unreadable",
    "this line cannot be read as YAML",
    "本行不符合 YAML 格式",
    "check the quotes, brackets and indentation of this line and the one above; "
    "an expression goes in double quotes",
    "请检查本行和上一行的引号、括号和缩进；表达式请放在英文双引号内",
)

# What stands last in the order of a file

TOO_MANY_PROBLEMS = Code(
    "KC160",
    "too-many-problems",
    "the file has {limit} problems; what follows was not read",
    "文件已有 {limit} 个问题，其后内容未再读取",
    "mend the first ones and check again",
    "请先改正前面的问题，再重新检查",
)

CODES: tuple[Code, ...] = (
    *(code for code in globals().values() if isinstance(code, Code)),
    *value_codes.CODES,
)
