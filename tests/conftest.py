"""What all tests share: Hypothesis profiles, the real data, evaluators and the command line."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
import structlog
from attrs import frozen
from hypothesis import HealthCheck, settings
from structlog.testing import capture_logs

from kaocheng.assessing import Evaluator
from kaocheng.host import Host

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("nightly", max_examples=5_000, deadline=None, print_blob=True)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") == "true" else "dev")
)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data that `KAOCHENG_DATA` names; the test is skipped when it is unset."""
    name = os.environ.get("KAOCHENG_DATA")
    if not name:
        pytest.skip("KAOCHENG_DATA is not set, so the tests on real data do not run")
    folder = Path(name)
    if not folder.is_dir():
        pytest.fail(f"KAOCHENG_DATA names no folder: {folder}")
    return folder


@pytest.fixture
def logged() -> Iterator[list[dict[str, object]]]:
    """What an application that has configured structlog gets."""
    with capture_logs() as notes:
        yield notes
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def host() -> Host:
    """What is installed."""
    return Host.discover()


@pytest.fixture(scope="session")
def samples(host: Host) -> dict[str, Path]:
    """The sample input of each shipped ruleset that has one."""
    return {
        name: min((folder / "sample").iterdir())
        for name, folder in host.rulesets.items()
        if (folder / "sample").is_dir()
    }


@pytest.fixture(scope="session", params=["python", "columns"])
def evaluator(request: pytest.FixtureRequest) -> Evaluator:
    """Each of the evaluators that give rows."""
    name: Evaluator = request.param
    if name == "columns":
        columns = pytest.importorskip("kaocheng.evaluate.columns")
        if not hasattr(columns, "run"):
            pytest.skip("the columns evaluator does not run yet")
    return name


@frozen(kw_only=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def cli() -> Callable[..., Ran]:
    """Runs a command of `kaocheng` in this process, as a terminal of 80 columns would show it."""
    return _run


def _run(*arguments: object) -> Ran:
    from kaocheng.cli.app import run

    out, err = _capture(), _capture()
    code = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            run([str(argument) for argument in arguments])
        except SystemExit as stopped:
            code = stopped.code if isinstance(stopped.code, int) else 1
    return Ran(code=code, out=_text(out), err=_text(err))


def _capture() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
