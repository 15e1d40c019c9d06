"""What circulars tell of earlier ones: in the order of their publication, and under their texts."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from kaocheng import Host
from kaocheng.calendars.numberline import HOUR, format_instant, parse_instant
from kaocheng.engine import Engine
from kaocheng.engine.database import Bulletin
from kaocheng.errors import ArgumentError, UnknownNameError
from kaocheng.language.ruleset import Ruleset
from kaocheng.model.events import PUBLICATION, Correction, Journal
from kaocheng.stores import AsyncEngine, AsyncSqlStore, SqlStore

OFFICE = Path(__file__).parents[1] / "circular" / "office"
DAYS = {"2024-02": 29, "2024-03": 31, "2024-04": 30, "2024-05": 31}
REVOKED = ["| 甲 |  | 信息采用 | 2024-03-20 | -2 |"]
CANNOT = "2024年3月通报所依据的规则文本未能调取，仅因规则更正引起的变动未列入本期更正。"


def day(month: int, day: int) -> int:
    """The morning of a day of 2024."""
    return parse_instant(f"2024-{month:02}-{day:02}T09:00:00+08:00")


def text_of(folder: Path, *changes: tuple[str, str]) -> Path:
    """A folder with the office's ruleset by another text."""
    shutil.copytree(OFFICE / "versions", folder / "versions")
    file = folder / "versions" / "2024.yaml"
    text = file.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def corrected_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the corrected text is: an item earns 3 points, not 2."""
    return text_of(tmp_path_factory.mktemp("three"), ('earn: "2"', 'earn: "3"'))


class Office:
    """An office that keeps its cases in a store, and whose clock stands where it is put."""

    def __init__(self, store: SqlStore, path: Path = OFFICE, *earlier: Ruleset) -> None:
        self.store = store
        self.now = day(1, 2)
        ruleset = Host.discover().load(path)
        self.engine = Engine(ruleset, store=store, clock=lambda: self.now, earlier=earlier)

    def opened(self) -> Office:
        """It has a unit, of which something was adopted in February and in March."""
        self.at(day(2, 1), "unit/a", "admit", name="甲")
        self.at(day(2, 20), "unit/a", "adopt")
        self.at(day(3, 20), "unit/a", "adopt")
        return self

    def at(self, now: int, case: str, event: str, **data: object) -> int:
        """Something happens; gives the number of its event."""
        self.now = now
        outcome = self.engine.act(case, event, data)
        assert outcome.event is not None, outcome.decision.message()
        return outcome.event.sequence

    def void(self, now: int, case: str, sequence: int) -> int:
        """An event of a case is taken back."""
        self.now = now
        event = "adopt" if case.startswith("unit") else "publish"
        corrects = Correction(sequence=sequence, reason="by mistake", void=True)
        outcome = self.engine.act(case, event, corrects=corrects)
        assert outcome.event is not None, outcome.decision.message()
        return outcome.event.sequence

    def publish(
        self, month: str, now: int, *, as_of: int | None = None, said: int | None = None
    ) -> str:
        """The circular of a month, of which the case may say another time of knowledge."""
        self.now = now
        data = {
            "first_day": f"{month}-01",
            "last_day": f"{month}-{DAYS[month]}",
            "known_at": format_instant(now if said is None else said),
        }
        outcome, bulletin = self.engine.publish(
            f"bulletin/{month}", "publish", period=month, data=data, as_of=as_of
        )
        assert bulletin is not None, outcome.decision.message()
        return bulletin.text

    def replayed(self) -> list[bool]:
        """Whether each circular comes out again."""
        return [replayed.same for replayed in self.engine.replay()]


def changed(text: str) -> list[str]:
    """The changes to points of earlier circulars."""
    parts = [
        part for part in text.split("\n## ") if part.partition("\n")[0].endswith("以往通报的更正")
    ]
    return [line for part in parts for line in part.splitlines() if line.startswith("| 甲")]


# The order of publication ------------------------------------------------------------------------


def test_as_of_the_ends_of_months_and_published_later(store: SqlStore) -> None:
    """What changes between two publications is told by the second, whatever they are as of."""
    office = Office(store).opened()
    office.publish("2024-03", day(5, 3), as_of=parse_instant("2024-03-31T23:59:59+08:00"))
    office.void(day(5, 4), "unit/a", 3)
    april = office.publish("2024-04", day(5, 5), as_of=parse_instant("2024-04-30T23:59:59+08:00"))

    assert REVOKED == changed(april)
    assert [True, True] == office.replayed()


def test_a_circular_is_of_what_was_known_when_its_act_says(store: SqlStore) -> None:
    """Drawn up on Monday, published on Tuesday: what is revoked in between comes next.

    As the rules say, an adoption that becomes known in between is one of April; and wherever
    the journal is loaded it tells the same.
    """
    office = Office(store).opened()
    revoked = office.at(day(3, 21), "unit/a", "adopt")
    office.now = day(4, 1) + HOUR
    assert office.engine.act("unit/a", "adopt", at=day(3, 22)).accepted
    office.void(day(4, 1) + 2 * HOUR, "unit/a", revoked)
    march = office.publish("2024-03", day(4, 2), said=day(4, 1))
    before = store.journal()
    april = office.publish("2024-04", day(5, 2))
    moved = Office(store.of("moved"))
    moved.engine.load(sorted(before, key=lambda event: (event.case, event.sequence)))

    assert "事实截至：2024年4月1日9时，获知截止：2024年4月1日9时" in march
    assert ["| 甲 |  | 信息采用 | 2024-03-21 | -2 |"] == changed(april)
    assert "| 甲 |  | 信息采用 | 2024-03-22 | 2 |" in april
    assert april == moved.publish("2024-04", day(5, 2))
    assert [True, True] == office.replayed()


def test_a_circular_is_not_of_what_becomes_known_after_it(store: SqlStore) -> None:
    """An act that says so is refused, and leaves nothing behind."""
    office = Office(store).opened()
    office.now = day(4, 2)
    data = {"first_day": "2024-03-01", "last_day": "2024-03-31", "known_at": "2024-12-02T09:00:00Z"}
    outcome, bulletin = office.engine.publish("bulletin/3", "publish", period="2024-03", data=data)

    assert (None, 3, ["known_later"]) == (
        bulletin,
        len(office.engine.journal().events),
        [reason.code for reason in outcome.reasons],
    )
    assert (
        "the act says that its circular is of what is known at `2024-12-02T17:00:00+08:00`, which"
        " is after it (`2024-04-02T09:00:00+08:00`); publish it then, or give a time that has come"
    ) == outcome.reasons[0].message()
    assert (
        "本次办理所载获知截止时间 `2024-12-02T17:00:00+08:00` 晚于办理时间"
        " `2024-04-02T09:00:00+08:00`；请届时再发布，或改填已到的时间"
    ) == outcome.reasons[0].message("zh")


def test_a_circular_of_when_nothing_was_known(store: SqlStore) -> None:
    """A time that was mistyped is named, and nothing is published."""
    office = Office(store).opened()
    with pytest.raises(UnknownNameError) as unknown:
        office.publish("2024-03", day(4, 2), said=day(1, 2))

    assert (
        "the ruleset has no rows for the period `2024-03` by what was known at"
        " `2024-01-02T09:00:00+08:00`"
    ) == str(unknown.value)
    assert 3 == len(office.engine.journal().events)


def test_the_same_act_under_its_key_says_when_it_was_known(store: SqlStore) -> None:
    """Done again without the world's time, it gives what was published as of then."""
    office = Office(store).opened()
    office.now = day(4, 2)
    known_at = format_instant(day(4, 1))
    data = {"first_day": "2024-03-01", "last_day": "2024-03-31", "known_at": known_at}

    def publish() -> Bulletin | None:
        _, bulletin = office.engine.publish(
            "bulletin/3", "publish", period="2024-03", data=data, idempotency_key="march"
        )
        return bulletin

    first = publish()
    office.now = day(4, 9)
    assert first is not None
    assert (day(4, 1), day(4, 1)) == (first.as_of, first.known_at)
    assert first == publish()


