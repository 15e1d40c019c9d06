"""The circular of a period: what stands in it, and that every format shows the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from kaocheng import Assessment, Host, Journal, assess, open_input
from kaocheng.calendars.numberline import DAY, parse_date, parse_instant
from kaocheng.circular import as_html, as_markdown, compose, periods_of
from kaocheng.circular.model import Block, Circular
from kaocheng.circular.texts import TEXTS, period_text
from kaocheng.circular.workbook import as_xlsx
from kaocheng.journal.json_text import parse_json
from kaocheng.journal.lines import read_event
from kaocheng.journal.publications import Drawn
from kaocheng.journal.writing import event_line
from kaocheng.model.events import Correction, Event

OFFICE = Path(__file__).parent / "office"


def drawn(*later: str, period: str, as_of: str, known_at: str | None = None) -> Circular:
    """The circular of a period in Chinese, of the journal and what is written there later."""
    at, known = parse_instant(as_of), None if known_at is None else parse_instant(known_at)
    first = assessed(at, *later, known_at=known)

    def again(earlier: Drawn) -> Assessment:
        return assessed(earlier.known_at, *later, known_at=earlier.known_at)

    return compose(first, period, again=again, language="zh")


def assessed(as_of: int, *later: str, known_at: int | None = None) -> Assessment:
    """The journal, and what is written there later, assessed."""
    ruleset = Host.discover().load(str(OFFICE))
    lines = (*(OFFICE / "journal.jsonl").read_text("utf-8").splitlines(), *later)
    events = tuple(read_event(parse_json(line)) for line in lines)  # type: ignore[arg-type]
    return assess(ruleset, Journal(events=events), as_of=as_of, known_at=known_at)


def never(at: Drawn) -> Assessment:
    """Nothing was published before."""
    raise AssertionError(at)


def test_the_circular_of_a_published_month(cli: Callable[..., Any]) -> None:
    """It is drawn up at the times of its bulletin, so that it says again what was said then."""
    ran = cli("bulletin", OFFICE, OFFICE / "journal.jsonl", "--period", "2024-03")

    assert (
        """\
# Information work: circular for 2024-03

period: 2024-03-01 to 2024-03-31

facts as of 2024-04-02T18:00:00+08:00, as they were known at 2024-04-02T18:00:00+08:00

## 1. league of the month

| rank | unit | points |
| ---: | --- | ---: |
| 1 | 甲局 | 2 |
| 2 | 乙 \\| 局 | 0 |

## 2. Points of unit by item

| unit | item | for | day | points |
| --- | --- | --- | --- | ---: |
| 甲局 |  | item adopted | 2024-03-20 | 2 |

## 3. Nothing in the period

adopted, none (1): 乙 | 局

## 4. Findings

| unit | finding | stage | clause | count |
| --- | --- | --- | --- | ---: |
| 乙 \\| 局 | nothing adopted | alleged | 《考核细则》, 第五条 | 1 |

