"""`kaocheng replay`: what was published is computed again from the journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kaocheng import Actor, Engine, Host, SqlStore, open_input
from kaocheng.calendars.numberline import parse_instant

WUHU = "wuhu-information"
APRIL = parse_instant("2009-04-02T08:00:00+08:00")
DATA = {
    "first_day": "2009-03-01",
    "last_day": "2009-03-31",
    "known_at": "2009-04-02T08:00:00+08:00",
}
Cli = Callable[..., Any]


@pytest.fixture
def database(host: Host, samples: dict[str, Path], tmp_path: Path) -> Path:
    """The sample month, of which a bulletin has been published."""
    file = tmp_path / "reports.db"
    store = SqlStore.open(f"sqlite:///{file}")
    ruleset = host.load(WUHU)
    engine = Engine(ruleset, store=store)
    engine.load(open_input(samples[WUHU], ruleset, host.formats()).events)
    editor = Actor(id="person/editor", roles=("chief_editor",))
    _, bulletin = engine.publish(
        "bulletin/2009-03", "publish", period="2009-03", at=APRIL, data=DATA, actor=editor
    )
    assert bulletin is not None
    store.close()
    return file


def test_the_same_text_comes_out(cli: Cli, database: Path) -> None:
    """A bulletin that can be computed is named, and exit is clean."""
    english = cli("replay", database, WUHU)
    chinese = cli("replay", f"sqlite:///{database}", WUHU, "--lang", "zh")

    assert (0, "same       2009-03  bulletin/2009-03\n1 the same, 0 different\n") == (
        english.code,
        english.out,
    )
    assert (0, "一致　2009-03　bulletin/2009-03\n1 份一致，0 份不一致\n") == (
        chinese.code,
        chinese.out,
    )


def test_another_text_comes_out(cli: Cli, database: Path) -> None:
    """What differs is shown line by line, with exit 1."""
    with sqlite3.connect(database) as connection:
        connection.execute(
            "UPDATE kaocheng_bulletins SET text = replace(text, '） | 15 |', '） | 16 |')"
        )
    connection.close()

    ran = cli("replay", database, WUHU)

    assert 1 == ran.code
    assert "different  2009-03  bulletin/2009-03\n" in ran.out
    assert "           -| 1 | 002号县（合成） | 16 | 15 | 15 |\n" in ran.out
    assert "           +| 1 | 002号县（合成） | 15 | 15 | 15 |\n" in ran.out


def test_a_ruleset_that_cannot_compute_it(cli: Cli, database: Path) -> None:
    """Under another ruleset nothing can be said of it but which text would be needed."""
    ran = cli("replay", database, "nis2")

    assert (
        0,
        "other text  2009-03  bulletin/2009-03\n"
        "           published under another text of the ruleset; give that by `--earlier`\n"
        "0 the same, 0 different, 1 under another text\n",
    ) == (ran.code, ran.out)
    assert 0 == cli("replay", database, "nis2", "--earlier", WUHU).code


def test_what_is_not_what_was_kept_is_wrong_under_any_text(cli: Cli, database: Path) -> None:
    """The digest in the journal is that of the text, whatever the ruleset is by now."""
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE kaocheng_bulletins SET text = text || ' '")
    connection.close()

    ran = cli("replay", database, "nis2")

    assert (
        1,
        "different  2009-03  bulletin/2009-03\n"
        "           what is kept is not what was published: the journal has another digest of it\n"
        "           published under another text of the ruleset; give that by `--earlier`\n"
        "0 the same, 1 different\n",
    ) == (ran.code, ran.out)


def test_nothing_was_published(cli: Cli, tmp_path: Path) -> None:
    """A database without bulletins says so; one that is not there is not made."""
    SqlStore.open(f"sqlite:///{tmp_path / 'empty.db'}").close()

    assert "no bulletin has been published\n" == cli("replay", tmp_path / "empty.db", WUHU).out
    missing = cli("replay", tmp_path / "missing.db", WUHU)
    assert (1, f"error: {tmp_path / 'missing.db'}: there is no such file\n") == (
        missing.code,
        missing.err,
    )
    assert not (tmp_path / "missing.db").exists()