def test_a_month_in_which_nothing_happened(store: SqlStore, tmp_path: Path) -> None:
    """Its circular says so, and what is to be corrected; months before the first there are none."""
    path = text_of(tmp_path / "plain", ("    zero_rows: roll\n", ""))
    file = path / "versions" / "2024.yaml"
    sections = file.read_text("utf-8").partition("findings:\n")
    file.write_text(f"{sections[0]}bulletins:{sections[2].partition('bulletins:')[2]}", "utf-8")
    office = Office(store, path).opened()
    office.publish("2024-03", day(4, 2))
    office.void(day(4, 4), "unit/a", 3)
    april = office.publish("2024-04", day(5, 2))

    assert "通报周期：2024年4月1日至2024年4月30日" in april
    assert "本期没有记分。" in april
    assert REVOKED == changed(april)
    assert [True, True] == office.replayed()
    with pytest.raises(UnknownNameError, match="no rows for the period `2024-01`"):
        office.engine.publish("bulletin/1", "publish", period="2024-01")
    with pytest.raises(UnknownNameError, match="no rows for the period `2024-06`"):
        office.engine.publish("bulletin/6", "publish", period="2024-06")


def test_what_a_withdrawn_circular_had_told_is_told_again(store: SqlStore) -> None:
    """By the one that stands in its place, though one of a later month came between."""
    office = Office(store).opened()
    february = ["| 甲 |  | 信息采用 | 2024-02-20 | -2 |"]
    office.publish("2024-02", day(3, 2))
    office.void(day(3, 10), "unit/a", 2)
    march, april = office.publish("2024-03", day(4, 2)), office.publish("2024-04", day(5, 2))
    office.void(day(5, 3), "bulletin/2024-03", 1)
    again, may = office.publish("2024-03", day(5, 4)), office.publish("2024-05", day(6, 2))

    assert [february, [], february, []] == list(map(changed, (march, april, again, may)))
    assert [True] * 5 == office.replayed()