---
"""
        in ran.out
    )
    assert ran.out.count("\n- Rules: version 2024, ") == 1
    assert (0, "") == (ran.code, ran.err)


def test_another_time_of_knowledge_leaves_the_time_of_the_period(cli: Callable[..., Any]) -> None:
    """`--known-at` alone does not move the world to the last event."""
    said = "2024-04-30T09:00:00+08:00"
    ran = cli(
        *("bulletin", OFFICE, OFFICE / "journal.jsonl", "--period", "2024-03"), "--known-at", said
    )

    assert f"facts as of 2024-04-02T18:00:00+08:00, as they were known at {said}\n" in ran.out


def test_a_month_has_the_year_beside_it(host: Host) -> None:
    """Where there is a standing of a longer period, each has the points of it so far."""
    ruleset = host.load("lianyungang-cumulative")
    (sample,) = (host.find("lianyungang-cumulative") / "sample").iterdir()
    journal = open_input(sample, ruleset, host.formats())
    at = parse_instant("2008-04-02T18:05:00+08:00")

    def again(earlier: Drawn) -> Assessment:
        return assess(ruleset, journal, as_of=earlier.known_at, known_at=earlier.known_at)

    assessment = assess(ruleset, journal, as_of=at, known_at=at)
    circular = compose(assessment, "2008-03", again=again, language="zh")

    (standing, *_) = circular.blocks
    assert ("名次", "单位", "得分", "年度得分（2008年累计）") == standing.heads
    assert ("1", "乙局（合成）", "20", "20") == standing.rows[0]
    assert {0, 2, 3} == standing.numbers
    assert "事实截至：2008年4月2日18时05分，获知截止：2008年4月2日18时05分" == circular.lead[1]


def test_what_became_known_later_is_a_correction() -> None:
    """The next circular names what was earned before its period, apart from its own items."""
    circular = drawn(period="2024-04", as_of="2024-04-30T23:59:59+08:00")
    parts = {block.heading: block for block in circular.blocks}

    assert [
        "一、月度排名",
        "二、记分",
        "三、周期内为零的情况",
        "四、认定情况",
        "五、以往周期补记",
    ] == list(parts)
    assert (("甲局", "", "信息采用", "2024-03-21", "2"),) == parts["五、以往周期补记"].rows
    assert ("本期没有记分。",) == parts["二、记分"].sentences
    assert "信息工作办法通报（2024年4月）" == circular.title


REVOKED = (
    '{"case":"unit/a","sequence":4,"event":"adopt","at":"2024-04-15T09:00:00+08:00",'
    '"recorded_at":"2024-04-15T09:00:00+08:00",'
    '"corrects":{"sequence":2,"reason":"not printed","void":true}}'
)
PUBLISHED = (
    '{"case":"bulletin/2","sequence":1,"event":"publish","at":"2024-05-03T09:00:00+08:00","data":'
    '{"first_day":"2024-04-01","last_day":"2024-04-30","known_at":"2024-05-02T18:00:00+08:00"}}'
)
JUNE_BULLETIN = (
    PUBLISHED.replace("bulletin/2", "bulletin/3")
    .replace("-05-0", "-06-0")
    .replace(
        '"first_day":"2024-04-01","last_day":"2024-04-30"',
        '"first_day":"2024-05-01","last_day":"2024-05-31"',
    )
)
APRIL, MAY, JUNE = (f"2024-{month}-02T18:00:00+08:00" for month in ("04", "05", "06"))


def _adoptions(adoptions: list[tuple[str, int, int, int | None]]) -> Iterator[str]:
    """Adoptions on a day of spring, known some days later, and revoked some days after that."""
    start, numbers = parse_instant("2024-03-01T10:00:00+08:00"), {"a": 3, "b": 1}
    for unit, day, late, revoked in adoptions:
        numbers[unit] += 1
        happened = start + day * DAY
        known = happened + late * DAY
        event = Event(
            case=f"unit/{unit}",
            sequence=numbers[unit],
            event="adopt",
            at=happened,
            recorded_at=known,
        )
        yield event_line(event)
        if revoked is not None:
            numbers[unit] += 1
            yield event_line(
                evolve(
                    event,
                    sequence=event.sequence + 1,
                    at=known + revoked * DAY,
                    recorded_at=known + revoked * DAY,
                    corrects=Correction(sequence=event.sequence, reason="not printed", void=True),
                )
            )


def test_what_is_revoked_later_is_a_change() -> None:
    """The next circular says by how much the one before is to be read otherwise, and only it."""
    april = drawn(REVOKED, PUBLISHED, period="2024-04", as_of=MAY, known_at=MAY)
    parts = {block.heading: block for block in april.blocks}

    assert (("甲局", "", "信息采用", "2024-03-20", "-2"),) == parts["六、对以往通报的更正"].rows
    assert (("甲局", "", "信息采用", "2024-03-21", "2"),) == parts["五、以往周期补记"].rows
    may = drawn(REVOKED, PUBLISHED, period="2024-05", as_of="2024-05-31T23:59:59+08:00")
    assert not [block for block in may.blocks if "更正" in block.heading]


def test_a_month_that_nobody_changed_has_no_changes() -> None:
    """Also where it is drawn up before anybody knew, and for the first month of all."""
    for as_of, period in (
        ("2024-04-14T09:00:00+08:00", "2024-04"),
        ("2024-04-02T18:00:00+08:00", "2024-03"),
    ):
        circular = drawn(REVOKED, PUBLISHED, period=period, as_of=as_of, known_at=as_of)
        assert not [block for block in circular.blocks if "更正" in block.heading]


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]),
            st.integers(0, 90),
            st.integers(0, 60),
            st.none() | st.integers(0, 60),
        ),
        max_size=8,
    )
)
def test_circulars_with_their_changes_add_up(
    adoptions: list[tuple[str, int, int, int | None]],
) -> None:
    """What circulars said, with what later ones added and changed, is what is known in the end."""
    events = list(_adoptions(adoptions))
    said: Counter[str] = Counter()
    for month, known in (("2024-03", APRIL), ("2024-04", MAY), ("2024-05", JUNE)):
        circular = drawn(
            *events, PUBLISHED, JUNE_BULLETIN, period=month, as_of=known, known_at=known
        )
        for block in circular.blocks:
            if "事由" in block.heads:
                for row in block.rows:
                    said[row[0]] += int(row[-1])
    end = parse_instant(JUNE)
    known_then = assessed(end, *events, PUBLISHED, JUNE_BULLETIN, known_at=end)
    last = parse_date("2024-05-31")
    wanted: Counter[str] = Counter()
    for row in known_then.rows("entries"):
        if isinstance(row["posted_on"], int) and row["posted_on"] <= last:
            name = {"unit/a": "甲局", "unit/b": "乙 | 局"}[str(row["recipient"])]
            wanted[name] += int(str(row["amount"])) // 10_000
    assert {k: v for k, v in wanted.items() if v} == {k: v for k, v in said.items() if v}


def test_periods_are_those_with_rows() -> None:
    """A circular can be made for what standings and tallies have rows for."""
    assessment = assessed(parse_instant("2024-04-30T23:59:59+08:00"))

    assert ["2024-03", "2024-04"] == list(periods_of(assessment))
    with pytest.raises(KeyError):
        compose(assessment, "2024-05", again=never)


class _Texts(HTMLParser):
    """The texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self.found.append(data)


