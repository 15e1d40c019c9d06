"""A web service over an engine, which all requests share: acts and the worklist.

KAOCHENG_DATABASE=sqlite:///incidents.db uvicorn fastapi_app:application --factory
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from attrs import asdict
from fastapi import Body, Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse

from kaocheng import Actor, ArgumentError, Host, StoreError
from kaocheng.stores import AsyncEngine, AsyncSqlStore


def actor_of(x_user: Annotated[str, Header()], x_roles: Annotated[str, Header()] = "") -> Actor:
    """Who acts, as the proxy before this service says: what it says is trusted."""
    return Actor(id=f"person/{x_user}", roles=tuple(x_roles.split()))


def application(url: str | None = None) -> FastAPI:
    """The service on the database of that URL."""
    address = url or os.environ.get("KAOCHENG_DATABASE", "sqlite://")
    held: dict[str, AsyncEngine] = {}

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        store = await AsyncSqlStore.open(address)
        ruleset = Host.discover().load("nis2")
        held["engine"] = AsyncEngine(ruleset, store=store, clock=lambda: time.time_ns() // 1000)
        yield
        await store.close()

    app = FastAPI(title="Incidents", lifespan=lifespan)

    @app.exception_handler(ArgumentError)
    async def unusable(_request: Request, error: ArgumentError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, 422)

    @app.exception_handler(StoreError)
    async def unavailable(_request: Request, error: StoreError) -> JSONResponse:
        again = {"Retry-After": "1"} if error.retry else None
        return JSONResponse({"detail": str(error), "uncertain": error.uncertain}, 503, again)

    @app.post("/cases/{kind}/{number}/{event}")
    async def act(
        case: Annotated[str, Depends(lambda kind, number: f"{kind}/{number}")],
        event: str,
        actor: Annotated[Actor, Depends(actor_of)],
        sent: Annotated[dict[str, Any], Body()],
        idempotency_key: Annotated[str | None, Header()] = None,
    ) -> dict[str, Any]:
        outcome = await held["engine"].act(
            case,
            event,
            at=str(sent.get("at")),
            actor=actor,
            data=sent.get("data"),
            idempotency_key=idempotency_key,
        )
        if not outcome.accepted:
            reasons = [{"code": r.code, "text": r.message()} for r in outcome.reasons]
            raise HTTPException(409, detail=reasons)
        findings = [dict(row) for row in outcome.findings]
        undetermined = [deadline.message() for deadline in outcome.undetermined]
        return {"state": outcome.state, "findings": findings, "undetermined": undetermined}

    @app.get("/cases")
    async def cases(after: str | None = None, limit: int = 20) -> list[dict[str, Any]]:
        return [asdict(case) for case in await held["engine"].cases(after=after, limit=limit)]

    return app
