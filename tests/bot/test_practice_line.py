"""The line that says nothing leaves this machine: it follows the accounts, and never promises what does not run."""

from __future__ import annotations

import pytest

from bot.practising import PracticeLine
from services.domain.account import Account, PracticeMode
from tests.builders import an_account


class Listed:
    """The accounts as another process may change them."""

    def __init__(self) -> None:
        self.accounts: list[Account] = [an_account(practice=True)]

    async def list(self) -> list[Account]:
        return self.accounts


@pytest.mark.parametrize(
    ("mode", "running", "after"),
    [
        (PracticeMode.AUTO, True, False),
        (PracticeMode.ON, True, True),
        (PracticeMode.AUTO, False, False),
        (PracticeMode.OFF, False, False),
    ],
)
async def test_it_follows_the_first_real_account(mode: PracticeMode, running: bool, after: bool) -> None:
    accounts = Listed()
    line = PracticeLine(mode, accounts, running=running)
    await line.look()
    assert line() is running
    accounts.accounts.append(an_account(practice=False))
    await line.look()
    assert line() is after
