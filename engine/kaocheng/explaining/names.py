"""What people call things: facts, rows, lists, values, who owes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kaocheng.explaining.subject import Subject, Values
from kaocheng.language.amounts import trimmed
from kaocheng.language.expressions import Expr, Field, Linked, Lookup, Parameter, Variable
from kaocheng.language.schema import Relation
from kaocheng.language.types import STRING, Decimal, Enum, ListOf, Reference, Row, Type
from kaocheng.language.writing import write
from kaocheng.plan.algebra import ROW
from kaocheng.rendering.values import text
from kaocheng.rendering.words import (
    STATUS_WORDS,
    Pair,
    finding_title,
    kind_title,
    rule_title,
    word,
)

PERIODS: Mapping[str, Mapping[str, str]] = {
    "period": {"en": "period", "zh": "周期"},
    "period.first_day": {"en": "first day of the period", "zh": "周期首日"},
    "period.last_day": {"en": "last day of the period", "zh": "周期末日"},
}
# Columns that the engine itself gives to lists, spells, rules and steps.
COLUMNS: Mapping[str, Pair] = {
    "at": ("time", "时间"),
    "from": ("from", "起"),
    "until": ("until", "止"),
    "recorded_at": ("recorded at", "获知时间"),
    "sequence": ("number of the event", "事件序号"),
    "actor": ("who acted", "办理人"),
    "unit": ("unit acted for", "所代表单位"),
    "state": ("state", "状态"),
    "start": ("start", "起算"),
    "due": ("due", "到期"),
    "met_at": ("done", "办结"),
    "late_by": ("late by", "逾期"),
    "status": ("status", "状态"),
    "owed_by": ("owed by", "责任者"),
    "amount": ("amount", "分值"),
    "points": ("points", "得分"),
    "value": ("value", "数值"),
    "decided": ("decided", "已作决定"),
    "first_day": ("first day", "首日"),
    "last_day": ("last day", "末日"),
    "known_at": ("known at", "获知截止"),
    "finding": ("finding", "认定"),
    "stage": ("stage", "阶段"),
    "rule": ("rule", "规则"),
    "recipient": ("recipient", "得分者"),
    "eligible": ("open to choice", "可供选择"),
    "of_rule": ("rule", "规则"),
    "of_finding": ("finding", "认定"),
    "of_case": ("case", "所涉事项"),
    "of_sequence": ("its event", "所涉事件序号"),
    "of_period": ("its period", "所涉周期"),
    "of_owed_by": ("owed by", "责任者"),
}
# The columns of every list and spell.
_OF_EVENTS = ("at", "from", "until", "sequence", "recorded_at")
# Those of lists that say who acted, and that of a lifecycle.
_OF_ROWS = ("actor", "unit", "state")
MOST = 5
# The columns of a finding, an entry or a notice that say what it is about.
_PLACES = ("case", "sequence", "period")


def shown(subject: Subject, value: object, type_: Type, version: int) -> Pair:
    """A value in both languages."""
    if isinstance(value, (tuple, list)) and isinstance(type_, ListOf):
        items = [shown(subject, item, type_.item, version) for item in value[:MOST]]
        rest = len(value) - MOST
        more = ("", "") if rest <= 0 else (f" and {rest} more", f"等 {len(value)} 项")
        nothing = ("none", "无") if not items else ("", "")
        english, chinese = ([item[i] for item in items] for i in (0, 1))
        return (
            nothing[0] + ", ".join(english) + more[0],
            nothing[1] + "、".join(chinese) + more[1],
        )
    if isinstance(value, tuple) and isinstance(type_, Row):
        return row_name(subject, subject.plan.relations[type_.relation], value)
    if isinstance(type_, Reference) and isinstance(value, str):
        name = subject.assessment.name_of(value)
        return (name, name)
    if isinstance(type_, Enum) and type_.name == "status" and value in STATUS_WORDS:
        return status_code(str(value))
    zone = subject.zone(version)
    pair = (text(value, type_, zone), text(value, type_, zone, language="zh"))
    if isinstance(type_, Decimal):
        return (trimmed(pair[0]), trimmed(pair[1]))
    return pair


def status_code(status: str) -> Pair:
    """A status as conditions write it, in Chinese with the word for it."""
    return (status, f"{STATUS_WORDS[status][1]}（{status}）")


def party(subject: Subject, value: object) -> Pair:
    """Who owes, decides or receives."""
    if value is None:
        return ("unknown", "未知")
    name = subject.assessment.name_of(str(value))
    return (name, name)


def fact_name(subject: Subject, expr: Expr) -> Pair:
    """What people call a fact: the title of its field, or the path as written."""
    path = write(expr)
    titles = _titles_of(subject, expr)
    if titles is not None:
        return (titles.get("en", path), titles.get("zh", path))
    if isinstance(expr, Field) and _is_the_engines(subject, expr):
        return _of_result(subject, expr)
    if isinstance(expr, Field) and isinstance(expr.row.type, Row):
        return _of_row(subject, expr, expr.row.type.relation) or (path, path)
    return (path, path)


def _of_row(subject: Subject, expr: Field, relation: str) -> Pair | None:
    """A column that every list or spell has, or a part of the state that a rule carries on."""
    if any(rule.relation.name == relation for rule in subject.plan.rules):
        title = rule_title(subject.assessment, relation)
        return (f"{title[0]} · {expr.name}", f"{title[1]}·{expr.name}")
    kind = relation.partition(".")[0]
    if expr.name == "case":
        title = kind_title(subject.assessment, kind)
        return None if title == (kind, kind) else title
    return COLUMNS[expr.name] if expr.name in _OF_ROWS else None


def _of_result(subject: Subject, expr: Field) -> Pair:
    """A column of a step or of a rule's result, with the rule where it is another one."""
    name = word(COLUMNS, expr.name)
    if not isinstance(expr.row, Linked):
        return name
    title = rule_title(subject.assessment, expr.row.link)
    return (f"{name[0]} of {title[0]}", f"{title[1]}的{name[1]}")


