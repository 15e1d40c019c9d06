"""Acts from Django: a view over engines, which have a database of their own.

Django's models and the engine's cases are in two transactions here; the idempotency key
makes the view safe to repeat. To have one transaction, use SQLAlchemy for both.

    python django_app.py runserver
"""

from __future__ import annotations

import json
import sys
import threading
import time

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kaocheng import Actor, ArgumentError, Engine, Host, Outcome, Ruleset, StoreError
from kaocheng.evaluate.python import Program, compile_plan
from kaocheng.stores import SqlStore


class Engines(threading.local):
    """An engine of its own for each thread that asks; what is costly to make, they share."""

    def __init__(self, store: SqlStore, ruleset: Ruleset, program: Program) -> None:
        self.own = Engine(
            ruleset, store=store, program=program, clock=lambda: time.time_ns() // 1000
        )


@csrf_exempt
@require_POST
def act(request: HttpRequest, kind: str, number: str, event: str) -> JsonResponse:
    """Do something to a case; 409 with every reason when the ruleset refuses it."""
    case, engine = f"{kind}/{number}", settings.KAOCHENG_ENGINES.own
    try:
        sent, key = json.loads(request.body), request.headers.get("idempotency-key")
        actor = Actor(id=f"person/{request.headers.get('x-user')}")
        outcome: Outcome = engine.act(
            case, event, sent.get("data"), at=sent.get("at"), actor=actor, idempotency_key=key
        )
    except (ArgumentError, json.JSONDecodeError) as error:
        return JsonResponse({"detail": str(error)}, status=422)
    except StoreError as error:
        return JsonResponse({"detail": str(error), "uncertain": error.uncertain}, status=503)
    if not outcome.accepted:
        return JsonResponse({"reasons": [r.message() for r in outcome.reasons]}, status=409)
    undetermined = [deadline.message() for deadline in outcome.undetermined]
    said = {"state": outcome.state, "sequence": engine.sequence(case)}
    return JsonResponse(said | {"undetermined": undetermined})


urlpatterns = [path("cases/<str:kind>/<str:number>/<str:event>", act)]


def application(url: str = "sqlite://") -> WSGIHandler:
    """The application on the database of that URL."""
    ruleset = Host.discover().load("nis2")
    engines = Engines(SqlStore.open(url), ruleset, compile_plan(ruleset.plan))
    settings.configure(
        ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], DEBUG=False, KAOCHENG_ENGINES=engines
    )
    django.setup()
    return WSGIHandler()


if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    application("sqlite:///incidents.db")
    execute_from_command_line(sys.argv)
