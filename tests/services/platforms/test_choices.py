"""What networks forbid of choices: told before anybody approves, not when it is too late."""

from __future__ import annotations

import pytest

from services.domain.account import Account, Dedupe
from services.domain.ids import AccountId
from services.domain.post import Severity, Variant
from services.platforms.bluesky import SPEC as BLUESKY
from services.platforms.mastodon import SPEC as MASTODON
from services.platforms.threads import SPEC as THREADS
from services.ports.platform import PlatformSpec
from tests.builders import NOW


def problems(spec: PlatformSpec, options: dict[str, str], *parts: str) -> list[tuple[str, str]]:
    account = Account(
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
    variant = Variant(account_id=account.id, platform=spec.slug, parts=parts or ("Hello",), options=options)
    found = list(spec.check_options(variant, account))
    assert all(p.severity is Severity.BLOCK for p in found)
    return [(p.message, p.fix) for p in found]


def test_a_content_warning_counts_with_every_post() -> None:
    warned = {"content_warning": "Loud"}
    assert problems(MASTODON, warned, "a" * 496) == []
    told = [("With its content warning it is 501 of 500 characters.", "Shorten by 1.")]
    assert problems(MASTODON, warned, "Short", "a" * 497) == told
    linked = {"content_warning": "https://example.com/" + "a" * 80}
    told = [("With its content warning it is 501 of 500 characters.", "Shorten by 1.")]
    assert problems(MASTODON, linked, "a" * 401) == told, "only the text's links are short"
    assert problems(MASTODON, warned, "a" * 501) == [], "the text says that itself"
    assert problems(MASTODON, {}, "a" * 500) == []


@pytest.mark.parametrize(("language", "wrong"), [("", False), ("de", False), ("kab", False), ("d1", True), ("d", True)])
def test_mastodon_takes_the_code_of_a_language(language: str, wrong: bool) -> None:
    found = problems(MASTODON, {"language": language})
    told = (f"“{language}” is not the code of a language.", "Write two letters, like en.")
    assert found == ([told] if wrong else [])


def test_bluesky_takes_three_tags() -> None:
    assert problems(BLUESKY, {"language": "de, en-GB,pt-BR"}) == []
    assert problems(BLUESKY, {}) == []
    assert problems(BLUESKY, {"language": "de, not a language"}) == [
        ("“not a language” is not the tag of a language.", "Write tags like en or pt-BR.")
    ]
    assert problems(BLUESKY, {"language": "de,en,fr,it"}) == [
        ("There are 4 languages; Bluesky takes 3.", "Keep the main ones.")
    ]


@pytest.mark.parametrize("topic", ["", "Builds", "#Builds", "x" * 50])
def test_threads_takes_a_topic(topic: str) -> None:
    assert problems(THREADS, {"topic_tag": topic}) == []


@pytest.mark.parametrize("topic", ["v2.0", "salt & sea", "x" * 51])
def test_threads_takes_no_other_topic(topic: str) -> None:
    told = ("This can't be a topic tag.", "Use up to 50 characters, without a dot or an ampersand.")
    assert problems(THREADS, {"topic_tag": topic}) == [told]
