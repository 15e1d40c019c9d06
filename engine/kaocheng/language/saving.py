"""Checked rulesets in one file: saved once, loaded without the CEL library."""

from __future__ import annotations

import json
from pathlib import Path

from kaocheng.errors import InputError
from kaocheng.language.codec import FORMAT, decode, encode
from kaocheng.language.ruleset import Ruleset


def save(ruleset: Ruleset, path: Path) -> None:
    """Write the checked ruleset to a file, whole or not at all."""
    data = {"kaocheng": FORMAT, "ruleset": encode(ruleset)}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    draft = path.with_name(path.name + ".part")
    draft.write_text(text, "utf-8")
    draft.replace(path)


def load(path: Path) -> Ruleset:
    """The ruleset that `save` wrote.

    Raises:
        InputError: the file is not a saved ruleset of this format.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(str(path), "there is no such file", zh="没有这个文件") from None
    except (OSError, ValueError):
        raise _not_saved(path) from None
    if not isinstance(data, dict) or data.get("kaocheng") != FORMAT:
        raise _not_saved(path)
    try:
        ruleset = decode(data["ruleset"])
    except (KeyError, TypeError, ValueError):
        raise _not_saved(path) from None
    if not isinstance(ruleset, Ruleset):
        raise _not_saved(path)
    return ruleset


def _not_saved(path: Path) -> InputError:
    return InputError(
        str(path),
        f"this is no saved ruleset of format {FORMAT}; write one with `kaocheng compile`",
        zh=f"这不是格式 {FORMAT} 的规则集存档；请用 `kaocheng compile` 生成",
    )
