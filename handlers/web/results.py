"""Results: what came of what went out, with its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from handlers.views import results as view
from handlers.web.door import door_of
from handlers.web.html import page
from handlers.web.within import stranger
from services.domain.errors import DeskError, InvalidInput, NotFound

if TYPE_CHECKING:
    from handlers.views.look import Look
    from handlers.web.door import Door
    from services.domain.insight import Report
    from services.results import Results

router = APIRouter(include_in_schema=False)


@router.get("/results")
async def results(request: Request, period: str = view.DEFAULT, network: str = "", charts: str = "") -> Response:
    """Numbers at once; the charts follow, or come with the page where scripts are off (`charts=1`)."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    _check(door, period, network)
    look = door.call(await door.person(request)).look()
    source = door.services.results
    since, until = view.span(period, look)
    numbers = await source.numbers(since=since, until=until, platform=network)
    accounts = {s.account.id: s.account for s in numbers.standings}
    columns, missing = view.columns(numbers)
    wanted = bool(charts) and numbers.followed
    report, problem = await _report(source, look, period, network) if wanted else (None, None)
    return page(
        request,
        "results.html",
        here="results",
        period=period,
        periods=view.PERIODS,
        network=network,
        networks=door.desk.labels,
        columns=columns,
        missing=view.in_words(missing),
        link=_link,
        numbers=numbers,
        posts=view.post_rows(numbers, accounts, look),
        answers=view.answer_rows(numbers, look),
        standings=view.standing_rows(numbers, look),
        zone=look.zone,
        whole=wanted,
        again="",
        report=report,
        problem=problem,
        moods=view.mood_shares(report.moods if report else None),
    )


@router.get("/results/report")
async def report_piece(request: Request, period: str = view.DEFAULT, network: str = "") -> Response:
    """Findings and charts as a piece of the page."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    _check(door, period, network)
    look = door.call(await door.person(request)).look()
    report, problem = await _report(door.services.results, look, period, network)
    link = _link(period=period, network=network, charts="1")
    moods = view.mood_shares(report.moods if report else None)
    return page(request, "results_report.html", again=link, report=report, problem=problem, moods=moods)


def _check(door: Door, period: str, network: str) -> None:
    if period not in view.PERIODS:
        msg = f"“{period[:40]}” is no period."
        raise InvalidInput(msg, next_step=f"It can be {', '.join(view.PERIODS)}.", field="period")
    if network and network not in door.desk.labels:
        raise NotFound("There is no such network.", next_step="Choose one of the networks of this desk.")


async def _report(source: Results, look: Look, period: str, network: str) -> tuple[Report | None, DeskError | None]:
    """The report, or in words why there is none: the numbers are shown in any case."""
    since, until = view.span(period, look)
    try:
        return await source.report(since=since, until=until, zone=look.zone, platform=network), None
    except DeskError as error:
        return None, error


def _link(**query: str) -> str:
    return f"/results?{urlencode({name: value for name, value in query.items() if value})}"
