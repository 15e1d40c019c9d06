"""What stands above results that are not those of the ruleset in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kaocheng.language.ruleset import Ruleset

_MEANING = ("these are not the results of the ruleset in force", "以下并非现行规则的结果")


def tried_lines(ruleset: Ruleset, language: str) -> Iterator[str]:
    """A line for each value that is tried, and what that means; none for the ruleset in force."""
    for tried in ruleset.tried:
        before = _instead(tried.instead, language)
        if language == "zh":
            yield f"试用：{tried.name} = {tried.text}（现行：{before}）"
        else:
            yield f"tried: {tried.name} = {tried.text} (in force: {before})"
    if ruleset.tried:
        yield _MEANING[language == "zh"]


def tried_text(ruleset: Ruleset) -> str:
    """The values that are tried, in one cell: `smallest=300 term=20`."""
    return " ".join(f"{tried.name}={tried.text}" for tried in ruleset.tried)


def tried_data(ruleset: Ruleset) -> dict[str, object]:
    """For each value that is tried what it is, and what is in force in which version."""
    return {t.name: {"value": t.text, "in_force": dict(t.instead)} for t in ruleset.tried}


def _instead(instead: Mapping[str, str], language: str) -> str:
    """One value, or one for each version where they differ."""
    values = list(dict.fromkeys(instead.values()))
    if len(values) == 1:
        return values[0]
    if language == "zh":
        return "，".join(f"{name} 版 {value}" for name, value in instead.items())
    return ", ".join(f"{value} in {name}" for name, value in instead.items())