def test_a_month_that_was_withdrawn_is_not_told_of(store: SqlStore) -> None:
    """Until it is published anew nobody has been told anything of it that could change."""
    office = Office(store).opened()
    office.publish("2024-03", day(4, 2))
    void = office.void(day(4, 3), "bulletin/2024-03", 1)
    office.void(day(4, 4), "unit/a", 3)
    april = office.publish("2024-04", day(5, 2))
    office.void(day(5, 3), "bulletin/2024-03", void)
    may = office.publish("2024-05", day(6, 2))

    assert [[], REVOKED] == [changed(april), changed(may)]
    assert [True] * 3 == office.replayed()


def test_the_other_language_says_the_same(store: SqlStore) -> None:
    """At the times of what was published, also once a later one has told more."""
    office = Office(store).opened()
    office.publish("2024-03", day(4, 2))
    office.void(day(4, 4), "unit/a", 3)
    office.publish("2024-04", day(5, 2))
    office.publish("2024-05", day(6, 2))
    april = office.engine.circular("2024-04", as_of=day(5, 2), known_at=day(5, 2), language="en")
    draft = office.engine.circular("2024-05", as_of=day(5, 3), known_at=day(5, 3), language="en")

    assert "| 甲 |  | item adopted | 2024-03-20 | -2 |" in april
    assert "Changes" not in draft


# The journal -------------------------------------------------------------------------------------


def test_the_event_says_what_a_circular_was_drawn_up_from(store: SqlStore) -> None:
    """With the place where its act stands, the days of its period, and what was void by then."""
    office = Office(store).opened()
    office.publish("2024-03", day(4, 2), as_of=day(4, 1))
    office.void(day(4, 3), "bulletin/2024-03", 1)
    office.publish("2024-03", day(4, 4))
    first, second = (e.data for e in office.engine.journal().events if e.event == PUBLICATION)
    (hash_,) = (version.hash for version in office.engine.ruleset.versions)

    assert {
        "sequence": 1,
        "period": "2024-03",
        "first_day": "2024-03-01",
        "last_day": "2024-03-31",
        "as_of": "2024-04-01T01:00:00Z",
        "known_at": "2024-04-02T01:00:00Z",
        "language": "zh",
        "position": 3,
        "versions": [hash_],
        "earlier": [],
        "withdrawn": [],
    } == {key: value for key, value in first.items() if key != "digest"}
    assert (4, 6, ["bulletin/2024-03#1"]) == (
        second["sequence"],
        second["position"],
        second["withdrawn"],
    )


