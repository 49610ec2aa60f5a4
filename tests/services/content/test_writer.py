"""The writer asks once, judges by each network's rules, sends back what fails, and never cuts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from services.content.brand_file import DEFAULT_BRAND
from services.content.offline import OfflineModel
from services.content.writer import Writer
from services.domain.account import Limits
from services.domain.errors import InvalidInput, Refused, Unavailable
from services.domain.ids import AccountId, Digest, PlatformSlug
from services.domain.media import MediaItem, Picture
from services.domain.post import Brief, Outline, Variant
from services.ports.models import Writing
from services.ports.platform import Measure
from tests.services.content.support import (
    PLATFORMS,
    CountingRules,
    ScriptedModel,
    StillClock,
    account,
    answers,
    revision,
)

if TYPE_CHECKING:
    from services.ports.models import WritingTask

BRIEF = Brief(text="Tides are regular.")
TERSE, ROOMY = account("terse"), account("roomy")


def writer(model: ScriptedModel | OfflineModel) -> Writer:
    return Writer(model, PLATFORMS, StillClock())


def variant(*parts: str, **changes: object) -> Variant:
    made = Variant(account_id=TERSE.id, platform=PlatformSlug("terse"), parts=parts)
    return replace(made, **changes)  # type: ignore[arg-type]  # the tests name fields of Variant


async def test_one_call_writes_for_all_accounts_in_their_order() -> None:
    model = ScriptedModel([answers(terse="Short.", roomy="Longer.")])
    written = await writer(model).write(brand=DEFAULT_BRAND, brief=BRIEF, accounts=[ROOMY, TERSE])
    assert [(v.account_id, v.parts) for v in written.variants] == [(ROOMY.id, ("Longer.",)), (TERSE.id, ("Short.",))]
    assert (written.made_with, written.outline.topic, written.notes) == ("scripted:one", "T", ())
    (task,) = model.asked
    assert [(t.label, t.limit, t.unit, t.guidance) for t in task.targets] == [
        ("Roomy", 3000, "characters", "How Roomy reads."),
        ("Terse", 300, "characters", "How Terse reads."),
    ]
    measure = task.targets[1].measure
    assert measure is not None
    assert not measure("x" * 301).valid


async def test_only_what_fails_goes_back_with_its_reason() -> None:
    model = ScriptedModel([answers(terse="x" * 310, roomy="Fine."), answers(terse="Short now.")])
    written = await writer(model).write(brand=DEFAULT_BRAND, brief=BRIEF, accounts=[TERSE, ROOMY])
    assert [v.text for v in written.variants] == ["Short now.", "Fine."]
    (complaint,) = model.asked[1].complaints
    assert complaint.account_id == TERSE.id
    assert complaint.text == "x" * 310
    assert complaint.problems == ("310 of 300 characters. Shorten by 10.",)


async def test_what_is_wrong_with_pictures_is_nothing_a_writer_can_mend() -> None:
    model = ScriptedModel([answers(terse="Short.")])
    platforms = {**PLATFORMS, TERSE.platform: replace(PLATFORMS[TERSE.platform], needs_media=True)}
    w = Writer(model, platforms, StillClock())
    written = await w.write(brand=DEFAULT_BRAND, brief=BRIEF, accounts=[TERSE])
    assert [p.code for p in w.problems(written.variants[0], TERSE, DEFAULT_BRAND)] == ["no_picture"]
    assert len(model.asked) == 1
    assert written.notes == ()


async def test_after_two_repairs_the_text_stays_whole_with_its_problem() -> None:
    model = ScriptedModel([answers(terse="a" * 400), answers(terse="b" * 350), answers(terse="c" * 320)])
    w = writer(model)
    written = await w.write(brand=DEFAULT_BRAND, brief=BRIEF, accounts=[TERSE])
    assert len(model.asked) == 3
    assert written.variants[0].text == "c" * 320
    assert [p.code for p in w.problems(written.variants[0], TERSE, DEFAULT_BRAND)] == ["too_long"]


async def test_a_repair_that_is_worse_or_the_same_is_not_taken() -> None:
    worse = answers(terse="**x** " * 100 + "[link]")
    model = ScriptedModel([answers(terse="a" * 400), worse, answers(terse="never asked")])
    written = await writer(model).write(brand=DEFAULT_BRAND, brief=BRIEF, accounts=[TERSE])
    assert written.variants[0].text == "a" * 400
    assert len(model.asked) == 2


async def test_a_failing_repair_keeps_the_first_texts_and_tells() -> None:
    def refuse(_: WritingTask) -> Writing:
        raise Refused("Vendor declined to write this.")

    model = ScriptedModel([answers(terse="A game-changing tide."), refuse])
    written = await writer(model).write(brand=DEFAULT_BRAND, brief=BRIEF, accounts=[TERSE])
    assert written.variants[0].text == "A game-changing tide."
    assert written.notes == ("The model could not correct what is marked: Vendor declined to write this.",)


async def test_the_first_failure_reaches_the_caller() -> None:
    def refuse(_: WritingTask) -> Writing:
        raise Refused("Vendor declined to write this.")

    with pytest.raises(Refused, match="Vendor declined"):
        await writer(ScriptedModel([refuse])).write(brand=DEFAULT_BRAND, brief=BRIEF, accounts=[TERSE])


async def test_an_answer_without_a_text_is_no_answer() -> None:
    model = ScriptedModel([answers(terse=" ")])
    with pytest.raises(Unavailable, match="could not be used"):
        await writer(model).write(brand=DEFAULT_BRAND, brief=BRIEF, accounts=[TERSE])


@dataclass
class HangingModel:
    """Answers `quick` times, then never again."""

    quick: int
    name: str = "hanging:one"

    async def aclose(self) -> None:
        """See `TextModel.aclose`: nothing is open."""

    async def write(self, task: WritingTask) -> Writing:
        if self.quick == 0:
            await asyncio.Event().wait()
        self.quick -= 1
        return Writing(outline=Outline(), texts={t.account_id: "y" * 999 for t in task.targets})


async def test_the_deadline_ends_a_model_that_hangs() -> None:
    w = Writer(HangingModel(0), PLATFORMS, StillClock(), deadline=0.01)
    with pytest.raises(Unavailable, match=r"timed out after 0\.01 s"):
        await w.write(brand=DEFAULT_BRAND, brief=BRIEF, accounts=[TERSE])


async def test_the_deadline_ends_repairs_and_keeps_what_there_is() -> None:
    w = Writer(HangingModel(1), PLATFORMS, StillClock(), deadline=0.01)
    written = await w.write(brand=DEFAULT_BRAND, brief=BRIEF, accounts=[TERSE])
    assert written.variants[0].text == "y" * 999
    assert written.notes == ("There was no time left to have the model correct what is marked.",)


@pytest.mark.parametrize(
    ("brief", "accounts", "field"), [(Brief(text=" \n"), [TERSE], "brief"), (BRIEF, [], "accounts")]
)
async def test_nothing_to_write_is_said(brief: Brief, accounts: list[object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await writer(ScriptedModel([])).write(brand=DEFAULT_BRAND, brief=brief, accounts=accounts)  # type: ignore[arg-type]  # an empty list has no type
    assert caught.value.field == field


async def test_pictures_and_options_outlive_a_rewrite_and_a_thread_stays_one() -> None:
    picture = Picture(item=MediaItem(digest=Digest("0"), mime="image/png", width=1, height=1, size=1), alt="A tide")
    old = replace(
        revision({TERSE.id: "One\n---\nTwo"}),
        variants=(variant("One", "Two", media=(picture,), options={"visibility": "unlisted"}),),
    )
    model = ScriptedModel([answers(terse="First\n---\nSecond", roomy="A\n---\nB")] * 2)
    accounts = [TERSE, account("roomy")]
    written = await writer(model).write(
        brand=DEFAULT_BRAND, brief=BRIEF, accounts=accounts, wish="friendlier", previous=old
    )
    assert written.variants[0] == variant("First", "Second", media=(picture,), options={"visibility": "unlisted"})
    assert written.variants[1].parts == ("A\n---\nB",)


def test_problems_name_the_part_and_judge_pictures_once() -> None:
    picture = Picture(item=MediaItem(digest=Digest("0"), mime="image/png", width=1, height=1, size=1))
    found = writer(ScriptedModel([])).problems(
        variant("Fine.", "x" * 305, "[link]", media=(picture,)), TERSE, DEFAULT_BRAND, claims=("9 % faster",)
    )
    assert [(p.code, p.message) for p in found] == [
        ("too_long", "Part 2: 305 of 300 characters."),
        ("placeholder", 'Part 3: A placeholder is left: "[link]".'),
        ("claims", 'Part 1: One statement needs a check: "9 % faster".'),
        ("alt_text", "Part 1: A picture has no words for those who can't see it."),
    ]


def test_limits_on_parts_pictures_and_descriptions_block() -> None:
    item = MediaItem(digest=Digest("0"), mime="image/png", width=1, height=1, size=1)
    tight = replace(TERSE, limits=Limits(text=300, unit="characters", images=1, alt_text=3, thread_parts=1))
    pictures = (Picture(item=item, alt="long"), Picture(item=item, alt="ok"))
    found = writer(ScriptedModel([])).problems(variant("One", "Two", media=pictures), tight, DEFAULT_BRAND)
    assert [p.code for p in found] == ["too_many_parts", "too_many_pictures", "alt_too_long"]


def test_a_thread_measures_as_its_longest_part() -> None:
    measured = writer(ScriptedModel([])).measure(variant("x" * 5, "y" * 301), TERSE)
    assert (measured.length, measured.limit, measured.valid) == (301, 300, False)
    assert [p.message for p in measured.problems] == ["Part 2: 301 of 300 characters."]


def test_a_second_count_over_its_limit_blocks_too() -> None:
    class TwoCounts:
        def split(self, text: str, limits: Limits) -> tuple[str, ...]:
            return CountingRules().split(text, limits)

        def measure(self, text: str, limits: Limits) -> Measure:
            also = Measure(length=len(text.encode()), limit=10, unit="bytes")
            return Measure(length=len(text), limit=limits.text, unit=limits.unit, also=also)

    platforms = {TERSE.platform: replace(PLATFORMS[TERSE.platform], rules=TwoCounts())}
    w = Writer(ScriptedModel([]), platforms, StillClock())
    (problem,) = w.problems(variant("ääääääää"), TERSE, DEFAULT_BRAND)
    assert (problem.code, problem.message, problem.fix) == ("too_long", "16 of 10 bytes.", "Shorten by 6.")


def thread(count: int) -> str:
    return "\n---\n".join(f"Post {n} of the tide." for n in range(1, count + 1))


async def test_a_brief_of_parts_makes_threads_where_there_are_some() -> None:
    single = replace(ROOMY, limits=replace(ROOMY.limits, thread_parts=1))
    tight = account("middle", limits=replace(account("middle").limits, thread_parts=3))
    model = ScriptedModel([answers(terse=thread(4), middle=thread(3), roomy="One post.")])
    written = await writer(model).write(
        brand=DEFAULT_BRAND, brief=replace(BRIEF, parts=4), accounts=[TERSE, tight, single]
    )
    assert [t.parts for t in model.asked[0].targets] == [4, 3, 1]
    assert [len(v.parts) for v in written.variants] == [4, 3, 1]
    assert written.notes == (
        "Middle gets 3 posts, which is the most there can be.",
        "Roomy takes no threads, so it gets one post.",
    )


async def test_a_wrong_number_of_posts_goes_back_and_then_is_told() -> None:
    model = ScriptedModel([answers(terse=thread(2)), answers(terse=thread(3)), answers(terse=thread(3))])
    written = await writer(model).write(brand=DEFAULT_BRAND, brief=replace(BRIEF, parts=4), accounts=[TERSE])
    (complaint,) = model.asked[1].complaints
    assert complaint.problems == ("It has 2 posts; 4 were asked for. Put them in parts.",)
    assert complaint.text == thread(2)
    assert len(model.asked) == 3
    assert len(written.variants[0].parts) == 3
    assert written.notes == ("Terse has 3 posts, not 4.",)


async def test_a_post_of_a_thread_that_is_too_long_goes_back_by_its_number() -> None:
    long = f"{thread(2)}\n---\n{'x' * 301}"
    model = ScriptedModel([answers(terse=long), answers(terse=thread(3))])
    written = await writer(model).write(brand=DEFAULT_BRAND, brief=replace(BRIEF, parts=3), accounts=[TERSE])
    (complaint,) = model.asked[1].complaints
    assert complaint.problems == ("Part 3: 301 of 300 characters. Shorten by 1.",)
    assert written.variants[0].text == thread(3)
    assert written.notes == ()


async def test_a_wish_for_other_parts_is_followed_within_bounds() -> None:
    old = replace(revision({TERSE.id: thread(3)}), variants=(variant("One", "Two", "Three"),))
    model = ScriptedModel([answers(terse=thread(15)), answers(terse="All in one.")])
    w = writer(model)
    many = await w.write(brand=DEFAULT_BRAND, brief=BRIEF, accounts=[TERSE], wish="as a thread of 40", previous=old)
    assert [t.parts for t in model.asked[0].targets] == [15]
    assert len(many.variants[0].parts) == 15
    assert many.notes == ("Terse gets 15 posts, which is the most there can be.",)
    one = await w.write(brand=DEFAULT_BRAND, brief=BRIEF, accounts=[TERSE], wish="as one post", previous=old)
    assert [t.parts for t in model.asked[1].targets] == [1]
    assert one.variants[0].parts == ("All in one.",)


async def test_an_adaptation_that_adds_a_fact_goes_back_and_what_is_left_is_to_verify() -> None:
    brief = Brief(text="Tides.", source="High water comes 2 times a day.")
    model = ScriptedModel([answers(terse="3 times a day."), answers(terse="4 times a day, see https://t.example.")] * 2)
    written = await writer(model).write(brand=DEFAULT_BRAND, brief=brief, accounts=[TERSE])
    assert model.asked[1].complaints[0].problems == ("“3” stands neither in the post nor in the brief.",)
    assert written.variants[0].text == "3 times a day."
    assert written.outline.claims == ("3 times a day.",)
    assert written.notes == ("Not in the text it was adapted from: 3.",)


async def test_what_a_wish_adds_to_an_adaptation_is_given() -> None:
    brief = Brief(text="Tides.", source="High water comes 2 times a day.")
    old = revision({TERSE.id: "2 times a day, Ada measured 7 metres."})
    model = ScriptedModel([answers(terse="2 times a day, 7 metres, 12 km wide.")])
    written = await writer(model).write(
        brand=DEFAULT_BRAND, brief=brief, accounts=[TERSE], wish="say that it is 12 km wide", previous=old
    )
    assert (len(model.asked), written.notes) == (1, ())


async def test_an_adaptation_that_keeps_to_its_facts_is_taken_at_once() -> None:
    brief = Brief(text="Tides.", source="High water comes 2 times a day, at 6:12 and 18:40.")
    model = ScriptedModel([answers(terse="2 times a day: 6:12, 18:40.")])
    written = await writer(model).write(brand=DEFAULT_BRAND, brief=brief, accounts=[TERSE])
    assert (len(model.asked), written.notes, written.outline.claims) == (1, (), ())


async def test_the_offline_composer_says_itself_why_a_thread_is_short() -> None:
    written = await writer(OfflineModel()).write(
        brand=DEFAULT_BRAND,
        brief=Brief(text="Tides are regular everywhere. The moon pulls the sea along.", parts=5),
        accounts=[TERSE],
    )
    assert written.variants[0].parts == (
        "Tides are regular everywhere.",
        "The moon pulls the sea along.\n\n#RegularEverywhere",
    )
    assert written.notes == (
        "The material holds enough for 2 posts, not 5. Add facts to the notes for a longer thread.",
    )


async def test_offline_texts_need_no_repair() -> None:
    brief = Brief(text="Announce release 2.4 of the tracer. Overhead falls by 12 %. Spans survive restarts. " * 3)
    w = writer(OfflineModel())
    accounts = [account("terse", limit=60), account("middle"), account("roomy")]
    written = await w.write(brand=DEFAULT_BRAND, brief=brief, accounts=accounts)
    assert written.made_with == "offline"
    assert [w.problems(v, a, DEFAULT_BRAND) for v, a in zip(written.variants, accounts, strict=True)] == [(), (), ()]
    assert AccountId("acc-terse") == written.variants[0].account_id
