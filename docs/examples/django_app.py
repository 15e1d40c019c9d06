"""Acts from Django: a view over an engine, which has a database of its own.

Django's models and the engine's cases are in two transactions here; the idempotency key
makes the view safe to repeat. To have one transaction, use SQLAlchemy for both.

    python django_app.py runserver
"""

from __future__ import annotations

import json
import sys
import time
from functools import cache

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kaocheng import Actor, Engine, Host
from kaocheng.stores import SqlStore


@cache
def engine() -> Engine:
    """The engine of this process; with threads, give each its own with the same `program`."""
    store = SqlStore.open(settings.KAOCHENG_DATABASE)
    ruleset = Host.discover().load("nis2")
    return Engine(ruleset, store=store, clock=lambda: time.time_ns() // 1000)


@csrf_exempt
@require_POST
def act(request: HttpRequest, kind: str, number: str, event: str) -> JsonResponse:
    """Do something to a case; 409 with every reason when the ruleset refuses it."""
    sent = json.loads(request.body)
    outcome = engine().act(
        f"{kind}/{number}",
        event,
        at=sent["at"],
        actor=Actor(id=f"person/{request.headers['x-user']}"),
        data=sent.get("data"),
        idempotency_key=request.headers.get("idempotency-key"),
    )
    if not outcome.accepted:
        return JsonResponse({"reasons": [r.message() for r in outcome.reasons]}, status=409)
    return JsonResponse({"state": outcome.state, "sequence": engine().sequence(f"{kind}/{number}")})


urlpatterns = [path("cases/<str:kind>/<str:number>/<str:event>", act)]


def application(url: str = "sqlite://") -> WSGIHandler:
    """The application on the database of that URL."""
    settings.configure(
        ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], DEBUG=False, KAOCHENG_DATABASE=url
    )
    django.setup()
    return WSGIHandler()


if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    application("sqlite:///incidents.db")
    execute_from_command_line(sys.argv)