def test_an_exported_journal_tells_the_same(
    store: SqlStore, url: str, cli: Callable[..., Any], tmp_path: Path
) -> None:
    """`kaocheng bulletin` prints what was published, as of whatever time, and what was void."""
    office = Office(store).opened()
    end = parse_instant("2024-03-31T12:00:00+08:00")
    office.at(parse_instant("2024-03-31T20:00:00+08:00"), "unit/a", "adopt")
    office.publish("2024-02", day(4, 1))
    texts = {"2024-03": office.publish("2024-03", day(4, 2), as_of=end, said=day(4, 1))}
    office.publish("2024-04", day(5, 2))
    office.void(day(5, 3), "bulletin/2024-04", 1)
    office.void(day(5, 4), "unit/a", 2)
    texts |= {"2024-04": office.publish("2024-04", day(5, 5))}
    texts |= {"2024-05": office.publish("2024-05", day(6, 2))}
    journal = tmp_path / "journal.jsonl"
    journal.write_text(cli("export", url).out, "utf-8")
    moved = Engine(office.engine.ruleset, store=store.of("moved"))
    moved.load(store.journal())

    for month, text in texts.items():
        ran = cli("bulletin", OFFICE, journal, "--period", month, "--lang", "zh")
        assert (0, text) == (ran.code, ran.out)
    for month, known_at in (("2024-04", day(5, 5)), ("2024-05", day(6, 2))):
        assert texts[month] == moved.circular(month, as_of=known_at, known_at=known_at)
    assert ["+2", "-2"] == sorted(f"{int(row.split()[-2]):+}" for row in changed(texts["2024-04"]))


def test_a_journal_that_says_less_goes_by_the_data_of_its_cases(store: SqlStore) -> None:
    """As a journal without publications does: what its bulletins say they were drawn up at."""
    office = Office(store).opened()
    office.publish("2024-03", day(4, 2))
    office.void(day(4, 4), "unit/a", 3)
    events = store.journal()
    kept = ("sequence", "period", "digest")
    older = Office(store.of("older"))
    older.engine.load(
        e if e.event != PUBLICATION else evolve(e, data={k: e.data[k] for k in kept})
        for e in events
    )

    assert REVOKED == changed(older.publish("2024-04", day(5, 2)))


@pytest.mark.parametrize(
    "change",
    [
        {"as_of": "yesterday"},
        {"position": "3"},
        {"withdrawn": ["bulletin/2024-03"]},
        {"earlier": "none"},
        {"more": 1},
    ],
)
def test_what_no_engine_journals_is_refused(store: SqlStore, change: dict[str, object]) -> None:
    """History is loaded where publications are as the engine makes them, and only then."""
    office = Office(store).opened()
    office.publish("2024-03", day(4, 2))
    *events, last = store.journal()
    other = Engine(office.engine.ruleset, store=store.of("other"))

    with pytest.raises(ValueError, match="`event` is the engine's own and not as the engine makes"):
        other.load([*events, evolve(last, data={**last.data, **change})])
    assert Journal(events=()) == other.journal()


# Texts -------------------------------------------------------------------------------------------


@pytest.fixture
def migrated(store: SqlStore, corrected_path: Path) -> Callable[..., Office]:
    """An office whose text was corrected after the circular of March."""

    def make(*, at_hand: bool) -> Office:
        old = Office(store).opened()
        old.publish("2024-03", day(4, 2))
        new = Office(store, corrected_path, *([old.engine.ruleset] if at_hand else []))
        new.now = day(4, 10)
        plan = old.engine.plan_migration(new.engine.ruleset)
        new.engine.migrate(plan, at=new.now, reason="three points were meant")
        return new

    return make


