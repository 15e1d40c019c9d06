"""The diagnostics of what a version declares: its head, kinds, tables, periods and inputs."""

from __future__ import annotations

from kaocheng.diagnostics import Code, Severity

UNKNOWN_TYPE = Code(
    "KC305",
    "unknown-type",
    "`{seen}` is not a type",
    "没有 `{seen}` 这种类型",
    "the types are bool, int, string, date, instant, duration, decimal(2), the name of a kind, "
    "`{{one_of: […]}}`, `{{ordered: […]}}` and `{{list: …}}`",
    "可用类型有 bool、int、string、date、instant、duration、decimal(2)、某一类事项的名称、"
    "`{{one_of: […]}}`、`{{ordered: […]}}`、`{{list: …}}`",
)
VERSION_OVERLAP = Code(
    "KC312",
    "version-overlap",
    "version `{first}` and version `{second}` are both in force {when}",
    "版本 `{first}` 与 `{second}` {when}同时施行",
    "let each begin on a day of its own; `last_day:` ends one before the other begins",
    "各版本的施行首日应不同；可用 `last_day:` 写明前一版本的施行末日",
)
VERSION_GAP = Code(
    "KC313",
    "version-gap",
    "no version is in force from {first} to {last}",
    "自 {first} 至 {last} 没有任何版本施行",
    "let `{version}` begin on {first}",
    "请让 `{version}` 自 {first} 起施行",
)
NO_SUCH_RULE = Code(
    "KC314",
    "no-such-rule",
    "what this version extends has no `{seen}` to {act}",
    "所沿用的版本中没有可{act}的 `{seen}`",
)
EXTENDS_OUTSIDE = Code(
    "KC315",
    "extends-outside",
    "`{seen}` leaves the folder of the ruleset",
    "`{seen}` 超出了本规则集的文件夹",
    "keep files of the ruleset in its folder, and write `NAME/VERSION` for an installed ruleset",
    "规则集的文件请放在其文件夹内；已安装的规则集请写成 `名称/版本`",
)
EXTENDS_MISSING = Code(
    "KC316",
    "extends-missing",
    "there is no `{seen}` to extend",
    "没有可沿用的 `{seen}`",
    "the versions beside this one are {known}",
    "同一文件夹中的版本有：{known}",
)
EXTENDS_CYCLE = Code(
    "KC317",
    "extends-cycle",
    "`{seen}` extends itself, directly or through others",
    "`{seen}` 直接或间接沿用了自身",
    "let the earliest version extend nothing",
    "最早的版本不应沿用其他版本",
)
SHAPE_CHANGES = Code(
    "KC318",
    "shape-changes",
    "`{id}` has other columns in version `{second}` than in version `{first}`: {columns}",
    "`{id}` 在版本 `{second}` 中的栏目与版本 `{first}` 不同：{columns}",
    "give what has changed a name of its own",
    "请为改动后的内容另起名称",
)
UNKNOWN_ZONE = Code(
    "KC323",
    "unknown-zone",
    "`{seen}` is not a time zone",
    "没有 `{seen}` 这一时区",
    "write a name of the IANA database such as `Asia/Shanghai`",
    "请写 IANA 时区名，如 `Asia/Shanghai`",
)
UNREACHABLE_STATE = Code(
    "KC324",
    "unreachable-state",
    "no transition leads to the state `{state}`",
    "没有任何流转可到达状态 `{state}`",
    "add a transition to it or take the state out",
    "请增加到达该状态的流转，或删去该状态",
)
TRAP_STATE = Code(
    "KC325",
    "trap",
    "from the state `{state}` no final state can be reached",
    "从状态 `{state}` 出发无法到达任何终结状态",
    "add a way out, or name it in `final:`",
    "请增加出口，或将其列入 `final:`",
)
DEAD_END = Code(
    "KC326",
    "dead-end",
    "nothing leads on from the state `{state}`, which is not named in `final:`",
    "状态 `{state}` 没有后续流转，也未列入 `final:`",
    "add a transition, or name it in `final:`",
    "请增加流转，或将其列入 `final:`",
)
UNKNOWN_STATE = Code(
    "KC327",
    "unknown-state",
    "`{seen}` is not a state of `{kind}`",
    "`{kind}` 没有 `{seen}` 这一状态",
    "the states are {known}",
    "已有状态：{known}",
)
UNKNOWN_EVENT = Code(
    "KC328",
    "unknown-event",
    "no event `{seen}` is declared for `{kind}`",
    "`{kind}` 没有 `{seen}` 这一事件",
    "the events are {known}",
    "已有事件：{known}",
)
NOT_OF_TYPE = Code(
    "KC329",
    "not-of-type",
    "`{seen}` is not {wanted}",
    "`{seen}` 不是{wanted}",
)
DUPLICATE_ROW = Code(
    "KC330",
    "duplicate-row",
    "the table `{table}` has two rows for {key}",
    "表 `{table}` 中 {key} 有两行",
    "keep one of them",
    "请只保留一行",
)
LANGUAGE_VERSION = Code(
    "KC333",
    "language-version",
    "this library reads version 1 of the language and the file says `{seen}`",
    "本程序只支持第 1 版规则语言，文件写的是 `{seen}`",
    "write `kaocheng: 1`",
    "请写 `kaocheng: 1`",
)
NAME_MISMATCH = Code(
    "KC334",
    "name-mismatch",
    "the file is of ruleset `{seen}` and lies in the folder of `{expected}`",
    "文件属于规则集 `{seen}`，却放在 `{expected}` 的文件夹中",
    "write `ruleset: {expected}`, or move the file",
    "请写 `ruleset: {expected}`，或将文件移出",
)
NO_VERSIONS = Code(
    "KC335",
    "no-versions",
    "`{seen}` has no version files",
    "`{seen}` 中没有版本文件",
    "put one file per version into its folder `versions`; their names end in `.yaml`",
    "请在其 `versions` 文件夹中为每个版本放一份文件，文件名以 `.yaml` 结尾",
)
UNKNOWN_CALENDAR = Code(
    "KC336",
    "unknown-calendar",
    "the calendar cannot be used: {problem}",
    "无法使用该工作日历：{problem}",
    "write the code of a country, such as `CN`",
    "请写国家代码，如 `CN`",
)
BAD_MONTH_DAY = Code(
    "KC340",
    "bad-month-day",
    "`{seen}` is not a day of the year",
    "`{seen}` 不是有效的月日",
    "write month and day as `07-24`",
    "请按月-日书写，如 `07-24`",
)
UNKNOWN_FORMAT = Code(
    "KC341",
    "unknown-format",
    "`{seen}` is not an input format",
    "没有 `{seen}` 这一输入格式",
    "the formats are {known}",
    "可用格式有：{known}",
)
UNKNOWN_SPELL = Code(
    "KC350",
    "unknown-spell",
    "`{kind}` has no spell `{seen}`",
    "`{kind}` 没有 `{seen}` 这一期间",
    "declare it under `spells:`",
    "请在 `spells:` 下声明",
)
TWO_TARGETS = Code(
    "KC351",
    "two-targets",
    "`{event}` leads from the state `{state}` to both `{first}` and `{second}`",
    "`{event}` 从状态 `{state}` 既到 `{first}` 又到 `{second}`",
    "give each way an event of its own",
    "请为两条去向各设一个事件",
)
BAD_WINDOW = Code(
    "KC352",
    "ends-before-it-begins",
    "the last day {last} lies before the first day {first}",
    "施行末日 {last} 早于施行首日 {first}",
    "`last_day` is the last day on which the version is still in force",
    "`last_day` 应为该版本仍在施行的最后一日",
)
RULESET_NAME = Code(
    "KC353",
    "ruleset-name",
    "`{seen}` cannot name a ruleset",
    "`{seen}` 不能用作规则集名称",
    "use lower-case letters, digits and hyphens, as in `wuhu-information`",
    "请只用小写字母、数字和连字符，如 `wuhu-information`",
)
FIELD_TYPE = Code(
    "KC354",
    "field-type",
    "`{seen}` of `{kind}` is `{type}`, and {wanted} is wanted here",
    "`{kind}` 的 `{seen}` 是 `{type}`，此处应为{wanted}",
    "name another field, or declare this one with that type",
    "请改用其他项，或将该项声明为所需类型",
)
AMBIGUOUS_FIELD = Code(
    "KC355",
    "ambiguous-field",
    "several fields of different types are called `{seen}`",
    "有多个类型不同的项都叫 `{seen}`",
    "write the whole path: {known}",
    "请写全路径：{known}",
)
NO_SUCH_FILE = Code(
    "KC356",
    "no-such-file",
    "there is no file `{seen}`",
    "没有文件 `{seen}`",
    "the name is read from the folder of the version file",
    "文件名从版本文件所在的文件夹起算",
)
UNREADABLE_FILE = Code(
    "KC357",
    "unreadable-file",
    "`{seen}` cannot be read: {problem}",
    "无法读取 `{seen}`：{problem}",
    "save it as CSV with commas, encoded as UTF-8",
    "请另存为逗号分隔、UTF-8 编码的 CSV 文件",
)
TABLE_HEADER = Code(
    "KC358",
    "table-header",
    "column {number} is called `{seen}`, and `{wanted}` is looked up there",
    "第 {number} 列名为 `{seen}`，而查表依据是 `{wanted}`",
    "order the columns as `by:` does, with the result last",
    "各列次序应与 `by:` 一致，结果放在最后一列",
)
SHADOWED_ROW = Code(
    "KC359",
    "shadowed-row",
    "the row for {key} is never reached: an earlier row of `{table}` fits all that it fits",
    "{key} 一行永远用不到：表 `{table}` 中在前的一行已包括其全部情形",
    "put the row before the one that fits more",
    "请将该行移到范围更大的那一行之前",
)
MISSING_ROW = Code(
    "KC360",
    "missing-row",
    "the table `{table}` has no row for {key}",
    "表 `{table}` 缺少以下各行：{key}",
    "add the row, or say with `otherwise:` what holds for all others",
    "请补上该行，或以 `otherwise:` 写明其余情形的取值",
    severity=Severity.WARNING,
)
TIME_FORMAT = Code(
    "KC373",
    "time-format",
    "`{seen}` is not a form of dates and times",
    "`{seen}` 不是日期时间的书写格式",
    "write it as in `%Y-%m-%d %H:%M`",
    "请写成 `%Y-%m-%d %H:%M` 之类的格式",
)
NO_EXTENDS = Code(
    "KC374",
    "no-extends",
    "`{key}` is of no use in a version that extends nothing",
    "本版本未沿用其他版本，不能写 `{key}`",
    "take it out, or name the version this one builds on with `extends:`",
    "请删去，或以 `extends:` 写明所沿用的版本",
)
OTHER_KIND = Code(
    "KC375",
    "other-kind",
    "`{seen}` is not the id of a `{kind}`",
    "`{seen}` 不是 `{kind}` 的编号",
    "write `{kind}/…`",
    "请写成 `{kind}/…`",
)
BAD_PERIOD = Code(
    "KC376",
    "bad-period",
    "{problem}",
    "{problem}",
)
UNKNOWN_FIELD = Code(
    "KC377",
    "no-such-field",
    "no kind has a field `{seen}`",
    "没有任何类别有 `{seen}` 这一项",
    "write the path of a field, as in `report.adoptions.outlet`, or `{{NAME: TYPE}}`",
    "请写某一项的路径，如 `report.adoptions.outlet`，或写 `{{名称: 类型}}`",
)
BAD_HOURS = Code(
    "KC378",
    "bad-hours",
    "`{seen}` is not a stretch of business hours after the one before it",
    "`{seen}` 不是有效的办公时段，或与前一时段重叠",
    "write `08:30-12:00`, the earlier first",
    "请写成 `08:30-12:00`，先早后晚",
)
NEEDS_HOURS = Code(
    "KC379",
    "needs-hours",
    "the close of business needs business hours and the ruleset states none",
    "以下班时间为限须有办公时间，本规则集未写明",
    "add `business_hours: [08:30-12:00, 14:00-17:30]` at the top",
    "请在文件开头补 `business_hours: [08:30-12:00, 14:00-17:30]`",
)
COMPARED_COLUMN = Code(
    "KC380",
    "compared-column",
    "`{seen}` compares, and `{column}` is no number, date, instant or duration",
    "`{seen}` 是比较，而 `{column}` 不是数字、日期、时刻或时长",
    "write the value itself, in a row for each",
    "请逐行写明取值本身",
)
NOTHING_COMPARED = Code(
    "KC381",
    "nothing-compared",
    "`{seen}` compares with nothing",
    "`{seen}` 之后缺少比较的值",
    "write a sign and a value, as in `>= 30`",
    "请写比较符号和值，如 `>= 30`",
)
COMPARISON_FORM = Code(
    "KC382",
    "comparison-form",
    "`{seen}` is not how a table compares",
    "表中的比较不写作 `{seen}`",
    "write {fixed}",
    "请写 {fixed}",
)
TWO_BOUNDS = Code(
    "KC383",
    "two-bounds",
    "`{seen}` has two bounds, and a cell takes one",
    "`{seen}` 有两个界限，而一格只能写一个",
    "the first row that fits counts, so put `>= 10` below `>= 30`",
    "自上而下首个相符的行有效，故请将 `>= 10` 写在 `>= 30` 之下",
)
UNREACHED_ROW = Code(
    "KC384",
    "unreached-row",
    "the row for {key} is never reached: earlier rows of `{table}` together fit all that it fits",
    "{key} 一行永远用不到：表 `{table}` 中在前的各行合起来已包括其全部情形",
    "take the row out, or put it before them",
    "请删去该行，或将其移到这些行之前",
)

CODES = tuple(value for value in list(globals().values()) if isinstance(value, Code))
