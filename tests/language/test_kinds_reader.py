"""Kinds as they are written: fields, lists, spells, lifecycles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kaocheng.language.expressions import Call
from kaocheng.language.ruleset import EventList, Fact, Kind, Spell
from kaocheng.language.types import (
    BOOL,
    DATE,
    DURATION,
    INSTANT,
    INT,
    STRING,
    Decimal,
    Enum,
    ListOf,
    Reference,
)

Check = Callable[..., Any]

TITLE = {"zh": "报送", "en": "sent"}


@pytest.mark.parametrize(
    ("written", "type_"),
    [
        ("bool", BOOL),
        ("int", INT),
        ("string", STRING),
        ("date", DATE),
        ("instant", INSTANT),
        ("duration", DURATION),
        ("decimal(0)", Decimal(0)),
        ("decimal(9)", Decimal(9)),
        ("unit", Reference("unit")),
        ("{type: int}", INT),
        ("{one_of: [a, b]}", Enum("report.x", ("a", "b"))),
        ("{ordered: [a, b]}", Enum("report.x", ("a", "b"), ordered=True)),
        ("{list: unit}", ListOf(Reference("unit"))),
        ("{list: {one_of: [a, 高]}}", ListOf(Enum("report.x", ("a", "高")))),
        ("{type: {ordered: [a]}}", Enum("report.x", ("a",), ordered=True)),
    ],
)
def test_types(check_text: Check, written: str, type_: object) -> None:
    """A field has one of the types of the language, by its name or written out."""
    kind = check_text(f"kinds: {{unit: {{}}, report: {{fields: {{x: {written}}}}}}}").kind("report")

    assert (Fact(name="x", type=type_),) == kind.fields


@pytest.mark.parametrize(
    ("take", "type_"),
    [
        ("at", INSTANT),
        ("date", DATE),
        ("last_at", INSTANT),
        ("last_date", DATE),
        ("count", INT),
        ("flag", BOOL),
        ("actor", STRING),
        ("unit", STRING),
    ],
)
def test_what_fields_take(check_text: Check, take: str, type_: object) -> None:
    """A field may take its value from the first, the last or all of certain events."""
    text = f"kinds: {{report: {{fields: {{x: {{{take}: [submit, send], title: {TITLE}}}}}}}}}"
    kind = check_text(text).kind("report")
    fact = Fact(name="x", type=type_, take=take, events=("submit", "send"), titles=TITLE)

    assert (fact,) == kind.fields


@pytest.mark.parametrize(("take", "kind"), [("actor", "person"), ("unit", "unit")])
def test_who_acted_is_a_reference(check_text: Check, take: str, kind: str) -> None:
    """Who acted, and for whom, are references where there are such kinds."""
    text = f"kinds: {{{kind}: {{}}, report: {{fields: {{x: {{{take}: submit}}}}}}}}"

    assert Reference(kind) == check_text(text).kind("report").fields[0].type


def test_data_of_certain_events(check_text: Check) -> None:
    """A field of data may be limited to events."""
    text = "kinds: {report: {fields: {x: {type: int, event: submit}}}}"

    assert (Fact(name="x", type=INT, events=("submit",)),) == check_text(text).kind("report").fields


def test_a_whole_kind(check_text: Check) -> None:
    """Lists, spells and the roll stand beside the fields."""
    kind = check_text(
        f"""
        kinds:
          unit:
            title: {TITLE}
            dated: true
            members: membership
            lists:
              reports: {{event: [send, correct], title: {TITLE}, fields: {{pages: int}}}}
            spells:
              membership: {{opens: admit, closes: [drop, merge], title: {TITLE}}}
              roles: {{opens: appoint, closes: dismiss, match: role, fields: {{role: string}}}}
        """
    ).kind("unit")
    reports = EventList(
        name="reports",
        events=("send", "correct"),
        fields=(Fact(name="pages", type=INT),),
        titles=TITLE,
    )
    membership = Spell(name="membership", opens=("admit",), closes=("drop", "merge"), titles=TITLE)
    roles = Spell(
        name="roles",
        opens=("appoint",),
        closes=("dismiss",),
        match="role",
        fields=(Fact(name="role", type=STRING),),
    )
    expected = Kind(
        name="unit",
        fields=(),
        lists=(reports,),
        spells=(membership, roles),
        dated=True,
        member="membership",
        titles=TITLE,
    )

    assert expected == kind


LIFECYCLE = """
kinds:
  report:
    fields: {{by: {{actor: submit}}}}
    lifecycle:
      initial: draft
      states: {states}
      final: {final}
      submit: {{from: draft, to: sent, by: [informant], when: actor.id != report.by}}
      adopt: {{from: {sources}, repeats: true, clause: "4", title: {{zh: 采用, en: adopt}}}}
      close: {{from: sent, to: closed}}
