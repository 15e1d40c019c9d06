"""The words of people for statuses, stages, findings, rules and columns, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from kaocheng.assessment import Assessment
from kaocheng.language.expressions import Literal
from kaocheng.language.ruleset import RuleText

Pair = tuple[str, str]

STATUS_WORDS: Mapping[str, Pair] = {
    "not_begun": ("not begun", "未起算"),
    "open": ("open", "在办"),
    "overdue": ("overdue", "超期未办"),
    "met": ("met", "按时办结"),
    "late": ("late", "逾期办结"),
    "lapsed": ("lapsed", "失效未办"),
    "excused": ("excused", "免责"),
    "undetermined": ("undetermined", "待定"),
}

# A finding is no status: what was done late is `late` for a clock, 迟报 once it is held against
# somebody.
FINDING_WORDS: Mapping[str, Pair] = {
    "late": ("late", "迟报"),
    "missed": ("missed", "漏报"),
    "false": ("false", "谎报"),
    "concealed": ("concealed", "瞒报"),
    "suspicious": ("suspicious", "存疑"),
}

# What a rule raises about itself: the finding is called `<rule>_<word>`.
_ABOUT_A_RULE: Mapping[str, Pair] = {
    "miscounted": ("wrong number chosen", "所选数量不符"),
    "ineligible": ("chosen though not open to choice", "所选不在可选之列"),
    "out_of_bounds": ("out of bounds", "超出规定范围"),
    "without_reason": ("without a reason", "未说明理由"),
    "overdue": ("not decided in time", "逾期未作决定"),
}

STAGE_WORDS: Mapping[str, Pair] = {
    "alleged": ("alleged", "疑似"),
    "found": ("found", "已认定"),
    "verified": ("verified", "经核实属实"),
    "rescinded": ("rescinded", "已撤销"),
}

COLLECTION_WORDS: Mapping[str, Pair] = {
    "findings": ("findings", "认定"),
    "entries": ("points posted", "记分"),
    "notices": ("notices", "告知"),
}

# The heads of columns; any other column is called by its name.
HEADS: Mapping[str, Pair] = {
    **STATUS_WORDS,
    "deadline": ("deadline", "时限"),
    "finding": ("finding", "认定"),
    "count": ("count", "件数"),
    "hash": ("hash", "校验码"),
    "version": ("version", "版本"),
    "instances": ("instances", "适用条数"),
    "provisional": ("provisional", "待定行数"),
    "case": ("case", "单位或事项"),
    "period": ("period", "周期"),
    "points": ("points", "得分"),
    "rank": ("rank", "名次"),
    "league": ("league", "组别"),
    "value": ("value", "数值"),
    "owed_by": ("owed by", "责任者"),
    "start": ("start", "起算"),
    "due": ("due", "到期"),
    "met_at": ("met at", "办结"),
    "late_by": ("late by", "逾期"),
    "status": ("status", "状态"),
    "rule": ("rule", "规则"),
    "stage": ("stage", "阶段"),
    "sequence": ("event", "事件"),
    "at": ("at", "时间"),
    "account": ("account", "账户"),
    "recipient": ("recipient", "得分者"),
    "amount": ("amount", "分值"),
    "posted_on": ("posted on", "记分日"),
    "eligible": ("open to choice", "可供选择"),
    "decided": ("decided", "已作决定"),
    "to": ("to", "告知对象"),
    "first_day": ("first day", "首日"),
    "last_day": ("last day", "末日"),
    "known_at": ("known at", "获知截止"),
    "of_rule": ("rule", "规则"),
    "of_finding": ("finding", "认定"),
    "of_case": ("case", "所涉事项"),
    "of_sequence": ("event", "所涉事件"),
    "of_period": ("period", "所涉周期"),
    "of_owed_by": ("owed by", "责任者"),
}

# What stands above, between and below tables.
TEXTS: Mapping[str, Pair] = {
    "as_of": ("as of {as_of}", "截至 {as_of}"),
    "known_at": ("known at {known_at}", "获知截止 {known_at}"),
    "cases": ("cases: {cases}", "事项：{cases}"),
    "unreadable": ("lines not read: {n}", "无法读取的行：{n}"),
    "problems": ("does not fit the ruleset: {n}", "与规则集不符之处：{n}"),
    "undetermined": ("undetermined: {n}", "待定：{n}"),
    "more": (
        "… {n} more rows: use `--rule {rule}` or `--format json`",
        "……另有 {n} 行，用 `--rule {rule}` 或 `--format json` 查看",
    ),
    "further": ("… {n} more", "……另有 {n} 处"),
    "no_rows": ("no rows", "没有结果"),
}


def say(name: str, language: str, **values: object) -> str:
    """A text in one language."""
    return TEXTS[name][language == "zh"].format(**values)


def word(words: Mapping[str, Pair], name: str) -> Pair:
    """A word in both languages; a name that nobody translated stands for itself."""
    return words.get(name, (name, name))


def rule_text(assessment: Assessment, name: str) -> RuleText | None:
    """What people need of a rule, in the last version that has it."""
    texts = [v.rules[name] for v in assessment.ruleset.versions if name in v.rules]
    return texts[-1] if texts else None


def rule_title(assessment: Assessment, name: str) -> Pair:
    """What people call a rule or an account; of a part of a rule, what they call the whole."""
    found = rule_text(assessment, name) or rule_text(assessment, name.partition(".")[0])
    titles: Mapping[str, str] = {} if found is None else found.titles
    return (titles.get("en", name), titles.get("zh", name))


def rule_cite(assessment: Assessment, name: str) -> str:
    """The document of the last version that has a rule."""
    cites = [v.cite for v in assessment.ruleset.versions if name in v.rules]
    return cites[-1] if cites else ""


def provenance(text: RuleText, own: str) -> Pair:
    """The clause that a rule or a figure stands in, and its document where that is not `own`."""
    cite = "" if text.cite == own else text.cite
    if not cite or not text.clause:
        return (cite or text.clause, cite or text.clause)
    space = "" if cite.endswith("》") else " "
    return (f"{cite}, {text.clause}", f"{cite}{space}{text.clause}")


def kind_title(assessment: Assessment, kind: str) -> Pair:
    """What people call a kind of case."""
    for version in reversed(assessment.ruleset.versions):
        if kind in version.kinds:
            titles = version.kinds[kind].titles
            return (titles.get("en", kind), titles.get("zh", kind))
    return (kind, kind)


def finding_title(assessment: Assessment, finding: str) -> Pair:
    """What people call a kind of finding: what a rule, the trade or its only rule names it."""
    for version in reversed(assessment.ruleset.versions):
        for text in version.rules.values():
            if titles := text.findings.get(finding):
                return (titles.get("en", finding), titles.get("zh", finding))
    if finding in FINDING_WORDS:
        return FINDING_WORDS[finding]
    rule, what = _about(assessment, finding)
    if what is not None:
        title = rule_title(assessment, rule)
        return (f"{title[0]}: {what[0]}", f"{title[1]}：{what[1]}")
    return rule_title(assessment, _only_rule(assessment, finding))


def _only_rule(assessment: Assessment, finding: str) -> str:
    """The rule of `findings` that alone gives this kind of finding; else the kind itself."""
    rules = {
        rule.id
        for rule in assessment.ruleset.plan.rules
        if rule.collection == "findings"
        for pipeline in rule.variants.values()
        if isinstance(kind := pipeline.output["finding"], Literal) and kind.value == finding
    }
    declared = {rule.id for rule in assessment.rules("findings")}
    return min(rules) if len(rules) == 1 and rules <= declared else finding


def _about(assessment: Assessment, finding: str) -> tuple[str, Pair | None]:
    for name, words in _ABOUT_A_RULE.items():
        rule = finding.removesuffix(f"_{name}")
        if rule != finding and rule_text(assessment, rule) is not None:
            return rule, words
    return finding, None


def stage_title(stage: str) -> Pair:
    """How far a finding has got."""
    return word(STAGE_WORDS, stage)


def status_title(status: str) -> Pair:
    """What a clock says."""
    return word(STATUS_WORDS, status)
