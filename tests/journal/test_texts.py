"""Sentences in both languages."""

from __future__ import annotations

import importlib
import pkgutil
import re
import string

import pytest

import kaocheng.journal
from kaocheng.journal.texts import Message, Problem, Text, did_you_mean, names, problem, shown
from kaocheng.model.events import Unreadable


def all_messages() -> list[Message]:
    """Every message that a module of the package declares."""
    modules = [
        importlib.import_module(info.name)
        for info in pkgutil.iter_modules(kaocheng.journal.__path__, "kaocheng.journal.")
    ]
    values = [value for module in modules for value in vars(module).values()]
    found = {value.name: value for value in values if isinstance(value, Message)}
    return list(found.values())


def placeholders(text: str) -> set[str]:
    """The names of the placeholders of a template."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("message", all_messages(), ids=lambda message: message.name)
def test_both_languages_say_the_same(message: Message) -> None:
    """The two texts of a message have the same placeholders, and none ends in a full stop."""
    assert placeholders(message.en) == placeholders(message.zh)
    assert not message.en.endswith(".")
    assert not message.zh.endswith("。")


def test_the_chinese_text_is_chinese() -> None:
    """Every message has a Chinese text of its own."""
    without = [m.name for m in all_messages() if not re.search("[\u4e00-\u9fff]", m.zh)]

    assert [] == [name for name in without if name not in {"bad_time", "in_cell"}]


def test_fill_takes_the_text_of_each_language() -> None:
    """A value that differs between the languages is taken from its own."""
    message = Message("m", "{what} is missing{hint}", "缺少{what}{hint}")
    expected = Text("a date is missing; did you mean `at`", "缺少日期；是否想写 `at`")

    assert expected == message.fill(what=Text("a date", "日期"), hint=did_you_mean("att", ["at"]))


def test_capitals_do_not_hide_a_name() -> None:
    """A name that differs in capitals alone is suggested, however short."""
    assert Text("; did you mean `Id`", "；是否想写 `Id`") == did_you_mean("id", ["Ida", "Id"])


def test_no_hint_when_nothing_is_near() -> None:
    """A name that is like no other gets no suggestion."""
    assert Text("", "") == did_you_mean("zzz", ["case", "event"])


def test_names_are_listed_in_the_manner_of_each_language() -> None:
    """Chinese lists are separated by 、."""
    assert Text("`a`, `b`", "`a`、`b`") == names(["a", "b"])


def test_long_values_are_cut() -> None:
    """A long value is shown by its beginning."""
    assert "x" * 60 + "…" == shown("x" * 61)
    assert '{"a": [1]}' == shown({"a": [1]})


def test_a_message_about_a_line_and_about_an_event() -> None:
    """The same message serves a line that cannot be read and an event that does not fit."""
    message = Message("m", "`{a}` is wrong", "`{a}` 有误")

    assert Unreadable(place="f:1", en="`x` is wrong", zh="`x` 有误") == message.unreadable(
        "f:1", a="x"
    )
    assert Problem(code="m", place="c#1", en="`x` is wrong", zh="`x` 有误") == problem(
        message, "c#1", a="x"
    )
