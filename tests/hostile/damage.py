"""Ways to damage a sample, and where each shipped sample is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

BREACH = "washington-breach"
PERMIT = "permit-receipt"
WUHU = "wuhu-information"
FILES = {BREACH: "notices.csv", PERMIT: "permits.xes", WUHU: "march.jsonl"}
AS_OF = ("--as-of", "2024-12-31")

Damage = Callable[[bytes], bytes]


def swap(old: str, new: str) -> Damage:
    """The first occurrence of a text replaced by another."""

    def damage(data: bytes) -> bytes:
        assert old.encode() in data
        return data.replace(old.encode(), new.encode(), 1)

    return damage


def swap_all(old: str, new: str) -> Damage:
    """Every occurrence of a text replaced by another."""

    def damage(data: bytes) -> bytes:
        assert old.encode() in data
        return data.replace(old.encode(), new.encode())

    return damage


def line(data: bytes, number: int) -> bytes:
    """The line of that number, from 1."""
    return data.splitlines(keepends=True)[number - 1]


def written(tmp_path: Path, samples: dict[str, Path], ruleset: str, damage: Damage) -> Path:
    """The damaged sample."""
    path = tmp_path / FILES[ruleset]
    path.write_bytes(damage(samples[ruleset].read_bytes()))
    return path
