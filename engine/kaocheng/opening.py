"""Inputs by path: a journal of our own, or a foreign table that the ruleset describes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kaocheng.calendars.zones import build_zone
from kaocheng.errors import InputError
from kaocheng.journal.foreign import read_table
from kaocheng.journal.formats import InputFormat, Progress, no_progress
from kaocheng.journal.reading import JSON_SUFFIXES, read_journal
from kaocheng.journal.texts import Message, did_you_mean
from kaocheng.language.ruleset import Input, Ruleset
from kaocheng.model.events import Journal

JOURNAL_COLUMNS = {"case", "sequence", "event"}
NO_INPUT = Message(
    "no_input",
    "`{ruleset}` describes no input `{seen}`{hint}",
    "`{ruleset}` 没有输入 `{seen}`{hint}",
)


def open_input(
    path: Path,
    ruleset: Ruleset,
    formats: Sequence[InputFormat],
    *,
    input_id: str | None = None,
    on_progress: Progress = no_progress,
) -> Journal:
    """The journal that a file gives under a ruleset.

    A `.jsonl` file, and a table with the columns `case`, `sequence` and `event`, is a
    journal; any other table needs an entry of the ruleset's `inputs` of its format.

    Raises:
        InputError: the file cannot be read, or no entry describes it.
    """
    check_file(path)
    if input_id is None and is_journal(path, formats):
        return read_journal(path, on_progress=on_progress)
    form = _format_of(path, formats)
    if input_id is None and _meant_as_journal(path, ruleset, form):
        return read_journal(path, on_progress=on_progress)
    spec = _input(path, ruleset, form, input_id)
    return read_table(path, spec, form, zone=build_zone(spec.zone), on_progress=on_progress)


def check_file(path: Path) -> None:
    """Refuse what is no ordinary file, before anything of it is read.

    Raises:
        InputError: it says what it is.
    """
    try:
        is_there, is_file, is_folder = path.exists(), path.is_file(), path.is_dir()
    except (OSError, ValueError):  # a name that no file can have
        is_there = is_file = is_folder = False
    if is_folder:
        raise InputError(str(path), "this is a folder, not a file", zh="这是文件夹，不是文件")
    if not is_there:
        raise InputError(str(path), "there is no such file", zh="没有这个文件")
    if not is_file:
        raise InputError(str(path), "this is not an ordinary file", zh="这不是普通文件")


def is_journal(path: Path, formats: Sequence[InputFormat]) -> bool:
    """Whether the file is a journal of our own: by its suffix or its columns."""
    if path.suffix.lower() in JSON_SUFFIXES:
        return True
    form = _format_of(path, formats)
    if form.read_columns is None:
        return False
    return set(form.read_columns(path)) >= JOURNAL_COLUMNS


def _meant_as_journal(path: Path, ruleset: Ruleset, form: InputFormat) -> bool:
    """Whether a table can only be a journal with a column misspelt, which reading it then names."""
    described = any(i.format == form.name for v in ruleset.versions for i in v.inputs.values())
    if described or form.read_columns is None:
        return False
    return not JOURNAL_COLUMNS.isdisjoint(form.read_columns(path))


def _format_of(path: Path, formats: Sequence[InputFormat]) -> InputFormat:
    name = path.name.lower()
    for form in formats:
        if any(name.endswith(suffix) for suffix in form.suffixes):
            return form
    known = ", ".join(f"`{suffix}`" for form in formats for suffix in (*form.suffixes,))
    raise InputError(
        str(path),
        f"nothing here reads such a file; known are `.jsonl`, {known}",
        zh=f"无法读取这种文件；可用的有 `.jsonl`、{known}",
    )


def _input(path: Path, ruleset: Ruleset, form: InputFormat, input_id: str | None) -> Input:
    inputs = {i.id: i for version in ruleset.versions for i in version.inputs.values()}
    fitting = [i for i in inputs.values() if i.format == form.name]
    if input_id is not None:
        if input_id not in inputs:
            hint = did_you_mean(input_id, inputs)
            raise NO_INPUT.refusal("--input", seen=input_id, ruleset=ruleset.name, hint=hint)
        fitting = [i for i in fitting if i.id == input_id]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(f"`{i.id}`" for i in fitting)
        raise InputError(
            str(path),
            f"several inputs of `{ruleset.name}` fit: {names}; name one with `--input`",
            zh=f"`{ruleset.name}` 有多个输入适用：{names}；请用 `--input` 指明",
        )
    raise InputError(
        str(path),
        f"it is no journal, and `{ruleset.name}` describes no such input of format `{form.name}`",
        zh=f"它不是台账，`{ruleset.name}` 也没有说明这种 `{form.name}` 格式的输入",
    )
