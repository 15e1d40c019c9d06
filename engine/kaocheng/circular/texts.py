"""The words of circulars in both languages, and the names of periods as offices write them."""

from __future__ import annotations

import re
from collections.abc import Mapping

Pair = tuple[str, str]

TEXTS: Mapping[str, Pair] = {
    "title": ("{ruleset}: circular for {period}", "{ruleset}通报（{period}）"),
    "days": ("period: {first} to {last}", "通报周期：{first}至{last}"),
    "as_of": ("facts as of {as_of}", "事实截至：{as_of}"),
    "known_at": (
        "facts as of {as_of}, as they were known at {known_at}",
        "事实截至：{as_of}，获知截止：{known_at}",
    ),
    "standing": ("{n}. {title}", "{n}、{title}"),
    "items": ("{n}. Points of {kind} by item", "{n}、{kind}记分明细"),
    "silent": ("{n}. Nothing in the period", "{n}、周期内为零的情况"),
    "silent_of": ("{title}, none ({count}): {names}", "{title}为零的（{count}个）：{names}"),
    "findings": ("{n}. Findings", "{n}、认定情况"),
    "late": ("{n}. Late additions from earlier periods", "{n}、以往周期补记"),
    "late_lead": (
        "Earned earlier, known only after the circular of that time, and posted in this period.",
        "下列事项发生于以往周期，其后方获知，记入本期。",
    ),
    "changes": ("{n}. Changes to earlier circulars", "{n}、对以往通报的更正"),
    "changes_lead": (
        "Changed by what became known later: the difference from what the circular of then said.",
        "下列得分因通报之后获知的情况而变动，所列分值为与原通报之差，计入原周期。",
    ),
    "finding_changes": ("{n}. Changes to findings of earlier circulars", "{n}、对以往认定的更正"),
    "finding_changes_lead": (
        "Made, changed or withdrawn later: how many more there are than the circular of then said.",
        "下列认定在原通报之后新增、变更或撤销，所列次数为与原通报之差，计入原周期。",
    ),
    "no_items": ("No points were posted in the period.", "本期没有记分。"),
    "no_findings": ("No findings in the period.", "本期没有认定。"),
    "provisional": (
        "{title}: rows still undetermined are left out ({count}); the points may change.",
        "{title}：尚有待定事项未计入（{count}项），得分可能变动。",
    ),
    "lacking": (
        (
            "Not among the changes: what the change of the rules alone altered in the circulars"
            " for {periods}; the text under which they were drawn up is not at hand."
        ),
        "{periods}通报所依据的规则文本未能调取，仅因规则更正引起的变动未列入本期更正。",
    ),
    "version": ("Rules: version {version}, {hash}", "依据：{version}版，校验码 {hash}"),
    "so_far": ("{title}, {period} so far", "{title}（{period}累计）"),
    "separator": (", ", "、"),
    "end_of_day": ("{day}, end of day", "{day}24时"),
}

HEADS: Mapping[str, Pair] = {
    "rank": ("rank", "名次"),
    "league": ("league", "组别"),
    "points": ("points", "得分"),
    "who": ("who", "单位或个人"),
    "item": ("item", "事项"),
    "rule": ("for", "事由"),
    "clause": ("clause", "依据"),
    "day": ("day", "日期"),
    "amount": ("points", "分值"),
    "finding": ("finding", "认定"),
    "stage": ("stage", "阶段"),
    "count": ("count", "次数"),
    "difference": ("difference", "增减"),
}

_CHINESE_NUMBERS = "一二三四五六七八九十"
_QUARTERS = "一二三四"
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_PART = re.compile(r"(\d{4})-([QH])(\d)")


def say(name: str, language: str, **values: object) -> str:
    """A text in one language."""
    return TEXTS[name][language == "zh"].format(**values)


def head(name: str, language: str) -> str:
    """The head of a column."""
    return HEADS[name][language == "zh"]


def number(place: int, language: str) -> str:
    """The number of a part, from 1."""
    if language == "zh" and place <= len(_CHINESE_NUMBERS):
        return _CHINESE_NUMBERS[place - 1]
    return str(place)


def period_text(name: str, language: str) -> str:
    """What people call a period: `2009-03` is 2009年3月."""
    if language != "zh":
        return name
    if found := _DAY.fullmatch(name):
        return f"{found[1]}年{int(found[2])}月{int(found[3])}日"
    if found := _MONTH.fullmatch(name):
        return f"{found[1]}年{int(found[2])}月"
    if found := _WEEK.fullmatch(name):
        return f"{found[1]}年第{int(found[2])}周"
    if found := _PART.fullmatch(name):
        part = int(found[3])
        half = "上半年" if part == 1 else "下半年"
        return (
            f"{found[1]}年{half}" if found[2] == "H" else f"{found[1]}年第{_QUARTERS[part - 1]}季度"
        )
    return f"{name}年" if name.isdigit() else name


def day_text(text: str, language: str) -> str:
    """A day as a circular writes it: `2009-03-01` is 2009年3月1日."""
    return period_text(text, language) if _DAY.fullmatch(text) else text


def clock_text(minutes: int) -> str:
    """A time of day as a Chinese circular writes it: `18:05` is 18时05分."""
    hour, minute = divmod(minutes, 60)
    return f"{hour}时{minute:02}分" if minute else f"{hour}时"
