"""Samples with random bytes changed: never a traceback, and every row read, unreadable or twice."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaocheng import Host

BREACH = "washington-breach"
PERMIT = "permit-receipt"
JOURNAL = "nis2"
AS_OF = {BREACH: "2024-12-31", JOURNAL: "2026-04-30"}
FORMATS = ("table", "json", "csv")
# Bytes that mean something to one of the formats, and some that mean nothing to any.
BYTES = st.sampled_from([*b'{}[]":,\\/<>&;=\n\r\t 0129-+.TZaeE', 0x00, 0x7F, 0xC3, 0xFF])


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """The bytes with some changed, left out, put in or moved, perhaps cut short."""
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(changed) - 1)) if changed else 0
        how = draw(st.sampled_from(("change", "insert", "remove", "copy")))
        size = draw(st.integers(1, 40))
        if how == "change":
            changed[place : place + 1] = bytes([draw(BYTES)])
        elif how == "insert":
            changed[place:place] = bytes([draw(BYTES)]) * draw(st.sampled_from((1, 1, 2, 500)))
        elif how == "remove":
            del changed[place : place + size]
        else:
            other = draw(st.integers(0, len(changed)))
            changed[other:other] = changed[place : place + size * 10]
    return bytes(changed[: draw(st.none() | st.integers(0, len(changed)))])


def lines_of_jsonl(data: bytes) -> int:
    """Lines that hold anything."""
    return sum(bool(line.strip()) for line in data.split(b"\n"))


def rows_of_csv(data: bytes) -> int:
    """Records below the header that have a cell."""
    text = data.decode("utf-8-sig")
    return sum(bool(row) for row in csv.reader(io.StringIO(text, newline=""), strict=True)) - 1


def traces_of_xes(data: bytes) -> int:
    """Traces of the log."""
    root = ET.fromstring(data)  # noqa: S314 - our own sample, damaged
    return sum(child.tag.rpartition("}")[2] == "trace" for child in root)


def read_rows(data: dict[str, Any], path: Path, host: Host) -> int:
    """How many rows gave something: events of a journal, cases of a table."""
    from kaocheng import open_input

    if path.suffix != ".jsonl":
        return int(data["summary"]["cases"])
    ruleset = host.load(JOURNAL)
    return len(open_input(path, ruleset, host.formats()).events)


def check(ran: Any, path: Path) -> None:  # noqa: ANN401
    """What holds of every outcome: a code on purpose, and a message that names the file."""
    assert ran.code in (0, 1)
    assert "Traceback" not in ran.err
    if ran.code and not ran.out:
        assert ran.err.startswith(f"error: {path}")
        assert 1 == ran.err.count("\n")


@pytest.mark.parametrize(
    ("ruleset", "name", "count"),
    [(BREACH, "notices.csv", rows_of_csv), (JOURNAL, "incidents.jsonl", lines_of_jsonl)],
)
def test_every_row_is_counted(  # noqa: PLR0913, PLR0917
    cli: Callable[..., Any],
    host: Host,
    samples: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
    ruleset: str,
    name: str,
    count: Callable[[bytes], int],
) -> None:
    """What is read and what is reported are together what is in the file."""
    path = tmp_path_factory.mktemp("mutated") / name
    sample = samples[ruleset].read_bytes()

    @given(damaged(sample))
    def holds(data: bytes) -> None:
        path.write_bytes(data)
        ran = cli("assess", ruleset, path, "--format", "json", "--as-of", AS_OF[ruleset])
        check(ran, path)
        if ran.out:
            seen = json.loads(ran.out)
            unread = seen["summary"]["unreadable"]
            assert unread == len(seen["unreadable"])
            assert count(data) == read_rows(seen, path, host) + unread
            assert ran.code == (1 if unread or seen["problems"] else 0)

    holds()


@pytest.mark.parametrize("packed", [False, True])
def test_damaged_logs(
    cli: Callable[..., Any],
    samples: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
    packed: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """A log is refused as a whole, or each of its traces is read or reported."""
    path = tmp_path_factory.mktemp("mutated") / ("permits.xes.gz" if packed else "permits.xes")
    sample = samples[PERMIT].read_bytes()

    @given(damaged(gzip.compress(sample, mtime=0) if packed else sample))
    def holds(data: bytes) -> None:
        path.write_bytes(data)
        ran = cli("assess", PERMIT, path, "--format", "json", "--as-of", "2024-12-31T00:00:00Z")
        check(ran, path)
        if ran.out and not packed:
            summary = json.loads(ran.out)["summary"]
            assert traces_of_xes(data) == summary["cases"] + summary["unreadable"]

    holds()


@pytest.mark.parametrize("ruleset", [BREACH, JOURNAL])
def test_every_format_survives(
    cli: Callable[..., Any],
    samples: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
    ruleset: str,
) -> None:
    """Every format of the output copes with whatever was read."""
    path = tmp_path_factory.mktemp("mutated") / samples[ruleset].name
    sample = samples[ruleset].read_bytes()

    @given(damaged(sample), st.sampled_from(FORMATS))
    def holds(data: bytes, form: str) -> None:
        path.write_bytes(data)
        check(cli("assess", ruleset, path, "--format", form), path)

    holds()


def test_damaged_saved_rulesets(
    cli: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory, samples: dict[str, Path]
) -> None:
    """A saved ruleset with a byte changed is refused, unless it means the same."""
    folder = tmp_path_factory.mktemp("mutated")
    whole, path = folder / "whole.kaocheng.json", folder / "damaged.kaocheng.json"
    assert 0 == cli("compile", BREACH, "--output", whole).code
    arguments = (samples[BREACH], "--format", "json")
    wanted = cli("assess", whole, *arguments).out

    @given(damaged(whole.read_bytes()))
    def holds(data: bytes) -> None:
        path.write_bytes(data)
        ran = cli("assess", path, *arguments)
        assert ran.out == (wanted if ran.code == 0 else "")
        check(ran, path)

    holds()


def test_damaged_versions(
    cli: Callable[..., Any], host: Host, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A version with bytes changed is refused at a place in a file, or it checks."""
    import shutil

    folder = tmp_path_factory.mktemp("mutated") / BREACH
    shutil.copytree(host.find(BREACH), folder)
    version = folder / "versions/2015-07.yaml"

    @given(damaged(version.read_bytes()))
    def holds(data: bytes) -> None:
        version.write_bytes(data)
        ran = cli("plan", folder)
        assert ran.code in (0, 1)
        assert (ran.code == 0) == bool(ran.out)
        if ran.code:
            assert ran.err.startswith(str(folder))
            assert ": error[KC" in ran.err

    holds()
