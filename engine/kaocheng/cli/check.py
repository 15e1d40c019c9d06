"""`kaocheng check`: is this ruleset right? Every mistake at its place, and the way out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from attrs import frozen

from kaocheng.cli.options import Formats, Language, LanguageOption
from kaocheng.cli.usage import WRONG_USE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kaocheng.errors import KaochengError
    from kaocheng.language.check import Checked
    from kaocheng.language.ruleset import Ruleset


def check(
    names: Annotated[
        list[str],
        typer.Argument(metavar="PATH|NAME...", help="rulesets: paths, or shipped names"),
    ],
    *,
    form: Annotated[Formats, typer.Option("--format", help="text, or JSON")] = Formats.TEXT,
    assumed: Annotated[
        bool, typer.Option("--assumed", help="also list what the rules assume and why")
    ] = False,
    lang: LanguageOption = Language.EN,
) -> None:
    """Check rulesets and print what is wrong. Exit 1 when something is."""
    from kaocheng.errors import InputError, UnknownRulesetError
    from kaocheng.host import Host

    host = Host.discover()
    report = _Json(lang.value) if form is Formats.JSON else _Text(lang.value, assumed=assumed)
    for failed in host.problems():
        report.plugin(failed.name, failed.problem)
    worst = 0
    for name in names:
        try:
            checked = host.check(name)
        except (InputError, UnknownRulesetError) as error:
            worst = max(worst, WRONG_USE if isinstance(error, UnknownRulesetError) else 1)
            report.problem(name, error)
        else:
            worst = max(worst, 0 if checked.passed else 1)
            report.ruleset(name, checked)
    report.end(passed=worst == 0)
    raise typer.Exit(worst)


class _Text:
    """Diagnostics on standard error, one line about each ruleset on standard output."""

    def __init__(self, language: str, *, assumed: bool) -> None:
        self._language = language
        self._assumed = assumed

    def plugin(self, name: str, problem: str) -> None:
        """A plugin that is not there: what it adds to the language is then unknown."""
        if self._language == "zh":
            typer.echo(f"警告：插件 `{name}` 未能加载：{problem}", err=True)
        else:
            typer.echo(f"warning: plugin `{name}` could not be loaded: {problem}", err=True)

    def problem(self, _name: str, error: KaochengError) -> None:
        """A ruleset that cannot be read at all."""
        from kaocheng.cli.messages import failure

        typer.echo(failure(error, language=self._language), err=True)

    def ruleset(self, name: str, checked: Checked) -> None:
        """All that is to be said of a ruleset."""
        from kaocheng.cli.messages import print_diagnostics

        print_diagnostics(checked.diagnostics, language=self._language)
        typer.echo(_verdict(name, checked, language=self._language))
        if self._assumed and checked.ruleset is not None:
            for item in _assumptions(checked.ruleset):
                typer.echo(f"  {_assumption(item, self._language)}")

    def end(self, *, passed: bool) -> None:
        """Nothing: all has been said."""


class _Json:
    """Everything as one JSON object."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._problems: list[dict[str, str]] = []
        self._rulesets: list[dict[str, object]] = []
        self._diagnostics: list[dict[str, object]] = []

    def plugin(self, name: str, problem: str) -> None:
        """A plugin that is not there."""
        self._problems.append({"plugin": name, "message": problem})

    def problem(self, name: str, error: KaochengError) -> None:
        """A ruleset that cannot be read at all."""
        from kaocheng.cli.messages import sentence

        self._problems.append({"ruleset": name, "message": sentence(error, self._language)})

    def ruleset(self, name: str, checked: Checked) -> None:
        """What a ruleset is, and its diagnostics."""
        from kaocheng.cli.messages import as_data

        self._rulesets.append(_as_data(name, checked.ruleset))
        self._diagnostics += [as_data(d, language=self._language) for d in checked.diagnostics]

    def end(self, *, passed: bool) -> None:
        """Print the object; what could not be read at all stands apart."""
        data: dict[str, object] = {
            "passed": passed,
            "rulesets": self._rulesets,
            "problems": self._problems,
            "diagnostics": self._diagnostics,
        }
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))


def _verdict(name: str, checked: Checked, *, language: str) -> str:
    errors = len(checked.errors)
    warnings = len(checked.diagnostics) - errors
    if checked.ruleset is None:
        if language == "zh":
            return f"{name}：{errors} 处错误，{warnings} 处警告"
        return f"{name}: {_counted(errors, 'error')}, {_counted(warnings, 'warning')}"
    rules, versions = _rule_count(checked.ruleset), len(checked.ruleset.versions)
    if language == "zh":
        return f"{name}：检查通过，{versions} 个版本，{rules} 条规则，{warnings} 处警告"
    return f"{name}: passed, versions: {versions}, rules: {rules}, warnings: {warnings}"


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _rule_count(ruleset: Ruleset) -> int:
    return len({rule for version in ruleset.versions for rule in version.rules})


def _as_data(name: str, ruleset: Ruleset | None) -> dict[str, object]:
    """What a ruleset is; of one that does not check nothing more is known than that."""
    from kaocheng.calendars.numberline import format_date

    if ruleset is None:
        return {
            "name": name,
            "passed": False,
            "versions": [],
            "rules": 0,
            "assumed": [],
            "calendars": [],
        }
    assumed = [{"of": i.of, "subject": i.subject, **i.reasons} for i in _assumptions(ruleset)]
    last_days = {edition.name: edition.last_day for edition in ruleset.editions.values()}
    return {
        "name": name,
        "passed": True,
        "versions": [version.name for version in ruleset.versions],
        "rules": _rule_count(ruleset),
        "assumed": assumed,
        "calendars": [
            {"calendar": name, "last_day": format_date(day)} for name, day in last_days.items()
        ],
    }


@frozen
class _Assumed:
    """Something assumed: of which rule, table or parameter, what of it, and why."""

    of: str
    subject: str
    reasons: Mapping[str, str]


def _assumption(item: _Assumed, language: str) -> str:
    """One assumption as a line."""
    chinese = language == "zh"
    brackets, colon = ("（{}）", "：") if chinese else (" ({})", ": ")
    subject = brackets.format(item.subject) if item.subject else ""
    return f"{item.of}{subject}{colon}{item.reasons.get(language, '')}"


def _assumptions(ruleset: Ruleset) -> Iterator[_Assumed]:
    """What rules, tables and parameters assume, as in the latest version that has them."""
    texts = {
        name: text
        for version in ruleset.versions
        for name, text in {**version.figures, **version.rules}.items()
    }
    for name, text in texts.items():
        for assumption in text.assumed:
            yield _Assumed(name, assumption.subject, assumption.reasons)