def _is_the_engines(subject: Subject, expr: Field) -> bool:
    """Whether a column is one that the engine gives: of a step, or of a rule's results."""
    if isinstance(expr.row, Variable) and expr.row.name == ROW:
        return True
    relation = expr.row.type.relation if isinstance(expr.row.type, Row) else ""
    if "." in relation and expr.name in _OF_EVENTS:
        return True
    return expr.name in COLUMNS and any(r.relation.name == relation for r in subject.plan.rules)


def named_path(subject: Subject, expr: Expr) -> Pair:
    """The path as written, and before it what people call it."""
    path, name = f"`{write(expr)}`", fact_name(subject, expr)
    return (
        path if name[0] == write(expr) else f"{name[0]} ({path})",
        path if name[1] == write(expr) else f"{name[1]}（{path}）",
    )


def _titles_of(subject: Subject, expr: Expr) -> Mapping[str, str] | None:
    if isinstance(expr, Field) and isinstance(expr.row.type, Row):
        return _of_column(subject, expr.row.type.relation, expr.name)
    if isinstance(expr, Linked):
        return _of_link(subject, expr)
    if isinstance(expr, Lookup):
        return _of_declared(subject, expr.table)
    if isinstance(expr, Parameter):
        return _of_declared(subject, expr.name)
    return None


def _of_link(subject: Subject, expr: Linked) -> Mapping[str, str] | None:
    english, chinese = rule_title(subject.assessment, expr.link)
    if english != expr.link:
        return {"en": english, "zh": chinese}
    if not isinstance(expr.row.type, Row):
        return None
    link = subject.plan.relations[expr.row.type.relation].links[expr.link]
    kind, _, part = link.relation.partition(".")
    return (_of_part(subject, kind, part) or None) if part else None


def _of_declared(subject: Subject, name: str) -> Mapping[str, str] | None:
    for version in reversed(subject.assessment.ruleset.versions):
        if name in version.figures:
            return version.figures[name].titles
    return None


def _of_column(subject: Subject, relation: str, column: str) -> Mapping[str, str] | None:
    if column in PERIODS:
        return PERIODS[column]
    kind, _, part = relation.partition(" per ")[0].partition(".")
    for version in reversed(subject.assessment.ruleset.versions):
        found = version.kinds.get(kind)
        if found is None:
            continue
        parts = {item.name: item.fields for item in found.lists}
        parts |= {item.name: item.fields for item in found.spells}
        for fact in parts.get(part, ()) if part else found.fields:
            if fact.name == column:
                return fact.titles
    return None


