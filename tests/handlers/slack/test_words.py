"""What people type, as the words they meant."""

from __future__ import annotations

import pytest

from handlers.slack.words import people_in, spoken


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("<@U0BOT> draft Ships today", "draft Ships today"),
        ("draft a post for <@U0BOT>", "draft a post for"),
        ("thank <@U1> and <@U2>", "thank @Ana and @U2"),
        ("thank <@U1|ana.b>", "thank @ana.b"),
        ("roles <!subteam^S1|@press>=approver", "roles group:S1(press)=approver"),
        ("roles <!subteam^S1>=approver", "roles group:S1()=approver"),
        ("see <https://a.test/x?a=1&amp;b=2|the page>", "see https://a.test/x?a=1&b=2"),
        ("see <https://a.test>", "see https://a.test"),
        ("write <mailto:a@b.test|a@b.test>", "write a@b.test"),
        ("in <#C1|desk> and <#C2>", "in #desk and #C2"),
        ("<!here> <!channel>", "@here @channel"),
        ("on <!date^1772528400^{date}|3 March>", "on 3 March"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("&amp;lt; stays", "&lt; stays"),
        ("draft\n\nfacts < more", "draft\n\nfacts < more"),
        ("", ""),
    ],
)
def test_slacks_marks_become_words(typed: str, meant: str) -> None:
    assert spoken(typed, bot="U0BOT", names={"U1": "Ana"}) == meant


def test_only_those_without_a_name_have_to_be_looked_up() -> None:
    assert people_in("<@U1> <@U2|ben> <@W3> <#C1> <@U1>") == {"U1", "W3"}
