"""Some weeks of posts that were never sent by anyone, so that charts and insights have something to find."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.practice import composing, ids, pictures
from bot.practice.audience import chance
from bot.practice.kinds import Json, Network, Origin
from bot.practice.linkedin.littletext import written
from bot.practice.media import Item, Shelf, digest_of

if TYPE_CHECKING:
    from bot.practice.book import Value
    from bot.practice.identity import Identity
    from bot.practice.posts import Posts
    from bot.practice.settings import PracticeSettings

FEWEST, MOST = 8, 12
HOURS = (7, 8, 9, 9, 10, 12, 14, 16, 19, 22)
WIDTH, HEIGHT = 160, 90
PICTURED = 0.4
ALWAYS_PICTURED = frozenset({Network.INSTAGRAM, Network.TIKTOK})
COLOURS = ((27, 26, 23), (179, 38, 30), (47, 107, 60), (227, 179, 90))
ALT = "A flat colour card from the practice history."
TOPICS = ("the build cache", "our tokenizer", "the test runner", "the eval harness", "the editor plugin", "the CLI")
LINES = (
    "We rewrote {topic}. Cold start went from {a} ms to {b} ms.",
    "What would make {topic} easier to trust?",
    "Release notes for {topic} are out: https://driftseas.example.com/notes/{a}",
    "A small thing we like about {topic}: it tells you what it skipped, and why.",
    "Three lessons from a year of {topic}: measure first, delete second, and write the migration before the feature.",
    "Which flag of {topic} do you always forget?",
    "{a} pull requests later, {topic} runs on ARM. #devtools",
    "Office hours on Thursday: bring your worst log line about {topic}.",
    "We broke {topic} on Tuesday. The write-up says how, what it cost, and which {b} checks would have caught it.",
    "Quiet week, so we deleted {a} lines from {topic}.",
    "Do you run {topic} in CI or only on your machine?",
    "New in {topic}: plain error messages. No codes, no stack traces, one sentence and the next step. #machinelearning",
    (
        "People ask how we test {topic}. The honest answer is slowly: every fault we ever saw is a script, every script"
        " runs on every change, and nothing ships while one of them is red. It is boring, it takes an hour, and it is"
        " the only reason we sleep at night when a release goes out."
    ),
    "Chart of the week: memory of {topic} over {b} releases.",
    "Thank you to everyone who tried the beta of {topic}.",
)


def seed(network: Network, posts: Posts, shelf: Shelf, account: Identity, settings: PracticeSettings) -> None:
    """Write a network's whole history; the newest post is a day old, so that its counts are final."""
    end = settings.now().astimezone(UTC) - timedelta(days=1)
    lines: list[tuple[Value, ...]] = []
    cards = [_card(shelf, network, colour, end) for colour in COLOURS]
    for number, at in enumerate(sorted(_moments(network, end, settings))):
        text, card = _text(settings.seed, network, number), None
        if network in ALWAYS_PICTURED or chance(settings.seed, network, number, "picture") < PICTURED:
            card = cards[number % len(cards)]
        lines.append(
            posts.line(_write(network, account, at, text, card), network, account.author(network), Origin.HISTORY)
        )
    posts.add_many(lines)
    while posts.ripen():
        continue


def _moments(network: Network, end: datetime, settings: PracticeSettings) -> list[datetime]:
    moments = []
    for week in range(settings.history_weeks):
        start = end - timedelta(weeks=week + 1)
        number = FEWEST + int(chance(settings.seed, network, week) * (MOST - FEWEST + 1))
        for turn in range(number):
            day = start + timedelta(days=7 * turn / number)
            hour = HOURS[int(chance(settings.seed, network, week, turn) * len(HOURS))]
            minute = int(chance(settings.seed, network, week, turn, "minute") * 60)
            at = day.replace(hour=hour, minute=minute, second=turn, microsecond=0)
            moments.append(min(at, end - timedelta(seconds=turn)))
    return moments


def _text(seed_: int, network: Network, number: int) -> str:
    line = LINES[(number + int(chance(seed_, network, number // len(LINES)) * len(LINES))) % len(LINES)]
    topic = TOPICS[int(chance(seed_, network, number, "topic") * len(TOPICS))]
    a = 120 + int(chance(seed_, network, number, "a") * 800)
    b = 4 + int(chance(seed_, network, number, "b") * 60)
    text = line.format(topic=topic, a=a, b=b)
    return text[0].upper() + text[1:]


def _card(shelf: Shelf, network: Network, colour: tuple[int, int, int], at: datetime) -> Item:
    content = pictures.plain_png(WIDTH, HEIGHT, colour)
    number = str(COLOURS.index(colour) + 1)
    names = {Network.BLUESKY: ids.blob_cid(content), Network.LINKEDIN: f"urn:li:image:HISTORY{number}"}
    name = names.get(network, number)
    item = Item(
        network=network,
        id=name,
        digest=digest_of(content),
        mime="image/png",
        size=len(content),
        width=WIDTH,
        height=HEIGHT,
        alt=ALT,
        focus="",
        created_at=at,
        post=Origin.HISTORY.value,
    )
    shelf.keep(item, content)
    return item


def _write(network: Network, account: Identity, at: datetime, text: str, card: Item | None) -> composing.NewPost:
    low = int(chance(network, at, text) * 65_536)
    shown = [] if card is None else [card.id]
    if network is Network.MASTODON:
        body = composing.status_body(media=shown)
        return composing.NewPost(
            id=ids.snowflake(at, low), text=text, body=body, cid="", created_at=at, pictures=len(shown)
        )
    if network in {Network.THREADS, Network.FACEBOOK, Network.INSTAGRAM}:
        body = composing.graph_body(media=shown)
        number = ids.media_number(at, low)
        return composing.NewPost(
            id=f"{account.mastodon_id}_{number}" if network is Network.FACEBOOK else number,
            text=text,
            body=body,
            cid="",
            created_at=at,
            pictures=len(shown),
        )
    if network is Network.TIKTOK:
        body = {"media_ids": shown, "title": "", "video": None, "privacy_level": "PUBLIC_TO_EVERYONE"}
        return composing.NewPost(
            id=ids.video_number(at, low), text=text, body=body, cid="", created_at=at, pictures=len(shown)
        )
    if network is Network.X:
        body = {"media_ids": shown, "reply_settings": ""}
        return composing.NewPost(
            id=ids.post_number(at, low), text=text, body=body, cid="", created_at=at, pictures=len(shown)
        )
    if network is Network.LINKEDIN:
        body = {"author": account.page_urn, "commentary": written(text), "visibility": "PUBLIC", "media_ids": shown}
        urn = f"urn:li:share:{ids.entity_number(at, low)}"
        return composing.NewPost(id=urn, text=text, body=body, cid="", created_at=at, pictures=len(shown))
    body = composing.record(text, at)
    if card is not None:
        body["embed"] = _embed(card)
    return composing.NewPost(
        id=ids.at_uri(account.did, ids.tid(at, low)),
        text=text,
        body=body,
        cid=ids.record_cid(body),
        created_at=at,
        pictures=len(shown),
    )


def _embed(card: Item) -> Json:
    blob = {"$type": "blob", "ref": {"$link": card.id}, "mimeType": card.mime, "size": card.size}
    image = {"image": blob, "alt": card.alt, "aspectRatio": {"width": card.width, "height": card.height}}
    return {"$type": "app.bsky.embed.images", "images": [image]}