def _of_part(subject: Subject, kind: str, part: str) -> Mapping[str, str]:
    """The titles of a list or a spell."""
    for version in reversed(subject.assessment.ruleset.versions):
        found = version.kinds.get(kind)
        if found is not None:
            titles = {item.name: item.titles for item in found.lists}
            titles |= {item.name: item.titles for item in found.spells}
            return titles.get(part, {})
    return {}


def source_title(subject: Subject, relation: str) -> Pair:
    """What a rule runs over, in words and as written."""
    kind, _, part = relation.partition(" per ")[0].partition(".")
    titles = _of_part(subject, kind, part) if part else {}
    if not part and " per " not in relation:
        titles = _as_titles(kind, kind_title(subject.assessment, kind))
    titles = _as_titles(relation, rule_title(subject.assessment, relation)) or titles
    code = f"`{relation}`"
    return (
        f"{titles['en']} ({code})" if titles.get("en", relation) != relation else code,
        f"{titles['zh']}（{code}）" if titles.get("zh", relation) != relation else f" {code}",
    )


def _as_titles(name: str, words: Pair) -> Mapping[str, str]:
    """Titles, none where nobody gave any."""
    return {} if words == (name, name) else {"en": words[0], "zh": words[1]}


def row_name(subject: Subject, relation: Relation, row: Values) -> Pair:
    """Which row it is, shortly: the case and the number of its event, or the key's values."""
    values = {name: row[relation.index(name)] for name in relation.key}
    return key_name(subject, relation, values)


def key_name(subject: Subject, relation: Relation, values: Mapping[str, object]) -> Pair:
    """Which row it is, by the values of its key."""
    titles = _titles_of_result(subject, values)
    if titles is None:
        return _place(subject, relation, values)
    place = {name: values[name] for name in _PLACES if name in values}
    english, chinese = _place(subject, relation, place)
    return (f"{titles[0]}, {english}", f"{titles[1]}，{chinese}") if english else titles


def _titles_of_result(subject: Subject, values: Mapping[str, object]) -> Pair | None:
    """A finding is called by its kind, an entry or a notice by its rule."""
    if "finding" in values:
        return finding_title(subject.assessment, str(values["finding"]))
    if "rule" in values:
        return rule_title(subject.assessment, str(values["rule"]))
    return None


def _place(subject: Subject, relation: Relation, values: Mapping[str, object]) -> Pair:
    known = {name: value for name, value in values.items() if value is not None}
    number = f"#{known['sequence']}" if {"case", "sequence"} <= set(known) else ""
    parts: list[Pair] = []
    for name, value in known.items():
        if not (number and name == "sequence"):
            english, chinese = _part(subject, relation.columns[name], value)
            own = number if name == "case" else ""
            parts.append((english + own, chinese + own))
    return (" ".join(part[0] for part in parts), " ".join(part[1] for part in parts))


def _part(subject: Subject, type_: Type, value: object) -> Pair:
    if isinstance(value, str) and (isinstance(type_, Reference) or type_ == STRING):
        name = subject.assessment.name_of(value) if "/" in value else value
        return (name, name)
    pair = shown(subject, value, type_, len(subject.plan.versions) - 1)
    return pair if isinstance(type_, Enum) else (pair[0], pair[0])


def row_title(subject: Subject, relation: Relation, values: Mapping[str, object]) -> Pair:
    """Which row it is, with the kind of its case, which a unit or person with a name needs not."""
    name = key_name(subject, relation, values)
    case = values.get("case")
    if not isinstance(case, str) or _titles_of_result(subject, values):
        return name
    kind = _kind_of(subject, case)
    return (f"{kind[0]}{name[0]}", f"{kind[1]}{name[1]}")


def case_title(subject: Subject, case: str) -> Pair:
    """What people call a case: its name, or its kind and number."""
    kind, name = _kind_of(subject, case), subject.assessment.name_of(case)
    return (f"{kind[0]}{name}", f"{kind[1]}{name}")


def _kind_of(subject: Subject, case: str) -> Pair:
    """The kind to be set before the number of a case; nothing where the case has a name."""
    kind, _, own = case.partition("/")
    if not own or subject.assessment.name_of(case) != own:
        return ("", "")
    title = kind_title(subject.assessment, kind)
    return (f"{title[0]} ", f"{title[1]} ")


def joined(parts: Sequence[Pair]) -> Pair:
    """Several names one after the other."""
    return (", ".join(part[0] for part in parts), "、".join(part[1] for part in parts))
