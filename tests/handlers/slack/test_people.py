"""Who somebody on Slack is, and how often Slack is asked."""

from __future__ import annotations

import asyncio

import pytest

from handlers.slack.people import People
from handlers.slack.teams import OneTeam, Team
from handlers.slack.wire import Wire
from services.domain.actor import Role
from services.domain.errors import NeedsOperator, RateLimited, Refused, Unavailable
from services.domain.identity import GroupRole, Standing
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore
from tests.fakes.slack import FakeSlack
from tests.fakes.slack.fixtures import fake_slack, fake_slack_app

__all__ = ["fake_slack", "fake_slack_app"]


class Asked:
    """People over a fake Slack."""

    def __init__(self, slack: FakeSlack) -> None:
        assert isinstance(slack.clock, FakeClock)
        self.slack, self.clock, self.store = slack, slack.clock, MemoryStore()
        self.wire = Wire(self.clock, slack.api_url)
        self.people = People(self.wire, self.store, self.clock)

    async def team(self) -> Team:
        return await OneTeam(self.wire, self.slack.world.app.bot_token).get()

    async def map(self, group: str, role: Role = Role.APPROVER) -> None:
        row = GroupRole(surface="slack", team=self.slack.world.team_id, group=group, name="g", role=role)
        await self.store.write(lambda tx: tx.identities.put_group(row))

    def count(self, method: str) -> int:
        return len(self.slack.world.transcript.named(method))


@pytest.fixture
async def asked(fake_slack: FakeSlack) -> Asked:
    return Asked(fake_slack)


@pytest.fixture(autouse=True)
async def _closed(asked: Asked) -> object:
    yield
    await asked.wire.close()


@pytest.mark.parametrize(
    ("more", "standing"),
    [
        ({}, Standing.MEMBER),
        ({"is_admin": True}, Standing.ADMIN),
        ({"is_owner": True}, Standing.ADMIN),
        ({"is_restricted": True}, Standing.GUEST),
        ({"is_ultra_restricted": True, "is_admin": True}, Standing.GUEST),
        ({"team_id": "T0OTHER", "is_admin": True}, Standing.GUEST),
        ({"deleted": True}, Standing.GUEST),
    ],
)
async def test_a_standing_is_what_slack_says(asked: Asked, more: dict[str, object], standing: Standing) -> None:
    person = asked.slack.join("ana", tz="Europe/Berlin", **more)
    visitor = await asked.people.visitor(await asked.team(), person.id)

    assert (visitor.name, visitor.zone, visitor.standing) == ("ana", "Europe/Berlin", standing)
    assert (visitor.surface, visitor.team, visitor.user) == ("slack", asked.slack.world.team_id, person.id)


async def test_a_person_is_asked_about_once_an_hour_however_many_click(asked: Asked) -> None:
    person, team = asked.slack.join("ana"), await asked.team()
    await asyncio.gather(*(asked.people.visitor(team, person.id) for _ in range(20)))
    assert asked.count("users.info") == 1

    person.user.is_admin = True
    await asked.clock.advance(3599)
    assert (await asked.people.visitor(team, person.id)).standing is Standing.MEMBER
    await asked.clock.advance(1)
    assert (await asked.people.visitor(team, person.id)).standing is Standing.ADMIN
    assert asked.count("users.info") == 2


async def test_what_is_remembered_does_while_slack_is_down_and_a_stranger_is_not_guessed(asked: Asked) -> None:
    person, team = asked.slack.join("ana"), await asked.team()
    await asked.people.visitor(team, person.id)
    await asked.clock.advance(4000)
    asked.slack.inject("users.info", status=503, times=2)
    assert (await asked.people.visitor(team, person.id)).name == "ana"
    with pytest.raises(Unavailable):
        await asked.people.visitor(team, asked.slack.join("ben").id)


