"""Whether the desk lives, serves, and how it does, for machines that watch it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse

from handlers.web import models
from handlers.web.door import door_of

if TYPE_CHECKING:
    from services.domain.delivery import DeliveryState
    from services.ports.storage import Transaction

router = APIRouter()


@router.get("/healthz", response_model=None, responses={200: {"model": models.HealthModel}})
async def healthz() -> JSONResponse:
    """The process answers."""
    return JSONResponse({"status": "ok"})


@router.get(
    "/readyz",
    response_model=None,
    responses={
        200: {"model": models.ReadyModel},
        503: {"model": models.ReadyModel, "description": "Not yet, or not any more"},
    },
)
async def readyz(request: Request) -> JSONResponse:
    """Schema, engine and web serve; chat surfaces are listed but not waited for."""
    door = door_of(request)
    told = door.settings.readiness()
    body = {"ready": told.ready, "parts": {**told.parts, "web": "ok"}, "surfaces": dict(told.surfaces)}
    return JSONResponse(body, status_code=200 if told.ready else 503)


def _counts(tx: Transaction) -> dict[DeliveryState, int]:
    return dict(tx.deliveries.count_by_state())


@router.get("/metrics", response_class=PlainTextResponse, responses={401: {"model": models.ErrorAnswer}})
async def metrics(request: Request) -> PlainTextResponse:
    """Counters in the text form that monitoring reads."""
    door = door_of(request)
    counts = await door.services.store.read(_counts)
    uptime = (door.services.clock.now() - door.opened_at).total_seconds()
    lines = [
        "# TYPE copydesk_uptime_seconds gauge",
        f"copydesk_uptime_seconds {uptime:.0f}",
        "# TYPE copydesk_http_requests_total counter",
        f"copydesk_http_requests_total {door.requests}",
        "# TYPE copydesk_background_tasks gauge",
        f"copydesk_background_tasks {door.tasks.running}",
        "# TYPE copydesk_event_watchers gauge",
        f"copydesk_event_watchers {door.watchers.count}",
        "# TYPE copydesk_deliveries gauge",
        *(f'copydesk_deliveries{{state="{state.value}"}} {n}' for state, n in sorted(counts.items())),
    ]
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4; charset=utf-8")
