"""Kill what acts on cases, over and over, and check that nothing is lost and nothing doubled.

    python tests/chaos/run.py [--kills 200] [--seed 1] [--on sqlite|postgresql|both]

It ends with 1 if anything is wrong, and names the seed of the story in which it was.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from databases import Place, PostgresServer, SqliteFile
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rounds import Story, Totals
from rules import Rules, rules

PLACES: dict[str, type[SqliteFile | PostgresServer]] = {
    "sqlite": SqliteFile,
    "postgresql": PostgresServer,
}


def main(arguments: list[str]) -> int:
    """Run what is asked for; 1 when something is wrong."""
    given = _options(arguments)
    names = list(PLACES) if given.on == "both" else [given.on]
    compiled, code = rules(), 0
    for name in names:
        begun = time.perf_counter()
        totals, seed = _run(compiled, name, given.seed, given.kills // len(names))
        _print(name, totals, time.perf_counter() - begun)
        if not totals.is_clean:
            code = 1
            for line in (*totals.lost, *totals.doubled, *totals.wrong)[:10]:
                print(f"  {line}")
            print(f'  again: make chaos ARGS="--on {name} --seed {seed} --kills 1"', flush=True)
    return code


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--kills", type=int, default=200, help="how many processes to kill")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the first story")
    parser.add_argument("--on", choices=[*PLACES, "both"], default="both", help="the database")
    return parser.parse_args(arguments)


def _run(compiled: Rules, name: str, seed: int, kills: int) -> tuple[Totals, int]:
    """Play stories until so many processes were killed; gives the seed of the last one too."""
    totals, place = Totals(), PLACES[name]()
    try:
        with _progress() as progress, tempfile.TemporaryDirectory() as folder:
            task = progress.add_task(name, total=kills)
            while totals.kills < kills and totals.is_clean:
                _story(compiled, place, seed, Path(folder), totals, progress, task)
                seed += 1
    finally:
        place.close()
    return totals, seed - 1


def _story(  # noqa: PLR0913, PLR0917 - all of it is what a story plays with
    compiled: Rules,
    place: Place,
    seed: int,
    folder: Path,
    totals: Totals,
    progress: Progress,
    task: object,
) -> None:
    story = Story(compiled, place, seed, folder, totals)
    for killed in story.rounds():
        progress.advance(task, killed)  # type: ignore[arg-type]
        progress.refresh()


def _progress() -> Progress:
    """A bar that draws itself when it is told to: nothing may run while processes are forked."""
    return Progress(
        TextColumn("{task.description:>10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        auto_refresh=False,
    )


def _print(name: str, totals: Totals, seconds: float) -> None:
    share = totals.inside / max(totals.kills, 1)
    answers = ", ".join(f"{times} {words}" for words, times in totals.errors.most_common())
    lines = (
        f"{name}: {totals.rounds} rounds, {seconds:.0f} s",
        f"  kills {totals.kills}, inside a transaction {totals.inside} ({share:.0%}),"
        f" of which in its commit {totals.committing}; server killed {totals.crashes}",
        f"  the database answered with errors: {answers or 'none'}",
        f"  acknowledged acts {totals.told}, timers fired at the end {totals.fired}",
        f"  lost {len(totals.lost)}, doubled {len(totals.doubled)}, wrong {len(totals.wrong)}",
    )
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
