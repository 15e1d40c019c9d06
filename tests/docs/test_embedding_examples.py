"""The example applications run, each in a process of its own as its reader would run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pages import DOCS

EXAMPLES = DOCS / "examples"
MOST_LINES = 80

FASTAPI = """
from fastapi.testclient import TestClient
from fastapi_app import application
from kaocheng import StoreError
from kaocheng.stores import AsyncEngine

body = {"at": "2026-01-29T09:00:00+01:00", "data": {"entity": "W", "trust_service": False}}
headers = {"x-user": "li", "idempotency-key": "a"}
with TestClient(application()) as client:
    for _ in range(2):
        answer = client.post("/cases/incident/1/become_aware", json=body, headers=headers)
        print(answer.status_code, answer.json())
    print([case["case"] for case in client.get("/cases").json()])
    answer = client.post("/cases/incident/1/warm", json=body, headers={"x-user": "li"})
    print(answer.status_code, answer.json()["detail"][0]["text"])
    answer = client.get("/cases", params={"limit": 0})
    print(answer.status_code, answer.json())

async def lost(*_, **__):
    raise StoreError("the database could not read: it is gone", retry=True)

with TestClient(application()) as client:
    AsyncEngine.cases = lost
    answer = client.get("/cases")
    print(answer.status_code, answer.headers["retry-after"], answer.json())
"""
DJANGO = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from django.conf import settings
from django_app import application
from django.test import Client
from kaocheng import StoreError

application()
sent = {"at": "2026-01-29T09:00:00+01:00", "data": {"entity": "W", "trust_service": False}}
for event in ("become_aware", "warm"):
    answer = Client().post(f"/cases/incident/1/{event}", sent, content_type="application/json",
                           headers={"x-user": "li"})
    print(answer.status_code, answer.json())

for body in ("{", {**sent, "at": "noon"}):
    answer = Client().post("/cases/incident/1/warn", body, content_type="application/json")
    print(answer.status_code, answer.json())

def lost(*_, **__):
    raise StoreError("the database could not write: it is gone")

settings.KAOCHENG_ENGINES.own.act = lost
answer = Client().post("/cases/incident/1/warn", sent, content_type="application/json")
print(answer.status_code, answer.json())

together = Barrier(4)
def request(number):
    together.wait()
    answer = Client().post(f"/cases/incident/{number}/become_aware", sent,
                           content_type="application/json", headers={"x-user": "li"})
    return answer.status_code, settings.KAOCHENG_ENGINES.own

with ThreadPoolExecutor(4) as threads:
    answers = list(threads.map(request, range(2, 6)))
print([status for status, _ in answers])
print(len({id(engine) for _, engine in answers}), len({id(e.program) for _, e in answers}))
"""
UNKNOWN = "`incident` has no event `warm`; did you mean `warn`"


def ran(*arguments: str) -> str:
    """What Python prints with these arguments, in the folder of the examples."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=EXAMPLES,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_an_example_is_short(example: Path) -> None:
    """An embedding application fits on a page or two."""
    assert len(example.read_text("utf-8").splitlines()) < MOST_LINES


def test_plain_sqlalchemy(tmp_path: Path) -> None:
    """The application's row and the act are kept together, or neither."""
    printed = ran("plain_sqlalchemy.py", f"sqlite:///{tmp_path / 'incidents.db'}")

    assert printed.splitlines()[0].startswith("refused: `at`")
    assert "['pump station unreachable'] ['incident/1']" == printed.splitlines()[-1]


def test_fastapi() -> None:
    """The same request twice is one act; a refusal has its reasons, and so has what fails."""
    lines = ran("-c", FASTAPI).splitlines()

    assert ["200 {'state': None, 'findings': [], 'undetermined': []}"] * 2 == lines[:2]
    assert "['incident/1']" == lines[2]
    assert lines[3].startswith("409 ")
    assert UNKNOWN in lines[3]
    assert "422 {'detail': '`limit` must be a whole number from 1'}" == lines[4]
    gone = {"detail": "the database could not read: it is gone", "uncertain": False}
    assert f"503 1 {gone}" == lines[5]


def test_django() -> None:
    """The same of the view, and of what is no request; at one time they have an engine each."""
    lines = ran("-c", DJANGO).splitlines()

    assert "200 {'state': None, 'sequence': 1, 'undetermined': []}" == lines[0]
    assert lines[1].startswith("409 ")
    assert UNKNOWN in lines[1]
    assert lines[2].startswith("422 {'detail': 'Expecting property name")
    assert lines[3].startswith("409 {'reasons': ['`at`: `noon` is not a date")
    gone = {"detail": "the database could not write: it is gone", "uncertain": False}
    assert f"503 {gone}" == lines[4]
    assert ["[200, 200, 200, 200]", "4 1"] == lines[5:]
