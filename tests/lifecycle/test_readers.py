"""Who may read a case: nobody whom no reader permits, and nobody whom one bars."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaocheng import Actor, Engine, Host

RULESET = """\
kaocheng: 1
ruleset: reading
version: "1"
effective: {from: open}
time_zone: Asia/Shanghai
kinds:
  note:
    fields: {text: {type: string, event: write}}
  report:
    fields:
      mark: {ordered: [open, secret], event: submit}
      named: {list: string, event: submit}
      unit: {type: string, event: submit}
    readers:
      - {by: [editor], when: report.mark < 'secret'}
      - {by: [informant], when: actor.unit == report.unit}
      - {by: [visitor], barred: true}
      - {when: actor.id in report.named, barred: true}
"""
DATA = {"mark": "open", "named": ["wang"], "unit": "a"}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """An engine with one open report that names Wang, and one that says nothing of itself."""
    path = tmp_path / "reading.yaml"
    path.write_text(RULESET, "utf-8")
    made = Engine(Host.discover().load(str(path)))
    made.act("report/1", "submit", at="2024-03-01T09:00:00+08:00", data=DATA)
    made.act("report/2", "submit", at="2024-03-01T09:00:00+08:00", data={"named": [], "unit": "a"})
    return made


def actor(name: str, *roles: str, unit: str | None = None) -> Actor:
    """Somebody with roles."""
    return Actor(id=name, unit=unit, roles=roles)


@pytest.mark.parametrize(
    ("case", "who", "expected"),
    [
        ("report/1", actor("li", "editor"), ""),
        ("report/1", actor("li", "informant", unit="a"), ""),
        (
            "report/1",
            actor("li", "informant", unit="b"),
            "reading needs the role `editor`, and `li` has only `informant`; "
            "reading requires `actor.unit == report.unit`, which is false: "
            "`actor.unit` is `b`, `report.unit` is `a`",
        ),
        (
            "report/1",
            actor("wang", "editor"),
            "`actor.id in report.named` bars from reading: "
            "`actor.id` is `wang`, `report.named` is `[wang]`",
        ),
        ("report/1", actor("li", "editor", "visitor"), "the role `visitor` is barred from reading"),
        (
            "report/1",
            None,
            "`actor.id in report.named` would bar from reading and is unknown: "
            "`actor.id` is unknown; "
            "reading needs the role `editor`, and nobody is named as reading; "
            "reading needs the role `informant`, and nobody is named as reading",
        ),
        (
            "report/2",
            actor("li", "editor"),
            "reading requires `report.mark < 'secret'`, which is unknown: "
            "`report.mark` is unknown; "
            "reading needs the role `informant`, and `li` has only `editor`",
        ),
        (
            "note/1",
            actor("li", "editor"),
            "nobody may read cases of `note`: the ruleset names no readers of them",
        ),
    ],
)
def test_every_reason_is_given(engine: Engine, case: str, who: Actor | None, expected: str) -> None:
    """An actor may read, or is told every reason why not."""
    access = engine.may_read(case, actor=who)

    assert expected == access.message()
    assert access.allowed is (expected == "")


def test_reasons_in_chinese(engine: Engine) -> None:
    """Reasons read as an official would write them."""
    access = engine.may_read("report/1", actor=actor("wang", "visitor"))

    assert (
        "角色 `visitor` 不得查阅；"
        "有 `actor.id in report.named` 的情形，不得查阅"
        "（`actor.id` 为 `wang`，`report.named` 为 `[wang]`）；"
        "查阅须具备角色 `editor`，而 `wang` 仅具备 `visitor`；"
        "查阅须具备角色 `informant`，而 `wang` 仅具备 `visitor`"
    ) == access.message("zh")


def test_an_unknown_kind(engine: Engine) -> None:
    """A kind that the ruleset does not have is no case that could be read."""
    with pytest.raises(ValueError, match="the ruleset has no kind `repor`; did you mean `report`"):
        engine.may_read("repor/1")
