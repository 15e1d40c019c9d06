"""The diagnostics of the language stage: structure, names and rules; all of them in `CODES`."""

from __future__ import annotations

from kaocheng.diagnostics import Code, Severity
from kaocheng.language import declaration_codes

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
    "{place} wants {wanted}, and is {seen}",
    "{place}应为{wanted}，此处是{seen}",
)
UNKNOWN_CHOICE = Code(
    "KC304",
    "unknown-choice",
    "`{seen}` is not a value of `{key}`",
    "`{seen}` 不是 `{key}` 的可用值",
    "the values are {known}",
    "可用值有：{known}",
)
DUPLICATE_ID = Code(
    "KC306",
    "duplicate-id",
    "`{id}` is declared twice",
    "`{id}` 重复声明",
    "rename one; a version that extends another writes `replaces: {id}` in a rule, and "
    "`without: [{id}]` for anything else",
    "请改名；沿用其他版本时，替换规则请在该规则中写 `replaces: {id}`，替换其他声明请写 "
    "`without: [{id}]`",
)
UNKNOWN_RELATION = Code(
    "KC307",
    "unknown-relation",
    "`{seen}` is nothing that a rule can run over",
    "`{seen}` 不是规则可以适用的对象",
    "write a kind, a list of a kind, `KIND per PERIOD`, or the id of another rule",
    "请写事项类别、类别下的清单、`类别 per 周期`，或另一规则的编号",
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
    "the rules read each other in a circle: {members}",
    "规则相互引用，形成循环：{members}",
    "let one of them read only what comes before it",
    "请让其中一条只引用在它之前得出的结果",
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
    "give the kind `{kind}` a spell of membership, and name it with `members:`",
    "请为类别 `{kind}` 设成员资格的起止期间，并以 `members:` 指明",
)
NOT_FOUND_BY_CLOCK = Code(
    "KC319",
    "not-found-by-clock",
    "a clock cannot find `{finding}`",
    "单凭时限不能认定 `{finding}`",
    "only `late` follows from time alone; write `as: alleged`, and a person verifies it",
    "仅凭时间只能认定迟报（`late`）；请写 `as: alleged`，由人核实",
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
    "a limit in {unit} cannot run from a date",
    "从日期起算的时限不能以{unit}计",
    "count in days, or start from an instant",
    "请改用天数，或从具体时刻起算",
)
TIME_MIX = Code(
    "KC322",
    "dates-and-instants",
    "`{first_key}` is {first} and `{second_key}` is {second}: one clock cannot mix them",
    "`{first_key}` 是{first}，`{second_key}` 是{second}，同一时限不能混用",
    "write `date_of(…)` for the local date of an instant, or `end_of(…)` for the end of a day",
    "取某一时刻的当地日期请写 `date_of(…)`，取某日终了请写 `end_of(…)`",
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
    "`{id}` names neither the clause it comes from nor what was assumed",
    "`{id}` 既未注明出处条款，也未注明系假定",
    "add `clause:`, or `assumed:` with the reason",
    "请补 `clause:`；若原文未规定，请以 `assumed:` 说明理由",
    severity=Severity.WARNING,
)
NEEDS_CALENDAR = Code(
    "KC337",
    "needs-calendar",
    "working days need a calendar, and the ruleset names none",
    "以工作日计算须有工作日历，本规则集未指定",
    "add a calendar at the top, such as `calendar: CN`",
    "请在文件开头指定，如 `calendar: CN`",
)
NAME_TAKEN = Code(
    "KC338",
    "name-taken",
    "the name `{name}` is taken by {what}",
    "名称 `{name}` 已被{what}占用",
    "choose another name",
    "请另取名称",
)
WRONG_FIELD = Code(
    "KC339",
    "wrong-field",
    "`{seen}` is not a field of `{kind}`",
    "`{kind}` 没有 `{seen}` 这一项",
    "it has {known}",
    "已有：{known}",
)
BAD_LIMIT = Code(
    "KC342",
    "bad-limit",
    "{problem}",
    "{problem}",
)
NOT_SPELLS = Code(
    "KC343",
    "not-spells",
    "`pauses` wants a list of spells and is `{seen}`",
    "`pauses` 应为期间清单，此处是 `{seen}`",
    "name a list of spells, such as `p.suspensions`",
    "请写期间清单，如 `p.suspensions`",
)
TOO_MANY_DECIMALS = Code(
    "KC344",
    "too-many-decimals",
    "`{key}` has {seen} decimal places and the account `{account}` keeps {kept}",
    "`{key}` 有 {seen} 位小数，账户 `{account}` 只保留 {kept} 位",
    "write `round(…, {kept})`, or let the account keep more with `decimals:`",
    "请写 `round(…, {kept})`，或以 `decimals:` 让账户保留更多位",
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
    "`{seen}` does not say what the property is about",
    "`{seen}` 没有写明该性质所涉的行",
    "write `notice as n`, or `[notice as a, notice as b]` for a pair",
    "请写 `notice as n`；涉及一对时写 `[notice as a, notice as b]`",
)
DUPLICATE_VALUE = Code(
    "KC348",
    "duplicate-value",
    "`{seen}` stands twice in `{key}`",
    "`{key}` 中 `{seen}` 重复",
    "keep one of them",
    "请只保留一处",
)
UNKNOWN_KIND = Code(
    "KC349",
    "unknown-kind",
    "there is no kind `{seen}`",
    "没有 `{seen}` 这一类别",
    "the kinds are {known}",
    "已有类别：{known}",
)
NOT_TOGETHER = Code(
    "KC361",
    "not-together",
    "`{key}` does not go with `{other}`",
    "`{key}` 不能与 `{other}` 同时写",
    "{way_out}",
    "{way_out}",
)
NOT_A_PARTY = Code(
    "KC362",
    "not-a-party",
    "`{key}` wants a unit, a person or a list of them, and is `{seen}`",
    "`{key}` 应为单位、人员或其清单，此处是 `{seen}`",
    "name a field that refers to them, such as `r.unit`",
    "请写指向单位或人员的项，如 `r.unit`",
)
WRONG_RECIPIENT = Code(
    "KC363",
    "wrong-recipient",
    "`{key}` names `{seen}`, and the account `{account}` is of `{of}`",
    "`{key}` 指向 `{seen}`，而账户 `{account}` 记的是 `{of}` 的分",
    "name a `{of}`, or post to another account",
    "请写 `{of}`，或记入其他账户",
)
NOT_A_VALUE = Code(
    "KC364",
    "not-a-value",
    "a single value is wanted here, and this is `{seen}`",
    "此处应为单个值，而所写是 `{seen}`",
    "name a field with a single value, such as `r.unit`",
    "请写只有一个取值的项，如 `r.unit`",
)
NO_ORDER = Code(
    "KC365",
    "no-order",
    "rows cannot be put in order by `{seen}`",
    "不能按 `{seen}` 排序",
    "name a number, a date, an instant, a duration or an `ordered:` value",
    "请写数字、日期、时刻、时长，或以 `ordered:` 声明的取值",
)
ZERO_ROWS = Code(
    "KC366",
    "zero-rows",
    "zero rows need one member and one period in `per`, and nothing else",
    "列零行时，`per` 中应恰有一个成员和一个周期",
    "write, for instance, `per: [r.unit, year]`",
    "例如 `per: [r.unit, year]`",
)
SECOND_PERIOD = Code(
    "KC367",
    "second-period",
    "`{seen}` is a second period, and a row falls into one only",
    "`{seen}` 是第二个周期，每行只能归入一个周期",
    "take one out, or write a tally for each",
    "请去掉一个，或分写两项统计",
)
NEEDS_ROLL = Code(
    "KC368",
    "needs-roll",
    "a standing ranks the members of a roll, and `{seen}` is none",
    "排名的对象应是名册成员，而 `{seen}` 不是名册",
    "write `unit per year as u`",
    "请写成 `unit per year as u`",
)
TOO_SMALL = Code(
    "KC369",
    "too-small",
    "`{key}` is {seen}, and must be at least {least}",
    "`{key}` 是 {seen}，至少应为 {least}",
)
NO_WEIGHT = Code(
    "KC370",
    "no-weight",
    "the weights are all zero, so nobody gets anything",
    "权重全为零，无人得分",
    "give at least one a weight above zero",
    "至少应有一个权重大于零",
)
SELF_READING = Code(
    "KC371",
    "self-reading",
    "`{id}` reads itself",
    "`{id}` 引用了自身",
    "read other rules only, or give it a name that nothing else has",
    "请只引用其他规则，或另取不与他项重复的名称",
)
SECOND_BULLETIN = Code(
    "KC372",
    "second-bulletin",
    "`{first}` already says on which day late facts are posted",
    "`{first}` 已写明事后获知事项记入何日",
    "write `late_facts: next_open` in one bulletin only",
    "只应有一项通报写 `late_facts: next_open`",
)

_OWN = tuple(value for value in list(globals().values()) if isinstance(value, Code))
CODES = tuple(sorted((*_OWN, *declaration_codes.CODES), key=lambda code: code.id))