def test_what_a_corrected_text_alters_is_told(migrated: Callable[..., Office]) -> None:
    """Where the earlier text is at hand, by the next circular and no other; all come out again."""
    office = migrated(at_hand=True)
    april, may = office.publish("2024-04", day(5, 2)), office.publish("2024-05", day(6, 2))

    assert ["| 甲 |  | 信息采用 | 2024-03-20 | 1 |"] == changed(april)
    assert [] == changed(may)
    assert "未能调取" not in april + may
    assert [True] * 3 == office.replayed()


def test_a_text_that_is_not_at_hand_is_said(migrated: Callable[..., Office]) -> None:
    """The circular names the one whose text it is, and the next is silent; none is refused."""
    office = migrated(at_hand=False)
    april = office.publish("2024-04", day(5, 2))
    first = office.engine.circular("2024-04", as_of=day(5, 2), known_at=day(5, 2), language="en")
    may = office.publish("2024-05", day(6, 2))

    assert [[], []] == [changed(april), changed(may)]
    assert ([True, False], 1) == (
        [CANNOT in text for text in (april, may)],
        april.count("未能调取"),
    )
    assert (
        "- Not among the changes: what the change of the rules alone altered in the circulars for"
        " 2024-03; the text under which they were drawn up is not at hand.\n"
    ) in first
    march, *others = office.engine.replay()
    assert (True, False, False) == (march.other_text, march.same, march.wrong)
    assert [(True, False)] * 2 == [(one.same, one.other_text) for one in others]


def test_a_text_that_is_found_later(
    migrated: Callable[..., Office], store: SqlStore, corrected_path: Path
) -> None:
    """The next circular tells what could not be compared; what was published comes out again."""
    office = migrated(at_hand=False)
    office.publish("2024-04", day(5, 2))
    old = Host.discover().load(OFFICE)
    later = Office(store, corrected_path, old)
    may = later.publish("2024-05", day(6, 2))

    assert ["| 甲 |  | 信息采用 | 2024-03-20 | 1 |"] == changed(may)
    assert [True] * 3 == later.replayed()
    without = [(one.same, one.other_text, one.wrong) for one in office.engine.replay()]
    assert [(False, True, False), (True, False, False), (False, True, False)] == without


def test_replay_takes_earlier_texts(
    migrated: Callable[..., Office], url: str, corrected_path: Path, cli: Callable[..., Any]
) -> None:
    """Without the text a circular is named with what to do, and that alone is no exit 1."""
    migrated(at_hand=True).publish("2024-04", day(5, 2))
    given = cli("replay", url, corrected_path, "--earlier", OFFICE)
    english = cli("replay", url, corrected_path)
    chinese = cli("replay", url, corrected_path, "--lang", "zh")

    assert (
        0,
        "same       2024-03  bulletin/2024-03\n"
        "same       2024-04  bulletin/2024-04\n"
        "2 the same, 0 different\n",
    ) == (given.code, given.out)
    assert (
        0,
        "other text  2024-03  bulletin/2024-03\n"
        "           published under another text of the ruleset; give that by `--earlier`\n"
        "other text  2024-04  bulletin/2024-04\n"
        "           published under another text of the ruleset; give that by `--earlier`\n"
        "0 the same, 0 different, 2 under another text\n",
    ) == (english.code, english.out)
    assert (
        0,
        "另一文本　2024-03　bulletin/2024-03\n"
        "　　　　通报依据规则集的另一文本，请以 `--earlier` 指明该文本\n"
        "另一文本　2024-04　bulletin/2024-04\n"
        "　　　　通报依据规则集的另一文本，请以 `--earlier` 指明该文本\n"
        "0 份一致，0 份不一致，2 份依据另一文本\n",
    ) == (chinese.code, chinese.out)


