"""What every registered platform lets people choose can be asked in every form and told on every card."""

from __future__ import annotations

import pytest

from bot.registry import PLATFORMS
from handlers.discord.forms import CHOICES_MOST, HELP_MOST, TITLE_MOST
from services.content.options import option_problems
from services.domain.account import Account, Dedupe
from services.domain.ids import AccountId
from services.domain.post import Variant
from services.ports.options import PostOption
from services.ports.platform import PlatformSpec
from tests.builders import NOW

EVERY = [(spec, option) for spec in PLATFORMS for option in spec.options]


def an_account(spec: PlatformSpec) -> Account:
    return Account(
        id=AccountId("acc"),
        platform=spec.slug,
        handle="driftseas",
        name="Driftseas",
        remote_id="1",
        base_url="https://social.test",
        dedupe=Dedupe.LOOKUP,
        limits=spec.default_limits,
        limits_at=NOW,
        created_at=NOW,
    )


@pytest.mark.parametrize("spec", PLATFORMS, ids=lambda spec: spec.slug)
def test_no_two_options_have_one_name(spec: PlatformSpec) -> None:
    names = [option.name for option in spec.options]
    assert len(names) == len(set(names))
    assert len({option.title for option in spec.options}) == len(names), "a person could not tell them apart"


@pytest.mark.parametrize(("spec", "option"), EVERY, ids=[f"{s.slug}-{o.name}" for s, o in EVERY])
def test_an_option_can_be_asked_and_read(spec: PlatformSpec, option: PostOption) -> None:
    assert option.name.isidentifier()
    assert 0 < len(f"{option.title} · {spec.label}") <= TITLE_MOST
    assert len(option.help) <= 2 * HELP_MOST
    values = [choice.value for choice in option.choices]
    assert len(values) == len(set(values)) <= CHOICES_MOST
    assert all(choice.text.strip() and len(choice.text) <= 75 for choice in option.choices)
    if option.choices:
        assert option.most is None
        assert not option.lines
        assert option.asked is (option.default == "" and "" not in values), "asked for, or a default that is a choice"
        assert not option.asked or len(values) > 1
    else:
        assert not option.asked, "what has to be chosen is chosen from a list"


@pytest.mark.parametrize("spec", PLATFORMS, ids=lambda spec: spec.slug)
def test_only_what_must_be_asked_blocks_a_post_without_choices(spec: PlatformSpec) -> None:
    variant = Variant(account_id=AccountId("acc"), platform=spec.slug, parts=("Ships today.",))
    missing = [p.code for p in option_problems(variant, an_account(spec), spec)]
    assert missing == ["option_missing"] * sum(option.asked for option in spec.options)
