"""Decisions: allowed, or refused with every reason in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kaocheng.language.ruleset import Transition
from kaocheng.lifecycle import Asked, CaseLifecycle, Decision
from kaocheng.model.events import Actor

LI = Actor(id="li", roles=("informant",))
WANG = Actor(id="wang", roles=("verifier",))


def asked(
    actor: Actor | None = None,
    *,
    submitted_by: str | None = "li",
    length: int | None = 300,
    happened: tuple[str, ...] = (),
) -> Asked:
    """What a decision about `report/1` rests on."""
    row = ("report/1", "submitted", submitted_by, length)
    who = (None, None, None) if actor is None else (actor.id, actor.unit, actor.roles)
    return Asked(row=row, actor=actor, actor_row=who, happened=happened)


def texts(decision: Decision, language: str = "en") -> list[str]:
    """The reasons of a decision, as people read them."""
    return [reason.message(language) for reason in decision.reasons]


def test_accepts(desk: CaseLifecycle) -> None:
    """An event whose conditions all hold is accepted and leads to the target."""
    actual = desk.decide("submitted", "verify", asked(WANG))

    assert (
        Decision(allowed=True, reasons=(), state_before="submitted", state_after="verified")
        == actual
    )


def test_keeps_state(desk: CaseLifecycle) -> None:
    """A transition without a target keeps the state."""
    actual = desk.decide("closed", "adopt", asked(happened=("adopt",)))

    assert Decision(allowed=True, reasons=(), state_before="closed", state_after="closed") == actual


def test_refusal_keeps_state(desk: CaseLifecycle) -> None:
    """A refused event leaves the case in its state."""
    actual = desk.decide("submitted", "verify", asked(LI))

    assert (False, "submitted", "submitted") == (
        actual.allowed,
        actual.state_before,
        actual.state_after,
    )


def test_every_reason(desk: CaseLifecycle) -> None:
    """A refusal names the state, the role, the repetition and the guard, all at once."""
    actual = desk.decide("draft", "verify", asked(LI, happened=("verify",)))

    assert ["wrong_state", "no_role", "repeated", "guard_false"] == [r.code for r in actual.reasons]


def test_wrong_state(desk: CaseLifecycle) -> None:
    """A wrong state is named with the states in which the event is possible."""
    actual = desk.decide("draft", "adopt", asked())

    assert [
        "`adopt` is possible only in `submitted`, `verified`, `closed`, and the case is in `draft`"
    ] == texts(actual)
    assert ["`adopt` 只能在 `已上报`、`已审核`、`closed` 状态下办理，本事项现处于 `拟稿`"] == texts(
        actual, "zh"
    )


def test_unknown_event(desk: CaseLifecycle) -> None:
    """An event that the lifecycle does not have is refused with the nearest one."""
    actual = desk.decide("submitted", "verfy", asked(WANG))

    assert ["`report` has no event `verfy`; did you mean `verify`"] == texts(actual)
    assert ["`report` 没有事件 `verfy`；是否想写 `verify`"] == texts(actual, "zh")


def test_missing_role(desk: CaseLifecycle) -> None:
    """A missing role is named with the roles that may and those that the actor has."""
    actual = desk.decide("submitted", "verify", asked(Actor(id="zhao", roles=("informant",))))

    assert [
        "`verify` needs the role `verifier` or `chief`, and `zhao` has only `informant`"
    ] == texts(actual)
    assert ["办理 `审核` 须具备角色 `verifier` 或 `chief`，而 `zhao` 仅具备 `informant`"] == texts(
        actual, "zh"
    )


def test_no_roles(desk: CaseLifecycle) -> None:
    """An actor without any role is said to have none."""
    actual = desk.decide("draft", "submit", asked(Actor(id="zhao")))

    assert ["`submit` needs the role `informant`, and `zhao` has none"] == texts(actual)
    assert ["办理 `submit` 须具备角色 `informant`，而 `zhao` 不具备任何角色"] == texts(actual, "zh")


def test_nobody_acts(desk: CaseLifecycle) -> None:
    """Where a role is needed and nobody is named, the refusal says so."""
    actual = desk.decide("draft", "submit", asked())

    assert ["`submit` needs the role `informant`, and nobody is named as acting"] == texts(actual)
    assert ["办理 `submit` 须具备角色 `informant`，而未注明办理人"] == texts(actual, "zh")


def test_false_guard(desk: CaseLifecycle) -> None:
    """A false guard is quoted with the value of every fact it reads: separation of duties."""
    actual = desk.decide("submitted", "verify", asked(Actor(id="li", roles=("chief",))))

    assert [
        (
            "`verify` requires `actor.id != report.submitted_by && report.length >= 100`, "
            "which is false: `actor.id` is `li`, `report.submitted_by` is `li`, "
            "`report.length` is `300`"
        )
    ] == texts(actual)
    assert [
        (
            "办理 `审核` 的条件 `actor.id != report.submitted_by && report.length >= 100` 不成立"
            "（`actor.id` 为 `li`，`report.submitted_by` 为 `li`，`report.length` 为 `300`）"
        )
    ] == texts(actual, "zh")


def test_unknown_guard(desk: CaseLifecycle) -> None:
    """An unknown guard refuses and names the facts that are missing."""
    actual = desk.decide("submitted", "verify", asked(WANG, length=None))

    assert [
        (
            "`verify` requires `actor.id != report.submitted_by && report.length >= 100`, "
            "which is unknown: `report.length` is unknown"
        )
    ] == texts(actual)
    assert [
        (
            "办理 `审核` 的条件 `actor.id != report.submitted_by && report.length >= 100` 无法判断"
            "：`report.length` 未知"
        )
    ] == texts(actual, "zh")


def test_repeated(desk: CaseLifecycle) -> None:
    """An event that has happened is refused unless its transition repeats."""
    actual = desk.decide("draft", "submit", asked(LI, happened=("submit",)))

    assert ["`submit` has happened already and does not repeat"] == texts(actual)
    assert ["`submit` 已办理过，不得重复办理"] == texts(actual, "zh")


def test_one_of_two_arrows(desk: CaseLifecycle) -> None:
    """Of two transitions of an event, only those from the present state are asked."""
    chief = Actor(id="zhao", roles=("chief",))

    assert desk.decide("submitted", "close", asked(chief)).allowed
    assert desk.decide("verified", "close", asked()).allowed
    assert ["no_actor"] == [r.code for r in desk.decide("submitted", "close", asked()).reasons]


def test_only_the_state(desk: CaseLifecycle) -> None:
    """Where some transition of the event has no other obstacle, only the state is named."""
    actual = desk.decide("draft", "close", asked())

    assert ["wrong_state"] == [reason.code for reason in actual.reasons]


def test_alternatives(lifecycle_of: Callable[..., CaseLifecycle]) -> None:
    """Two transitions from one state to the same target are alternatives: either suffices."""
    minor = Transition(event="forward", sources=("a",), target="b", by=("clerk",))
    major = Transition(event="forward", sources=("a",), target="b", by=("chief",))
    lifecycle = lifecycle_of(minor, major, states=("a", "b"), initial="a")

    assert lifecycle.decide("a", "forward", asked(Actor(id="li", roles=("chief",)))).allowed
    assert ["no_role", "no_role"] == [
        reason.code for reason in lifecycle.decide("a", "forward", asked(LI)).reasons
    ]


def test_message_of_a_decision(desk: CaseLifecycle) -> None:
    """A decision tells all of its reasons in one line, in either language."""
    actual = desk.decide("draft", "submit", asked(happened=("submit",)))

    assert (
        "`submit` needs the role `informant`, and nobody is named as acting; "
        "`submit` has happened already and does not repeat"
    ) == actual.message()
    assert (
        "办理 `submit` 须具备角色 `informant`，而未注明办理人；`submit` 已办理过，不得重复办理"
    ) == actual.message("zh")


def test_may(desk: CaseLifecycle) -> None:
    """Every transition from the state is listed, with whether it would pass."""
    actual = desk.may("submitted", asked(WANG))

    assert [
        ("verify", "verified", True),
        ("adopt", "submitted", True),
        ("close", "closed", False),
    ] == [(option.event, option.target, option.allowed) for option in actual]
    assert ({"zh": "审核", "en": "Verification"}, "二(一)") == (actual[0].titles, actual[0].clause)


def test_may_shows_conditions(desk: CaseLifecycle) -> None:
    """Each condition is listed with its text, its values and whether it holds."""
    verify = desk.may("submitted", asked(LI, happened=("verify",), length=None))[0]

    assert [
        ("role", "'verifier' in actor.roles || 'chief' in actor.roles", False),
        ("once", "verify", False),
        ("guard", "actor.id != report.submitted_by && report.length >= 100", False),
    ] == [(c.what, c.text, c.holds) for c in verify.conditions]
    assert [("actor.id", "li"), ("report.submitted_by", "li"), ("report.length", None)] == [
        (reading.text, reading.value) for reading in verify.conditions[2].readings
    ]
    assert ("unknown", "未知") == (
        verify.conditions[2].readings[2].shown.en,
        verify.conditions[2].readings[2].shown.zh,
    )


@pytest.mark.parametrize("actor", [None, LI, WANG])
@pytest.mark.parametrize("state", ["draft", "submitted", "verified", "closed"])
@pytest.mark.parametrize("length", [None, 50, 300])
def test_may_agrees(
    desk: CaseLifecycle, actor: Actor | None, state: str, length: int | None
) -> None:
    """What `may` says of a transition is what `decide` does, with the same reasons."""
    what = asked(actor, length=length)

    for option in desk.may(state, what):
        decision = desk.decide(state, option.event, what)
        assert (option.allowed, option.reasons) == (decision.allowed, decision.reasons)
