"""What most commands begin with: a checked ruleset, an input, and the two times."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve, frozen

from kaocheng.assessing import Evaluator, assess, last_instant
from kaocheng.assessment import Assessment
from kaocheng.calendars.errors import ClockError
from kaocheng.calendars.numberline import (
    DAY,
    checked_day,
    checked_instant,
    parse_date,
    parse_instant,
)
from kaocheng.calendars.zones import Zone, build_zone, local_day, to_utc
from kaocheng.errors import InputError
from kaocheng.host import Host
from kaocheng.journal.formats import Progress
from kaocheng.journal.texts import NOTHING, Message, Text, did_you_mean
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import Journal
from kaocheng.opening import open_input

NO_CASE = Message(
    "no_case", "the input has no case `{seen}`{hint}", "输入中没有事项 `{seen}`{hint}"
)
NO_EVENT = Message(
    "no_event",
    "the input has no event, so `--as-of` must be given",
    "输入中没有事件，须以 `--as-of` 指明截至时间",
)
NONE_READ = Message(
    "none_read",
    "{why} (lines not read: {count}, and no other line has an event)",
    "{why}（无法读取的行：{count}，其余各行也没有事件）",
)

NOT_SET = Message(
    "not_set",
    "`{seen}` names no value; write `NAME=VALUE`, as in `term=30`",
    "`{seen}` 没有写明取值，应写作 `名称=取值`，如 `term=30`",
)
SET_TWICE = Message("set_twice", "`{name}` is set twice", "`{name}` 设了两次")

_DATE_LENGTH = 10


@frozen(kw_only=True)
class Loaded:
    """A ruleset, an input and what came out."""

    ruleset: Ruleset
    journal: Journal
    assessment: Assessment

    def case_id(self, text: str) -> str:
        """A full case id for what a user typed: `breach/10427`, or `10427` where it is unique."""
        known = sorted({event.case for event in self.journal.events})
        if text in known:
            return text
        fitting = [case for case in known if case.partition("/")[2] == text]
        if len(fitting) == 1:
            return fitting[0]
        hint = did_you_mean(text, known)
        if hint == NOTHING:
            hint = did_you_mean(text, [case.partition("/")[2] for case in known])
        raise NO_CASE.refusal("--case", seen=text, hint=hint)

    def check_rule(self, name: str) -> None:
        """Refuse a rule that the ruleset does not have, with the nearest name."""
        from kaocheng.rendering.csv import check_rule

        check_rule(self.assessment, name)

    def name_of(self, value: object) -> str:
        """What people call a case; any other part of a key stands for itself."""
        text = str(value)
        return self.assessment.name_of(text) if "/" in text else text

    def again(self, as_of: int, known_at: int | None, *, evaluator: Evaluator) -> Assessment:
        """The same journal assessed at other times."""
        return assess(
            self.ruleset, self.journal, as_of=as_of, known_at=known_at, evaluator=evaluator
        )

    @property
    def code(self) -> int:
        """The exit code: whether every line was read and fits the ruleset."""
        return 1 if self.assessment.unreadable or self.assessment.problems else 0

    def report(self, language: str) -> None:
        """Say on standard error what was not read or does not fit, where the output does not."""
        from kaocheng.rendering.table import plain_console, print_problems

        print_problems(self.assessment, language, plain_console(stderr=True))

    def report_times(self, language: str) -> None:
        """Say on standard error of which times the output is, where it cannot say so itself."""
        from kaocheng.rendering.table import plain_console, times_text

        plain_console(stderr=True).print(times_text(self.assessment, language), soft_wrap=True)


def with_set(ruleset: Ruleset, settings: Sequence[str] | None) -> Ruleset:
    """The ruleset with the values that `--set` tries."""
    if not settings:
        return ruleset
    from kaocheng.language.parameters import with_parameters

    for number, setting in enumerate(settings):
        name, equals, value = setting.partition("=")
        if not equals or not name:
            raise NOT_SET.refusal("--set", seen=setting)
        if name in {earlier.partition("=")[0] for earlier in settings[:number]}:
            raise SET_TWICE.refusal("--set", name=name)
        try:
            ruleset = with_parameters(ruleset, {name: value})
        except InputError as error:
            raise InputError("--set", error.message, zh=error.zh) from None
    return ruleset


def load_and_assess(
    name: str,
    path: Path,
    *,
    as_of: str | None,
    known_at: str | None,
    evaluator: Evaluator,
    input_id: str | None,
    settings: Sequence[str] | None = None,
) -> Loaded:
    """Everything up to the assessment, with progress on standard error."""
    host = Host.discover()
    ruleset = with_set(host.load(name), settings)
    with progress(path.name) as on_progress:
        journal = open_input(
            path, ruleset, host.formats(), input_id=input_id, on_progress=on_progress
        )
    zone = build_zone(ruleset.versions[-1].zone)
    assessment = assess(
        ruleset,
        journal,
        as_of=_as_of(as_of, journal, zone, path),
        known_at=None if known_at is None else parse_time(known_at, zone, "--known-at"),
        evaluator=evaluator,
    )
    # An assessment knows no files; whoever reads of a problem needs to know which file it is in.
    problems = tuple(evolve(p, place=f"{path}:{p.place}") for p in assessment.problems)
    assessment = evolve(assessment, problems=problems)
    return Loaded(ruleset=ruleset, journal=journal, assessment=assessment)


def _as_of(text: str | None, journal: Journal, zone: Zone, path: Path) -> int:
    if text is not None:
        return parse_time(text, zone, "--as-of")
    last = last_instant(journal.events, zone)
    if last is None and journal.unreadable:
        count, first = str(len(journal.unreadable)), journal.unreadable[0]
        raise NONE_READ.refusal(first.place, count=count, why=Text(first.en, first.zh))
    if last is None:
        raise NO_EVENT.refusal(str(path))
    return last


def parse_time(text: str, zone: Zone, option: str) -> int:
    """An instant (RFC 3339 with offset), or the end of a local day (`2009-12-31`)."""
    try:
        if len(text) == _DATE_LENGTH:
            us = checked_instant(to_utc(zone, (parse_date(text) + 1) * DAY) - 1)
        else:
            us = parse_instant(text)
        checked_day(local_day(zone, us))
    except ClockError as error:
        raise InputError(option, error.message, zh=error.zh) from None
    return us


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """A progress bar on standard error when a person is looking."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
