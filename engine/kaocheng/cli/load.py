"""`kaocheng load`: a journal into a database, all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from kaocheng.cli.options import (
    DatabaseArgument,
    InputArgument,
    InputIdOption,
    Language,
    LanguageOption,
    RulesetArgument,
    TenantOption,
)

if TYPE_CHECKING:
    from kaocheng.engine.loading import Loaded
    from kaocheng.host import Host
    from kaocheng.language.ruleset import Ruleset
    from kaocheng.model.events import Journal
    from kaocheng.stores import SqlStore

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {"loaded": "events: {events}, cases: {cases}, doubtful: {doubts}", "why": "{}: {}: {}"},
    "zh": {"loaded": "事件：{events}，事项：{cases}，存疑：{doubts}", "why": "{}：{}：{}"},
}


def load(
    database: DatabaseArgument,
    ruleset: RulesetArgument,
    path: InputArgument,
    *,
    input_id: InputIdOption = None,
    tenant: TenantOption = "default",
    lang: LanguageOption = Language.EN,
) -> None:
    """Load a journal into a database, all of it or nothing. It is made if there is none.

    What the lifecycle would have refused is loaded too, and listed: exit 1. So is what stands
    behind a hole in the numbers of its case.
    """
    from kaocheng.host import Host
    from kaocheng.stores.opening import open_or_make

    host = Host.discover()
    rules = host.load(ruleset)
    journal = _read(path, rules, host, input_id=input_id, language=lang.value)
    store = open_or_make(database, tenant=tenant)
    try:
        loaded = _load(store, rules, journal, label=path.name)
    finally:
        store.close()
    typer.echo("\n".join(_lines(loaded, journal, lang.value)))
    raise typer.Exit(1 if loaded.doubts else 0)


def _read(
    path: Path, ruleset: Ruleset, host: Host, *, input_id: str | None, language: str
) -> Journal:
    """The journal of a file, every line of which has been read."""
    from kaocheng.cli.loading import progress
    from kaocheng.errors import InputError
    from kaocheng.opening import open_input
    from kaocheng.rendering.table import plain_console, print_places

    with progress(path.name) as on_progress:
        journal = open_input(
            path, ruleset, host.formats(), input_id=input_id, on_progress=on_progress
        )
    if journal.unreadable:
        print_places("unreadable", journal.unreadable, language, plain_console(stderr=True))
        raise InputError(
            str(path),
            "nothing is loaded because not every line could be read",
            zh="有无法读取的行，因此未载入任何内容",
        )
    return journal


def _load(store: SqlStore, ruleset: Ruleset, journal: Journal, *, label: str) -> Loaded:
    from kaocheng.cli.loading import progress
    from kaocheng.engine import Engine
    from kaocheng.engine.loading import BadEventError
    from kaocheng.engine.store import ClashError
    from kaocheng.errors import InputError

    try:
        with progress(label) as on_progress, store.place.write() as opened:
            engine = Engine(ruleset, store=store).bind(opened.connection)
            return engine.load(journal.events, on_progress=on_progress)
    except (BadEventError, ClashError) as error:
        place = _places(journal).get((error.case, error.sequence))
        if place is None:
            raise
        raise InputError(place, str(error), zh=error.zh) from error


def _places(journal: Journal) -> Mapping[tuple[object, object], str]:
    """Where each event stands: its file and line."""
    keys = ((event.case, event.sequence) for event in journal.events)
    return dict(zip(keys, journal.places, strict=True))


def _lines(loaded: Loaded, journal: Journal, language: str) -> Iterator[str]:
    from kaocheng.rendering.values import printable

    texts = _TEXTS[language]
    counts = {"events": loaded.events, "cases": loaded.cases, "doubts": len(loaded.doubts)}
    yield texts["loaded"].format(**counts)
    places = _places(journal) if loaded.doubts else {}
    for doubt in loaded.doubts:
        place, event = places[doubt.case, doubt.sequence], f"{doubt.case}#{doubt.sequence}"
        yield printable("  " + texts["why"].format(place, event, doubt.message(language)))