"""


def lifecycle(check_text: Check, **parts: str) -> Any:  # noqa: ANN401
    """A lifecycle with some of its parts otherwise."""
    given = {"states": "[draft, sent, closed]", "final": "[closed]", "sources": "any"} | parts
    return check_text(LIFECYCLE.format(**given)).kind("report").lifecycle


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ("draft", ("draft",)),
        ("[draft, sent, draft]", ("draft", "sent")),
        ("any", ("draft", "sent", "closed")),
        ("{after: sent}", ("sent", "closed")),
        ("{after: draft}", ("draft", "sent", "closed")),
    ],
)
def test_where_transitions_lead_from(
    check_text: Check, sources: str, expected: tuple[str, ...]
) -> None:
    """A transition leads from a state, several, any, or all that come after one."""
    assert expected == lifecycle(check_text, sources=sources).transitions[1].sources


def test_what_follows_a_state_by_way_of_what_follows_another(check_text: Check) -> None:
    """A transition from all that come after a state makes its own target come after them."""
    found = (
        check_text(
            """
            kinds:
              report:
                lifecycle:
                  initial: draft
                  states: [draft, sent, pending, closed, filed, lost]
                  final: [filed, lost]
                  archive: {from: {after: closed}, to: filed}
                  close: {from: {after: pending}, to: closed}
                  hold: {from: {after: sent}, to: pending}
                  send: {from: draft, to: sent}
                  lose: {from: draft, to: lost}
                  note: {from: {after: sent}, repeats: true}
            """
        )
        .kind("report")
        .lifecycle
    )
    sources = {way.event: way.sources for way in found.transitions}

    assert {
        "archive": ("pending", "closed", "filed"),
        "close": ("pending", "closed", "filed"),
        "hold": ("sent", "pending", "closed", "filed"),
        "send": ("draft",),
        "lose": ("draft",),
        "note": ("sent", "pending", "closed", "filed"),
    } == sources


def test_a_lifecycle(check_text: Check) -> None:
    """Transitions keep their roles, guards, clauses and titles."""
    found = lifecycle(check_text)
    submit, adopt, close = found.transitions

    assert ("draft", ("draft", "sent", "closed")) == (found.initial, found.states)
    assert ("submit", "sent", ("informant",), False) == (
        submit.event,
        submit.target,
        submit.by,
        submit.repeats,
    )
    assert isinstance(submit.when, Call)
    assert (None, True, "4", {"zh": "采用", "en": "adopt"}) == (
        adopt.target,
        adopt.repeats,
        adopt.clause,
        adopt.titles,
    )
    assert "closed" == close.target


def test_titles_of_states(check_text: Check) -> None:
    """States may be written with titles, and one final state without brackets."""
    states = (
        "{draft: {zh: 草稿, en: draft}, sent: {zh: 已送, en: sent}, closed: {zh: 完, en: done}}"
    )
    found = lifecycle(check_text, states=states, final="closed")

    assert {"zh": "草稿", "en": "draft"} == found.titles["draft"]


def test_the_same_way_twice(check_text: Check) -> None:
    """An event may have several transitions from a state, if they lead to the same one."""
    text = """
    kinds:
      report:
        lifecycle:
          initial: draft
          states: [draft, sent]
          final: [sent]
          submit: [{from: draft, to: sent, by: [a]}, {from: draft, to: sent, by: [b]}]
    """

    assert 2 == len(check_text(text).kind("report").lifecycle.transitions)


def test_an_event_like_a_key(check_text: Check) -> None:
    """An event that is called almost like a key of lifecycles is an event where it leads on."""
    text = """
    kinds:
      report:
        lifecycle:
          initial: draft
          states: [draft, sent]
          final: [sent]
          state: {from: draft, to: sent}
    """

    assert "state" == check_text(text).kind("report").lifecycle.transitions[0].event


def test_mistakes_of_a_lifecycle_cause_no_others(check_text: Check) -> None:
    """Where a state is misspelt, nothing is said about states that cannot be reached."""
    text = LIFECYCLE.format(states="[draft, sent, closed]", final="[closed]", sources="any")

    assert ["unknown-state"] == check_text(text.replace("to: sent", "to: snet")).names


@pytest.mark.parametrize(
    "name", ["Report", "信息", "re-port", "in", "9a", '"a b"', '"a.b"', "true", "while"]
)
@pytest.mark.parametrize(
    "text",
    [
        "kinds: {NAME: {}}",
        "kinds: {report: {fields: {NAME: int}}}",
        "kinds: {report: {lists: {NAME: {event: a}}}}",
        "kinds: {report: {lists: {a: {event: a, fields: {NAME: int}}}}}",
        "kinds: {report: {lists: {a: {event: NAME}}}}",
        "kinds: {report: {spells: {NAME: {opens: a, closes: b}}}}",
        "kinds: {report: {lifecycle: {initial: a, states: [a, NAME], final: [a]}}}",
        "kinds: {report: {lifecycle: {initial: a, states: [a], NAME: {from: a}}}}",
        "parameters: {NAME: {type: int, value: 1, clause: '1'}}",
        "tables: {NAME: {by: {n: int}, rows: {1: 2}, clause: '1'}}",
        "periods: {NAME: {unit: year, from: 07-24}}",
        "findings: [{id: NAME, for: a as b, when: b, finding: c, clause: '1'}]",
    ],
)
def test_names_can_be_used_in_expressions(check_text: Check, text: str, name: str) -> None:
    """Whatever is declared has a name that expressions can use."""
    names = check_text(text.replace("NAME", name)).names

    assert {"not-an-identifier", "reserved-word"} & set(names)