def test_a_circular_calls_persons_persons(host: Host) -> None:
    """Where those who are ranked are persons, no head of a column calls them units."""
    ruleset = host.load("lianshi-person")
    (sample,) = (host.find("lianshi-person") / "sample").iterdir()
    journal = open_input(sample, ruleset, host.formats())
    assessment = assess(ruleset, journal, as_of=parse_instant("2007-12-31T23:59:59+08:00"))
    circular = compose(assessment, "2007", again=never, language="zh")
    heads = {name for block in circular.blocks for name in block.heads}

    assert "信息员" in heads
    assert not [name for name in heads if "单位" in name]


MARKED = Circular(
    language="en",
    title="a <b>title</b>",
    lead=("x & y",),
    blocks=(
        Block(
            heading="1. part",
            sentences=("said",),
            heads=("who", "points"),
            rows=(("=1+1", "2.5"),),
            numbers=frozenset({1}),
        ),
        Block(heading="1. part", sentences=("nothing",)),
    ),
    notes=("noted",),
)


def test_a_page_shows_texts_as_they_are() -> None:
    """Marks in names are no markup, and every text is there."""
    texts = _Texts()
    texts.feed(as_html(MARKED))

    assert {"a <b>title</b>", "x & y", "said", "=1+1", "2.5", "nothing", "noted"} <= set(
        texts.found
    )


def test_markdown_shows_texts_as_they_are() -> None:
    """Marks in names are escaped."""
    assert as_markdown(MARKED).startswith("# a \\<b\\>title\\</b\\>\n\nx & y\n")


def test_a_workbook_has_a_sheet_for_each_part() -> None:
    """Figures are numbers, what looks like a formula is text, and no two sheets share a name."""
    book = openpyxl.load_workbook(BytesIO(as_xlsx(MARKED)))
    sheet = book["1. part"]

    assert ["a <b>title< b>", "1. part", "1. part (2)"] == book.sheetnames
    assert ("=1+1", "s", 2.5, "n") == (
        sheet["A3"].value,
        sheet["A3"].data_type,
        sheet["B3"].value,
        sheet["B3"].data_type,
    )


@pytest.mark.parametrize(("form", "start"), [("html", b"<!doctype html>"), ("xlsx", b"PK")])
def test_formats_are_written_to_files(
    form: str, start: bytes, tmp_path: Path, cli: Callable[..., Any]
) -> None:
    """A page and a workbook are written whole, and the command says where."""
    path = tmp_path / f"march.{form}"
    ran = cli(
        "bulletin", OFFICE, OFFICE / "journal.jsonl",
        "--period", "2024-03", "--format", form, "--output", path, "--lang", "zh",
    )  # fmt: skip

    assert path.read_bytes().startswith(start)
    assert f"written: {path}\n" == ran.out


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (
            ("--period", "2024-3"),
            2,
            "error: --period: the ruleset has no rows for the period `2024-3`; "
            "did you mean `2024-03`\n",
        ),
        (
            ("--period", "2024-03", "--format", "xlsx"),
            2,
            "error: --format: a workbook is written to a file: give `--output`\n",
        ),
        (
            ("--period", "2024-03", "--output", "no/such.md"),
            1,
            "error: no/such.md: there is no folder `no`\n",
        ),
    ],
    ids=["period", "workbook", "folder"],
)
def test_wrong_use(options: tuple[str, ...], code: int, said: str, cli: Callable[..., Any]) -> None:
    """A mistake is one sentence, and nothing is written."""
    ran = cli("bulletin", OFFICE, OFFICE / "journal.jsonl", *options)

    assert (code, "", said) == (ran.code, ran.out, ran.err)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2009-03-05", "2009年3月5日"),
        ("2009-03", "2009年3月"),
        ("2009-W07", "2009年第7周"),
        ("2009-Q3", "2009年第三季度"),
        ("2009-H2", "2009年下半年"),
        ("2009", "2009年"),
        ("spring", "spring"),
    ],
)
def test_periods_in_chinese(name: str, expected: str) -> None:
    """A period is called as an office calls it."""
    assert expected == period_text(name, "zh")


def test_texts_have_both_languages() -> None:
    """Both languages of a text have the same places to fill."""
    from string import Formatter

    for en, zh in TEXTS.values():
        places = [{name for _, name, _, _ in Formatter().parse(t) if name} for t in (en, zh)]
        assert places[0] == places[1]
