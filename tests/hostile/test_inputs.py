"""Damaged inputs: one clear message with file and place, nothing in silence, no traceback."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from damage import BREACH, FILES, PERMIT, WUHU, Damage, line, swap, swap_all

# What the file as a whole is refused for: ruleset, file name, damage, message.
REFUSED = {
    "csv-renamed-column": (
        BREACH,
        "notices.csv",
        swap("DateAware,", "DateAwared,"),
        "notices.csv:1: the table has no column `DateAware`, which the input `attorney_general`"
        " reads; did you mean `DateAwared`",
    ),
    "csv-missing-column": (
        BREACH,
        "notices.csv",
        lambda data: b"".join(row.partition(b",")[2] for row in data.splitlines(keepends=True)),
        "notices.csv:1: the table has no column `DateAware`, which the input `attorney_general`"
        " reads; did you mean `DateStart`",
    ),
    "csv-column-twice": (
        BREACH,
        "notices.csv",
        swap("DateStart", "DateAware"),
        "notices.csv:1: the column `DateAware` stands twice",
    ),
    "csv-journal-with-extra-column": (
        WUHU,
        "journal.csv",
        lambda _: b"case,sequence,event,at,note\nunit/a,1,admit,2009-03-01T00:00:00+08:00,x\n",
        "journal.csv:1: a journal has no column `note`",
    ),
    "csv-journal-with-renamed-column": (
        WUHU,
        "journal.csv",
        lambda _: b"case,sequence,evnt,at\nunit/a,1,admit,2009-03-01T00:00:00+08:00\n",
        "journal.csv:1: a journal has no column `evnt`; did you mean `event`",
    ),
    "csv-journal-with-missing-column": (
        WUHU,
        "journal.csv",
        lambda _: b"case,sequence,event\nunit/a,1,admit\n",
        "journal.csv:1: the column `at` is missing",
    ),
    "csv-other-table": (
        WUHU,
        "notices.csv",
        lambda _: b"Id,Name\n1,x\n",
        "notices.csv: it is no journal, and `wuhu-information` describes no such input of format"
        " `csv`",
    ),
    "csv-gb18030": (
        BREACH,
        "notices.csv",
        lambda data: data.replace(b"Synthetic Company 3", "合成公司".encode("gb18030")),
        "notices.csv:4:61: the text is not UTF-8 (byte `0xBA`); save the file as UTF-8",
    ),
    "csv-utf-16": (
        BREACH,
        "notices.csv",
        lambda data: data.decode().encode("utf-16"),
        "notices.csv:1: the file is UTF-16; save it as UTF-8",
    ),
    "csv-semicolons": (
        BREACH,
        "notices.csv",
        swap_all(",", ";"),
        "notices.csv:1: the columns are separated by `;`; save the file with commas",
    ),
    "csv-tabs": (
        BREACH,
        "notices.csv",
        swap_all(",", "\t"),
        "notices.csv:1: the columns are separated by tabs; save the file with commas",
    ),
    "csv-blank-first-line": (
        BREACH,
        "notices.csv",
        lambda data: b"\n" + data,
        "notices.csv:1: the first line is blank; it must name the columns",
    ),
    "csv-without-lines": (
        BREACH,
        "notices.csv",
        lambda _: b"x" * 20_000_000,
        "notices.csv:1: the line is longer than 16 million bytes, so this is no file of lines",
    ),
    "jsonl-without-lines": (
        WUHU,
        "march.jsonl",
        lambda _: b"x" * 20_000_000,
        "march.jsonl:1: the line is longer than 16 million bytes, so this is no file of lines",
    ),
    "csv-open-quote": (
        BREACH,
        "notices.csv",
        swap("Synthetic Company 3", '"Synthetic Company 3'),
        "notices.csv:4: a quoted cell that begins here does not end as it should:"
        " unexpected end of data",
    ),
    "csv-lone-carriage-returns": (
        BREACH,
        "notices.csv",
        swap_all("\n", "\r"),
        "notices.csv:1: a carriage return stands alone; end the lines with line feeds",
    ),
    "csv-empty": (
        BREACH,
        "notices.csv",
        lambda _: b"",
        "notices.csv:1: the file is empty; its first line must name the columns",
    ),
    "csv-only-a-byte-order-mark": (
        BREACH,
        "notices.csv",
        lambda _: b"\xef\xbb\xbf",
        "notices.csv:1: the file is empty; its first line must name the columns",
    ),
    "csv-only-a-header": (
        BREACH,
        "notices.csv",
        lambda data: line(data, 1),
        "notices.csv: the input has no event, so `--as-of` must be given",
    ),
    "csv-is-a-picture": (
        BREACH,
        "notices.csv",
        lambda _: b"\x89PNG\r\n\x1a\n" + bytes(64),
        "notices.csv:1:1: the text is not UTF-8 (byte `0x89`); save the file as UTF-8",
    ),
    "no-suffix": (
        BREACH,
        "notices",
        lambda data: data,
        "notices: nothing here reads such a file; known are `.jsonl`, `.csv`, `.parquet`, `.xes`,"
        " `.xes.gz`",
    ),
    "jsonl-empty": (
        WUHU,
        "march.jsonl",
        lambda _: b"",
        "march.jsonl: the input has no event, so `--as-of` must be given",
    ),
    "jsonl-blank-lines": (
        WUHU,
        "march.jsonl",
        lambda _: b"\n \n\n",
        "march.jsonl: the input has no event, so `--as-of` must be given",
    ),
    "jsonl-is-an-array": (
        WUHU,
        "march.jsonl",
        lambda data: b"[" + b",".join(data.splitlines()) + b"]",
        "march.jsonl:1: the file is not JSON Lines: none of its lines is a JSON object",
    ),
    "jsonl-deep": (
        WUHU,
        "march.jsonl",
        lambda _: b'{"case":' * 100_000,
        "march.jsonl:1: the file is not JSON Lines: none of its lines is a JSON object",
    ),
    "jsonl-no-line-can-be-read": (
        WUHU,
        "march.jsonl",
        swap_all('"recorded_at"', '"recorded"'),
        "march.jsonl:1: the line has the key `recorded`, which is not known; did you mean"
        " `recorded_at` (lines not read: 10, and no other line has an event)",
    ),
    "jsonl-gb18030": (
        WUHU,
        "march.jsonl",
        lambda data: data.decode().encode("gb18030"),
        "march.jsonl:1:349: the text is not UTF-8 (byte `0xB4`); save the file as UTF-8",
    ),
    "jsonl-utf-16": (
        WUHU,
        "march.jsonl",
        lambda data: data.decode().encode("utf-16"),
        "march.jsonl:1: the file is UTF-16; save it as UTF-8",
    ),
    "xes-cut-in-the-middle": (
        PERMIT,
        "permits.xes",
        lambda data: data[:1500],
        "permits.xes:31:3: the log ends before it is complete",
    ),
    "xes-gz-is-not-compressed": (
        PERMIT,
        "permits.xes.gz",
        lambda data: data,
        "permits.xes.gz: the file is named `.gz`, but is not compressed with gzip",
    ),
    "xes-entity-bomb": (
        PERMIT,
        "permits.xes",
        swap(
            "<log ",
            '<!DOCTYPE log [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><log ',
        ),
        "permits.xes:3:15: the log has a document type declaration, which XES does not allow and"
        " which is not safe",
    ),
    "xes-other-encoding": (
        PERMIT,
        "permits.xes",
        swap("UTF-8", "GBK"),
        "permits.xes:1:31: the log declares an encoding that is not read here; save it as UTF-8",
    ),
    "xes-no-such-encoding": (
        PERMIT,
        "permits.xes",
        swap("UTF-8", "klingon"),
        "permits.xes:1:31: the log declares an encoding that is not read here; save it as UTF-8",
    ),
    "xes-junk-after": (
        PERMIT,
        "permits.xes",
        lambda data: data + b"junk",
        "permits.xes:135:1: the log is not well-formed XML: junk after the log",
    ),
    "xes-control-character": (
        PERMIT,
        "permits.xes",
        swap("Desk 1", "Desk\x01"),
        "permits.xes:37:42: the log is not well-formed XML: invalid character",
    ),
    "xes-empty": (
        PERMIT,
        "permits.xes",
        lambda _: b"",
        "permits.xes:1:1: the log ends before it is complete",
    ),
    "xes-is-a-web-page": (
        PERMIT,
        "permits.xes",
        lambda _: b"<html><body>404 not found</body></html>",
        "permits.xes:1:1: the file is not an XES log: its first element is `html`, not `log`",
    ),
    "xes-renamed-attribute": (
        PERMIT,
        "permits.xes",
        swap_all('key="deadline"', 'key="deadlyne"'),
        "permits.xes:1: the table has no column `deadline`, which the input `event_log` reads;"
        " did you mean `deadlyne`",
    ),
    "parquet-empty": (
        WUHU,
        "journal.parquet",
        lambda _: b"",
        "journal.parquet: the file is not Parquet, or it is cut short",
    ),
    "parquet-is-csv": (
        BREACH,
        "notices.parquet",
        lambda data: data,
        "notices.parquet: the file is not Parquet, or it is cut short",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_a_file_that_cannot_be_read(
    cli: Callable[..., Any], samples: dict[str, Path], tmp_path: Path, name: str, form: str
) -> None:
    """The file is refused as a whole: exit 1, one line with the file and the place, no output."""
    ruleset, file, damage, message = REFUSED[name]
    path = tmp_path / file
    path.write_bytes(damage(samples[ruleset].read_bytes()))
    ran = cli("assess", ruleset, path, "--format", form)

    assert (1, "") == (ran.code, ran.out)
    assert f"error: {tmp_path}/{message}\n" == ran.err


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:300], "the log ends before it is complete"),
        (lambda data: data[:-8] + bytes(8), "the compressed data are damaged from here on"),
    ],
    ids=["cut", "damaged"],
)
def test_a_compressed_log_that_is_damaged(
    cli: Callable[..., Any], samples: dict[str, Path], tmp_path: Path, damage: Damage, message: str
) -> None:
    """A compressed log is refused at the place that reading has reached."""
    path = tmp_path / "permits.xes.gz"
    path.write_bytes(damage(gzip.compress(samples[PERMIT].read_bytes(), mtime=0)))
    ran = cli("assess", PERMIT, path)

    assert (1, "") == (ran.code, ran.out)
    assert re.fullmatch(rf"error: {re.escape(str(path))}:\d+:\d+: {message}\n", ran.err)


def test_a_byte_order_mark_is_no_damage(
    cli: Callable[..., Any], samples: dict[str, Path], tmp_path: Path
) -> None:
    """A byte-order mark, and line ends of Windows, change nothing."""
    plain = cli("assess", BREACH, samples[BREACH], "--format", "json")
    data = samples[BREACH].read_bytes().replace(b"\n", b"\r\n")
    path = tmp_path / "notices.csv"
    path.write_bytes(b"\xef\xbb\xbf" + data)

    assert (0, plain.out) == (plain.code, cli("assess", BREACH, path, "--format", "json").out)


@pytest.mark.parametrize("ruleset", FILES)
def test_a_folder_instead_of_a_file(cli: Callable[..., Any], tmp_path: Path, ruleset: str) -> None:
    """A folder is no input."""
    path = tmp_path / FILES[ruleset]
    path.mkdir()
    ran = cli("assess", ruleset, path)

    assert (1, "", f"error: {path}: this is a folder, not a file\n") == (ran.code, ran.out, ran.err)


def test_no_such_file(cli: Callable[..., Any], tmp_path: Path) -> None:
    """A file that is not there is named."""
    ran = cli("assess", BREACH, tmp_path / "notices.csv", "--lang", "zh")

    assert (1, "") == (ran.code, ran.out)
    assert f"错误：{tmp_path}/notices.csv：没有这个文件\n" == ran.err


def test_cut_parquet(cli: Callable[..., Any], tmp_path: Path) -> None:
    """A Parquet journal that was cut is refused, and a whole one is read."""
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    whole, cut = tmp_path / "whole.parquet", tmp_path / "cut.parquet"
    rows = {
        "case": ["unit/a"],
        "sequence": [1],
        "event": ["admit"],
        "at": ["2009-03-01T00:00:00+08:00"],
    }
    parquet.write_table(arrow.table(rows), whole)
    cut.write_bytes(whole.read_bytes()[:-40])

    assert 0 == cli("assess", WUHU, whole).code
    ran = cli("assess", WUHU, cut)
    assert f"error: {cut}: the file is not Parquet, or it is cut short\n" == ran.err
    assert (1, "") == (ran.code, ran.out)


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        ("march.jsonl", lambda data: data[:-60], "不是 JSON：自此处起的文本未以双引号结束"),
        ("march.jsonl", swap('"at": ', '"at" '), "不是 JSON：此处缺少冒号"),
        ("march.jsonl", swap('"sequence": 1, ', '"sequence": 1 '), "不是 JSON：此处缺少逗号"),
        ("march.jsonl", swap("{", "{,"), "不是 JSON：此处应为以双引号括起的键"),
        (
            "notices.csv",
            swap("Synthetic Company 3", '"Synthetic Company 3'),
            "自此处起的带引号单元格未正常结束：文件到此为止",
        ),
        ("notices.csv", swap_all(",", "\t"), "各列以制表符分隔，请以逗号分隔另存"),
        (
            "permits.xes",
            lambda data: data + b"junk",
            "日志不是格式良好的 XML：日志结束之后还有内容",
        ),
        ("permits.xes", swap("UTF-8", "GBK"), "日志声明的编码无法读取，请另存为 UTF-8"),
    ],
)
def test_reasons_in_chinese(  # noqa: PLR0913, PLR0917
    cli: Callable[..., Any],
    samples: dict[str, Path],
    tmp_path: Path,
    name: str,
    damage: Damage,
    message: str,
) -> None:
    """What a reader of the format says is said in Chinese too."""
    ruleset = next(key for key, file in FILES.items() if file == name)
    path = tmp_path / name
    path.write_bytes(damage(samples[ruleset].read_bytes()))
    ran = cli("assess", ruleset, path, "--lang", "zh")

    assert 1 == ran.code
    assert f"：{message}\n" in ran.out + ran.err or f": {message}\n" in ran.out + ran.err


@pytest.mark.parametrize(
    "arguments",
    [("assess",), ("assess", "--rule", "daily_report"), ("explain", "--case", "unit/a")],
)
def test_names_that_would_move_the_cursor(
    cli: Callable[..., Any], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """A name with an escape sequence or a line end is printed without them, on one line."""
    path = tmp_path / "journal.jsonl"
    path.write_text(
        '{"case": "unit/a", "sequence": 1, "event": "admit", "at": "2009-03-01T00:00:00+08:00",'
        ' "data": {"name": "\\u001b[31m甲\\n乙\\u202e", "class": "county"}}\n',
        "utf-8",
    )
    command, *options = arguments
    ran = cli(command, WUHU, path, *options, "--as-of", "2009-03-03")

    assert (0, "") == (ran.code, ran.err)
    assert "\ufffd[31m甲\ufffd乙\ufffd" in ran.out
    assert not {"\x1b", "\u202e"} & set(ran.out)
