"""What the benchmarks say of their figures; the benchmarks themselves do not run here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - found at run time
    """The modules `measuring` and `run`, which stand in no package."""
    monkeypatch.syspath_prepend(str(FOLDER))
    import measuring
    import run

    yield measuring, run
    for name in ("measuring", "run"):
        del sys.modules[name]


def test_a_ratio_is_on_the_side_of_its_bar(modules: Any) -> None:  # noqa: ANN401
    """Bars say how many times as fast we are at least, or as slow at most."""
    measuring, _ = modules
    figures = {"ours": 2e-6, "peer": 5e-6}

    assert ("2 µs", "5 µs, peer", "2.50 x as fast", ">= 2", True) == measuring.compared(
        "act", figures, "peer", ">= 2"
    )[1:]
    assert ("0.40 x as long", True) == measuring.compared("act", figures, "peer", "<= 3")[3::2]
    assert not measuring.compared("act", figures, "peer", ">= 3").ok


def test_a_rate_says_how_many_in_a_second(modules: Any) -> None:  # noqa: ANN401
    """Of operations on many things, the table shows things per second and the ratio."""
    measuring, _ = modules
    figures = {"ours": 0.5, "python": 2.0}

    assert (
        "80,000 reports/s",
        "20,000 reports/s, python",
        "4.00 x as fast",
        ">= 4",
        True,
    ) == measuring.rated("a year", 40_000, "reports", figures, "python", ">= 4")[1:]


def test_a_bar_may_have_a_unit(modules: Any) -> None:  # noqa: ANN401
    """A figure without a peer is held against its own bar."""
    measuring, _ = modules

    assert measuring.bounded("load", 0.9, "900 ms", "<= 1 s").ok
    assert not measuring.bounded("load", 1.1, "1.1 s", "<= 1 s").ok


@pytest.mark.parametrize(("figure", "code"), [(0.9, 0), (1.1, 1)])
def test_a_missed_bar_is_an_exit_code(
    figure: float,
    code: int,
    modules: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The command ends with 1 when one bar is missed, and the table says which."""
    measuring, run = modules
    row = measuring.bounded("load", figure, f"{figure} s", "<= 1 s")
    monkeypatch.setattr(run, "measured", lambda _: [row])

    assert code == run.main(["load"])
    assert capsys.readouterr().out.splitlines()[-1].endswith("missed" if code else "ok")


def test_every_benchmark_is_found(modules: Any) -> None:  # noqa: ANN401
    """Each file `bench_NAME.py` is run, unless a filter leaves it out."""
    _, run = modules
    names = [path.stem for path in sorted(FOLDER.glob("bench_*.py"))]

    assert names == list(run.benchmarks([]))
    assert ["bench_load"] == list(run.benchmarks(["load"]))