def test_a_bulletin_of_an_earlier_text(
    migrated: Callable[..., Office],
    url: str,
    corrected_path: Path,
    cli: Callable[..., Any],
    tmp_path: Path,
) -> None:
    """`kaocheng bulletin` draws it up under its text, and compares with it, where that is given."""
    office = migrated(at_hand=True)
    april = office.publish("2024-04", day(5, 2))
    journal = tmp_path / "journal.jsonl"
    journal.write_text(cli("export", url).out, "utf-8")
    asked = ("bulletin", corrected_path, journal, "--lang", "zh", "--period")
    march = cli(*asked, "2024-03", "--earlier", OFFICE)

    assert "| 甲 |  | 信息采用 | 2024-03-20 | 2 |" in march.out
    assert april == cli(*asked, "2024-04", "--earlier", OFFICE).out
    assert CANNOT in cli(*asked, "2024-04").out
    missing = cli(*asked, "2024-04", "--earlier", "none")
    assert (2, "", "错误：没有已安装的规则集 `none`，也没有这一路径\n") == (
        missing.code,
        missing.out,
        missing.err,
    )


def test_a_version_that_is_added_before_its_day_is_no_other_text(
    store: SqlStore, tmp_path: Path
) -> None:
    """Nothing that was published could be another thing under it, so nothing is said of it."""
    old = Office(store).opened()
    old.publish("2024-03", day(4, 2))
    path = text_of(tmp_path / "two")
    (path / "versions" / "2030.yaml").write_text(
        (path / "versions" / "2024.yaml")
        .read_text("utf-8")
        .replace('version: "2024"', 'version: "2030"')
        .replace("effective: {from: open}", "effective: {from: 2030-01-01}"),
        "utf-8",
    )
    new = Office(store, path)
    april = new.publish("2024-04", day(5, 2))

    assert "未能调取" not in april
    assert [True, True] == new.replayed()


@pytest.mark.parametrize("wrong", [None, "wuhu-information", ["wuhu-information"], 3])
def test_earlier_texts_are_rulesets(wrong: object) -> None:
    """Anything else is refused by name."""
    with pytest.raises(ArgumentError) as caught:
        Engine(Host.discover().load(OFFICE), earlier=wrong)  # type: ignore[arg-type]

    assert ("`earlier` must be a list of rulesets", "`earlier` 应为规则集的列表") == (
        str(caught.value),
        caught.value.zh,
    )


def test_the_asynchronous_engine_takes_them_too(corrected_path: Path, tmp_path: Path) -> None:
    """What was published under the earlier text comes out again with it, and not without."""
    url = f"sqlite:///{tmp_path}/cases.db"
    old = Office(SqlStore.open(url)).opened()
    old.publish("2024-03", day(4, 2))
    old.store.close()
    corrected = Host.discover().load(corrected_path)

    async def replayed(*earlier: Ruleset) -> list[bool]:
        store = await AsyncSqlStore.open(url.replace("sqlite:", "sqlite+aiosqlite:"))
        engine = AsyncEngine(corrected, store=store, earlier=earlier)
        found = [one.same for one in await engine.replay()]
        await store.close()
        return found

    assert [[True], [False]] == [
        asyncio.run(replayed(*earlier)) for earlier in ((old.engine.ruleset,), ())
    ]


def test_a_corrected_text_may_call_a_rule_otherwise(store: SqlStore, tmp_path: Path) -> None:
    """What the old rule gave is taken back under its own name, as the new text has no other."""
    path = text_of(tmp_path / "renamed", ("{id: item, title", "{id: piece, title"))
    old = Office(store).opened()
    old.publish("2024-03", day(4, 2))
    new = Office(store, path, old.engine.ruleset)
    new.now = day(4, 10)
    plan = old.engine.plan_migration(new.engine.ruleset)
    new.engine.migrate(plan, at=new.now, reason="another name")

    assert [
        "| 甲 |  | item | 2024-03-20 | -2 |",
        "| 甲 |  | 信息采用 | 2024-03-20 | 2 |",
    ] == sorted(changed(new.publish("2024-04", day(5, 2))))
