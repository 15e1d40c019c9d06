"""The diagnostics of the language stage: structure, names, rules, versions."""

from __future__ import annotations

from kaocheng.diagnostics import Code, Severity

UNKNOWN_KEY = Code(
    "KC301",
    "unknown-key",
    "unknown key `{seen}` in {place}",
    "{place}中没有 `{seen}` 这一项",
    "the keys of {place} are {known}",
    "{place}可用的项有：{known}",
)
MISSING_KEY = Code(
    "KC302",
    "missing-key",
    "{place} has no `{key}`",
    "{place}缺少 `{key}`",
    "add `{key}:`",
    "请补上 `{key}:`",
)
WRONG_SHAPE = Code(
    "KC303",
    "wrong-shape",
    "`{key}` wants {wanted} and is {seen}",
    "`{key}` 应为{wanted_zh}，此处是{seen_zh}",
)
UNKNOWN_CHOICE = Code(
    "KC304",
    "unknown-choice",
    "`{seen}` is not a value of `{key}`",
    "`{seen}` 不是 `{key}` 的可用值",
    "the values are {known}",
    "可用值有：{known}",
)
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
DUPLICATE_ID = Code(
    "KC306",
    "duplicate-id",
    "`{id}` is declared twice",
    "`{id}` 重复声明",
    "rename one, or write `replaces: {id}` in a version that extends another",
    "请改名；若在沿用其他版本时替换原规则，请写 `replaces: {id}`",
)
UNKNOWN_RELATION = Code(
    "KC307",
    "unknown-relation",
    "`{seen}` is nothing that a rule can run over",
    "`{seen}` 不是规则可以适用的对象",
    "write a kind, a list of a kind, `KIND per PERIOD`, or the id of another rule, then `as NAME`",
    "请写事项类别、类别下的清单、“类别 per 周期”或另一规则的编号，再写 `as 变量名`",
)
BAD_FOR = Code(
    "KC308",
    "bad-for",
    "`{seen}` does not say what the rule runs over",
    "`{seen}` 没有写明规则的适用对象",
    "write `report as r`, `report.adoptions as a` or `unit per month as u`",
    "请写成 `report as r`、`report.adoptions as a` 或 `unit per month as u`",
)
CYCLE = Code(
    "KC309",
    "cycle",
    "the rules {members} read each other in a circle",
    "规则 {members} 相互引用，形成循环",
    "take one of the readings out",
    "请去掉其中一处引用",
)
UNKNOWN_PERIOD = Code(
    "KC310",
    "unknown-period",
    "`{seen}` is not a period",
    "没有 `{seen}` 这一周期",
    "the periods are {known}",
    "可用周期有：{known}",
)
NOT_MEMBERS = Code(
    "KC311",
    "no-roll",
    "`{kind}` has no roll: nothing says who is a member when",
    "`{kind}` 没有名册：未写明何时为成员",
    "declare `members:` with the spell of membership on the kind `{kind}`",
    "请在 `{kind}` 类别下用 `members:` 写明成员资格的起止",
)
VERSION_OVERLAP = Code(
    "KC312",
    "version-overlap",
    "version `{first}` and version `{second}` are both in force on {day}",
    "版本 `{first}` 与 `{second}` 在 {day} 同时施行",
    "end one with `last_day:` before the other begins",
    "请用 `last_day:` 写明前一版本的最后施行日",
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
    "`{seen}` is not a rule of what this version extends",
    "所沿用的版本中没有规则 `{seen}`",
)
EXTENDS_OUTSIDE = Code(
    "KC315",
    "extends-outside",
    "`{seen}` leaves the folder of the ruleset",
    "`{seen}` 超出了本规则集的文件夹",
    "extend a file of the same ruleset or the name of an installed ruleset",
    "只能沿用本规则集文件夹内的文件或已安装的规则集",
)
EXTENDS_MISSING = Code(
    "KC316",
    "extends-missing",
    "there is no `{seen}` to extend",
    "没有可沿用的 `{seen}`",
)
EXTENDS_CYCLE = Code(
    "KC317",
    "extends-cycle",
    "`{seen}` extends itself",
    "`{seen}` 沿用了自身",
)
SHAPE_CHANGES = Code(
    "KC318",
    "shape-changes",
    "rule `{id}` gives other columns in version `{first}` than in version `{second}`",
    "规则 `{id}` 在版本 `{first}` 与 `{second}` 中给出的栏目不同",
    "give the changed rule an id of its own",
    "请为改动后的规则另起编号",
)
NOT_FOUND_BY_CLOCK = Code(
    "KC319",
    "not-found-by-clock",
    "a clock cannot find `{finding}`",
    "单凭时限不能认定 `{finding}`",
    "only `late` follows from time alone: write `as: alleged` and let a person verify it",
    "仅凭时间只能认定迟报：请写 `as: alleged`，由人核实",
)
EXACTLY_ONE = Code(
    "KC320",
    "exactly-one",
    "{place} wants exactly one of {keys}",
    "{place}须在 {keys} 中恰好写一项",
)
UNIT_MISMATCH = Code(
    "KC321",
    "limit-in-hours-on-a-date",
    "a limit in {unit}s cannot run from a date",
    "从日期起算的时限不能以 {unit} 计",
    "count in days, or start from an instant",
    "请改用天数，或从具体时刻起算",
)
TIME_MIX = Code(
    "KC322",
    "dates-and-instants",
    "the clock mixes a {first} (`{first_key}`) with a {second} (`{second_key}`)",
    "同一时限混用了{first}（`{first_key}`）与{second}（`{second_key}`）",
    "use `date_of(…)` to take the local date of an instant, or `end_of(…)` for the end of a day",
    "可用 `date_of(…)` 取某一时刻的当地日期，或用 `end_of(…)` 取当日终了",
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
)
UNKNOWN_EVENT = Code(
    "KC328",
    "unknown-event",
    "no event `{seen}` is declared for `{kind}`",
    "`{kind}` 没有 `{seen}` 这一事件",
)
TABLE_CELL = Code(
    "KC329",
    "table-cell",
    "`{seen}` is not {wanted}",
    "`{seen}` 不是{wanted_zh}",
)
DUPLICATE_ROW = Code(
    "KC330",
    "duplicate-row",
    "the row for {key} stands twice in the table `{table}`",
    "表 `{table}` 中 {key} 一行重复",
)
UNKNOWN_ACCOUNT = Code(
    "KC331",
    "unknown-account",
    "`{seen}` is not an account",
    "没有 `{seen}` 这一账户",
    "the accounts are {known}",
    "已有账户：{known}",
)
NO_CLAUSE = Code(
    "KC332",
    "no-clause",
    "rule `{id}` names neither the clause it comes from nor what was assumed",
    "规则 `{id}` 既未注明出处条款，也未注明系假定",
    "add `clause:`, or `assumed:` with the reason",
    "请补 `clause:`；若原文未规定，请以 `assumed:` 说明理由",
    severity=Severity.WARNING,
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
)
NO_VERSIONS = Code(
    "KC335",
    "no-versions",
    "`{seen}` has no version files",
    "`{seen}` 中没有版本文件",
    "put one document per version into the folder `versions`",
    "请在 `versions` 文件夹中为每个版本放一份文件",
)
UNKNOWN_CALENDAR = Code(
    "KC336",
    "unknown-calendar",
    "there is no calendar `{seen}`",
    "没有 `{seen}` 的工作日历",
    "write a country code that the installed calendars know, such as `CN`",
    "请写已安装日历中的国家代码，如 `CN`",
)
NEEDS_CALENDAR = Code(
    "KC337",
    "needs-calendar",
    "working days need a calendar and the ruleset names none",
    "以工作日计算须有日历，本规则集未指定",
    "add `calendar: CN` at the top",
    "请在文件开头补 `calendar: CN`",
)
NAME_TAKEN = Code(
    "KC338",
    "name-taken",
    "`{name}` is already the name of {what}",
    "`{name}` 已用作{what_zh}的名称",
    "choose another name",
    "请另取名称",
)
WRONG_FIELD = Code(
    "KC339",
    "wrong-field",
    "`{seen}` is not a field of `{kind}`",
    "`{kind}` 没有 `{seen}` 这一项",
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
BAD_LIMIT = Code(
    "KC342",
    "bad-limit",
    "{problem}",
    "{problem_zh}",
)
NOT_SPELLS = Code(
    "KC343",
    "not-spells",
    "the pauses are {seen} and not spells",
    "`pauses` 应为期间清单，此处是 {seen}",
    "name a list of spells, such as `p.suspensions`",
    "请写期间清单，如 `p.suspensions`",
)
TOO_MANY_DECIMALS = Code(
    "KC344",
    "too-many-decimals",
    "`{key}` has {seen} decimal places and the account `{account}` keeps {kept}",
    "`{key}` 有 {seen} 位小数，账户 `{account}` 只保留 {kept} 位",
    "round it: `round(…, {kept})`",
    "请取整：`round(…, {kept})`",
)
BAD_STEP = Code(
    "KC345",
    "bad-step",
    "`{seen}` is not a step",
    "没有 `{seen}` 这一步骤",
    "the steps are {known}",
    "可用步骤有：{known}",
)
NO_RECIPIENT = Code(
    "KC346",
    "no-recipient",
    "nothing says who receives the points",
    "未写明记分对象",
    "add `to:`, or a `share` among several",
    "请补 `to:`，或以 `share` 分配",
)
BAD_PROPERTY = Code(
    "KC347",
    "bad-property-rows",
    "`{seen}` does not name the rows of a property",
    "`{seen}` 没有写明性质所涉的行",
    "write `notice as n`, or `[notice as a, notice as b]` for a pair",
    "请写 `notice as n`；涉及两行时写 `[notice as a, notice as b]`",
)

CODES = tuple(value for value in list(globals().values()) if isinstance(value, Code))
