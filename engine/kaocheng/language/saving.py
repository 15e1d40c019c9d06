"""Checked rulesets in one file: saved once, loaded without the CEL library."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from kaocheng.collector import collector_paused
from kaocheng.errors import InputError
from kaocheng.language.codec import FORMAT, decode, encode
from kaocheng.language.ruleset import Ruleset
from kaocheng.output import write_whole


def save(ruleset: Ruleset, path: Path) -> None:
    """Write the checked ruleset to a file, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    encoded = encode(ruleset)
    data = {"kaocheng": FORMAT, "digest": _digest(encoded), "ruleset": encoded}
    write_whole(path, _text(data))


def load(path: Path) -> Ruleset:
    """The ruleset that `save` wrote.

    Raises:
        InputError: the file is not a saved ruleset of this format.
    """
    with collector_paused():
        return _loaded(path)


def _loaded(path: Path) -> Ruleset:
    try:
        data = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(str(path), "there is no such file", zh="没有这个文件") from None
    except (OSError, ValueError, RecursionError):
        raise _not_saved(path) from None
    if not isinstance(data, dict) or data.get("kaocheng") != FORMAT or "ruleset" not in data:
        raise _not_saved(path)
    if data.get("digest") != _digest(data["ruleset"]):
        raise InputError(
            str(path),
            "the saved ruleset is damaged or was changed; write it again with `kaocheng compile`",
            zh="规则集存档已损坏或被改动；请用 `kaocheng compile` 重新生成",
        )
    try:
        ruleset = decode(data["ruleset"])
    except (KeyError, TypeError, ValueError):
        raise _not_saved(path) from None
    if not isinstance(ruleset, Ruleset):
        raise _not_saved(path)
    return ruleset


def _text(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _digest(data: object) -> str:
    """What tells a file that was damaged or changed by hand from the one that was written."""
    return hashlib.sha256(_text(data).encode("utf-8", "surrogatepass")).hexdigest()


def _not_saved(path: Path) -> InputError:
    return InputError(
        str(path),
        f"this is no saved ruleset of format {FORMAT}; write one with `kaocheng compile`",
        zh=f"这不是格式 {FORMAT} 的规则集存档；请用 `kaocheng compile` 生成",
    )