async def test_a_missing_scope_is_the_operators_and_not_hidden_by_what_is_remembered(asked: Asked) -> None:
    person, team = asked.slack.join("ana"), await asked.team()
    await asked.people.visitor(team, person.id)
    await asked.clock.advance(4000)
    asked.slack.inject("users.info", error="missing_scope")
    with pytest.raises(NeedsOperator):
        await asked.people.visitor(team, person.id)


async def test_only_groups_that_mean_something_are_asked_about_and_for_ten_minutes(asked: Asked) -> None:
    ana, team = asked.slack.join("ana"), await asked.team()
    press, other = asked.slack.group("press", "ana"), asked.slack.group("other", "ana")
    assert (await asked.people.visitor(team, ana.id)).groups == frozenset()
    assert asked.count("usergroups.users.list") == 0

    await asked.map(press)
    assert (await asked.people.visitor(team, ana.id)).groups == {press}
    asked.slack.world.groups[press].users.clear()
    await asked.clock.advance(599)
    assert (await asked.people.visitor(team, ana.id)).groups == {press}
    await asked.clock.advance(1)
    assert (await asked.people.visitor(team, ana.id)).groups == frozenset()
    assert asked.count("usergroups.users.list") == 2
    assert other


@pytest.mark.parametrize("error", ["plan_upgrade_required", "missing_scope", "no_such_subteam"])
async def test_groups_that_can_not_be_read_are_none(asked: Asked, error: str) -> None:
    ana, team = asked.slack.join("ana"), await asked.team()
    press = asked.slack.group("press", "ana")
    await asked.map(press)
    asked.slack.inject("usergroups.users.list", error=error)
    assert (await asked.people.visitor(team, ana.id)).groups == frozenset()


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 429, "retry_after": 7}, {"error": "internal_error"}])
async def test_a_group_nobody_knows_yet_is_not_guessed_and_asked_about_again(
    asked: Asked, fault: dict[str, object]
) -> None:
    ana, team = asked.slack.join("ana"), await asked.team()
    press = asked.slack.group("press", "ana")
    await asked.map(press)
    asked.slack.inject("usergroups.users.list", **fault)
    with pytest.raises((Unavailable, RateLimited)):
        await asked.people.visitor(team, ana.id)
    await asked.clock.advance(8)
    assert (await asked.people.visitor(team, ana.id)).groups == {press}


async def test_those_slack_does_not_know_leave_nothing_behind(asked: Asked) -> None:
    team = await asked.team()
    for number in range(3):
        with pytest.raises(Refused):
            await asked.people.visitor(team, f"U0NOBODY{number}")
    assert not asked.people._asking


async def test_a_group_that_can_not_be_read_now_is_as_it_was(asked: Asked) -> None:
    ana, team = asked.slack.join("ana"), await asked.team()
    press = asked.slack.group("press", "ana")
    await asked.map(press)
    await asked.people.visitor(team, ana.id)
    await asked.clock.advance(700)
    asked.slack.inject("usergroups.users.list", status=503)
    assert (await asked.people.visitor(team, ana.id)).groups == {press}


async def test_a_guest_is_in_no_group(asked: Asked) -> None:
    gus, team = asked.slack.join("gus", is_restricted=True), await asked.team()
    await asked.map(asked.slack.group("press", "gus"))
    assert (await asked.people.visitor(team, gus.id)).groups == frozenset()


async def test_people_of_a_team_that_is_gone_are_forgotten(asked: Asked) -> None:
    ana, team = asked.slack.join("ana"), await asked.team()
    await asked.map(asked.slack.group("press", "ana"))
    await asked.people.visitor(team, ana.id)
    asked.people.forget(team.id)
    await asked.people.visitor(team, ana.id)
    assert (asked.count("users.info"), asked.count("usergroups.users.list")) == (2, 2)


async def test_a_person_slack_does_not_know_is_an_error(asked: Asked) -> None:
    with pytest.raises(Refused, match="not in the workspace"):
        await asked.people.visitor(await asked.team(), "U0NOBODY")
