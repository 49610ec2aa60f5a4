"""Writes docs/reference/platforms.md from the platforms' SPECs; with --check it only says whether the page is stale."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot.registry import PLATFORMS  # noqa: E402 (the script runs from anywhere)
from services.content.moving import KINDS  # noqa: E402
from services.domain.account import Dedupe  # noqa: E402
from services.ports.platform import PlatformSpec, Role  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import timedelta

    from services.domain.account import DocumentLimits, VideoLimits
    from services.ports.options import PostOption

PAGE: Final = ROOT / "docs" / "reference" / "platforms.md"
COMMAND: Final = "python scripts/docs_platforms.py"
ROLES: Final = {
    Role.FINDER: "finds a post whose answer was lost",
    Role.DELETER: "takes posts down",
    Role.EDITOR: "changes the words of posts that are live",
    Role.HIDER: "hides comments",
    Role.METRICS: "reads numbers",
    Role.COMMENTS: "reads comments",
    Role.HISTORY: "reads what was said before the desk came",
    Role.REPLIER: "replies to comments",
    Role.REFRESHER: "renews its token by itself",
    Role.WATCHER: "is watched until a post it accepted is live",
}
SAMPLE: Final = {
    "`https://` addresses": "https://example.com/a",
    "bare addresses": "example.com",
    "`#tags`": "#tides",
    "`@names`": "@mirasol",
    "`@name.domain`": "@mirasol.example.com",
    "`@name@server`": "@mirasol@example.social",
    "`@[Name](urn)`": "@[Quillon](urn:li:organization:123)",
}
"""Ways to write what may become clickable."""
INTRO: Final = f"""# What each platform can do

Written by `{COMMAND}` from what the code knows; don't edit it by hand. The numbers are what an
account starts with; a server or an account with limits of its own replaces them when it is connected. Each name leads
to the page with the rest: how to connect, what is not supported, and the sources.
"""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def name(spec: PlatformSpec) -> str:
    """The platform, leading to its own page."""
    return f"[{spec.label}](../../services/platforms/{spec.slug}/README.md)"


def megabytes(size: int) -> str:
    """Bytes as people say them."""
    if size >= 1_000_000_000:
        return f"{size / 1_000_000_000:.1f}".removesuffix(".0") + " GB"
    return f"{size / 1_000_000:.1f}".removesuffix(".0") + " MB"


def text(spec: PlatformSpec) -> str:
    """How long a post may be."""
    limits = spec.default_limits
    more = f" and {limits.text_bytes:,} bytes" if limits.text_bytes else ""
    return f"{limits.text:,} {limits.unit}{more}"


def clickable(spec: PlatformSpec) -> str:
    """Which ways of writing become links, found by asking the platform's own marks."""
    found = [
        how
        for how, written in SAMPLE.items()
        if any((mark.start, mark.end) == (0, len(written)) for mark in spec.marks(written))
    ]
    return ", ".join(found) or "nothing"


def pace(spec: PlatformSpec) -> str:
    """How many posts an account may send."""
    return " and ".join(budget.sentence for budget in spec.budgets) or "no limit stated"


def thread(spec: PlatformSpec) -> str:
    """How many posts may follow one another."""
    parts = spec.default_limits.thread_parts
    return f"up to {parts} parts" if parts > 1 else "no"


def posts() -> str:
    """Texts, links and threads."""
    rows = (
        [
            name(spec),
            text(spec) + (", or as the server says" if spec.limits_from_instance else ""),
            str(spec.default_limits.url_length or "as written"),
            clickable(spec),
            thread(spec),
            pace(spec),
        ]
        for spec in PLATFORMS
    )
    return table(["platform", "text", "a link counts", "clickable", "threads", "at most"], rows)


def sizes(spec: PlatformSpec) -> str:
    """How large a picture may be."""
    limits = spec.default_limits
    told = []
    if limits.image_bytes:
        told.append(megabytes(limits.image_bytes))
    if limits.image_pixels:
        told.append(f"{limits.image_pixels:,} pixels")
    if limits.image_ratio:
        told.append("width by height from {:g} to {:g}".format(*limits.image_ratio))
    return ", ".join(told) or "no limit stated"


def count(spec: PlatformSpec) -> str:
    """How many pictures a post may have, or must."""
    images = spec.default_limits.images
    return f"1 to {images}" if spec.needs_media else f"up to {images}" if images else "none"


def fetched(spec: PlatformSpec) -> str:
    """Whether the network comes for its pictures, and so must reach the desk."""
    if not spec.pulls_pictures:
        return "no"
    return "yes" if spec.needs_media and (spec.pulls_videos or spec.default_limits.video is None) else "for pictures"


def pictures() -> str:
    """Pictures: how many, of which kinds, how they get there."""
    rows = []
    for spec in PLATFORMS:
        limits = spec.default_limits
        kinds = ", ".join(mime.partition("/")[2].upper() for mime in limits.image_types)
        alt = f"up to {limits.alt_text:,} characters" if limits.alt_text else "yes, no limit stated"
        alt = alt if spec.alt_texts else "no"
        made = f"{spec.picture.width} × {spec.picture.height}"
        told = [kinds, sizes(spec), alt, made] if limits.images else [""] * 4
        rows.append([name(spec), count(spec), *told, fetched(spec)])
    heads = ["platform", "per post", "kinds", "at most", "alt text", "made at", "needs `COPYDESK_PUBLIC_URL`"]
    return table(heads, rows)


def between(pair: tuple[float, float]) -> str:
    """A limit with a least and a most."""
    return f"{plain(pair[0])} to {plain(pair[1])}"


def plain(value: float) -> str:
    """A number as people write it, without a power of ten."""
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def shape(limits: VideoLimits) -> str:
    """How large and how fast the pictures of a video may be."""
    told = (
        limits.side and f"sides from {limits.side[0]:,} to {limits.side[1]:,}",
        limits.width and f"{limits.width:,} wide",
        limits.pixels and f"{limits.pixels:,} pixels",
        limits.ratio and f"width by height from {between(limits.ratio)}",
        limits.frame_rate and f"{limits.frame_rate[1]:g} pictures a second",
    )
    return ", ".join(one for one in told if one)


def papers(limits: DocumentLimits | None) -> str:
    """What a document may be."""
    if limits is None:
        return "no"
    kinds = ", ".join(KINDS.get(mime, mime) for mime in limits.types)
    pages = f", {limits.pages:,} pages" if limits.pages else ""
    return f"{kinds}, {megabytes(limits.size)}{pages}"


def lasting(seconds: tuple[float, float] | None) -> str:
    """How long a video may be."""
    if seconds is None:
        return "any"
    least, most = seconds
    longest = f"{most:g} s" if most <= 180 else f"{most / 60:g} minutes"
    return f"up to {longest}" if least == 0 else f"{least:g} s to {longest}"


def videos() -> str:
    """Videos, documents and polls: what may go out instead of pictures, or beside them."""
    rows = []
    for spec in PLATFORMS:
        video, poll = spec.default_limits.video, spec.default_limits.poll
        asked = f"up to {poll.answers} answers of {poll.characters} characters" if poll else "no"
        if video is None:
            rows.append([name(spec), "no", "", "", "", "", "", "", papers(spec.default_limits.document), asked])
            continue
        kinds = ", ".join(KINDS.get(mime, mime) for mime in video.types)
        codecs = ", ".join((*video.codecs, *video.audio)) or "any"
        length = lasting(video.seconds)
        document = papers(spec.default_limits.document)
        pulled = "yes" if spec.pulls_videos else "no"
        beside = f"up to {spec.default_limits.mixed} together" if spec.default_limits.mixed else "no"
        told = [kinds, codecs, megabytes(video.size), length, shape(video), beside, pulled, document, asked]
        rows.append([name(spec), *told])
    heads = [
        "platform",
        "videos",
        "codecs",
        "at most",
        "length",
        "shape",
        "beside pictures",
        "need `COPYDESK_PUBLIC_URL`",
    ]
    return table([*heads, "documents", "polls"], rows)


def plays(spec: PlatformSpec, role: Role) -> str:
    """Whether accounts play a role, or which do."""
    return (spec.roles[role] or "yes") if role in spec.roles else "no"


def roles() -> str:
    """What is possible beside publishing."""
    used = [role for role in Role if any(role in spec.roles for spec in PLATFORMS)]
    lines = "".join(f"- **{role}** {ROLES[role]}\n" for role in used)
    rows = ([name(spec), *(plays(spec, role) for role in used)] for spec in PLATFORMS)
    return f"{lines}\n{table(['platform', *used], rows)}"


def minutes(life: timedelta | None) -> str:
    """How long a key is good for."""
    return "for ever" if life is None else f"for {life.total_seconds() / 60:g} minutes"


def lost(spec: PlatformSpec) -> str:
    """What is done about a call whose answer was lost."""
    return {
        Dedupe.KEY: f"it is made again with the same key, which is remembered {minutes(spec.key_life)}",
        Dedupe.STATUS: "the network is asked what became of what was handed in",
        Dedupe.LOOKUP: "the account's own posts are read",
    }[spec.dedupe]


def choices(option: PostOption) -> str:
    """What an option may be, the default in bold."""
    if not option.choices:
        most = f", at most {option.most} characters" if option.most else ""
        return f"one entry a line{most}" if option.lines else f"free text{most}"
    told = ((f"`{one.value}`" if one.value else "empty", one) for one in option.choices)
    return ", ".join(f"**{word}**" if one.value == option.default and not option.asked else word for word, one in told)


def options() -> str:
    """What a person may set on a version."""
    rows = (
        [name(spec), option.title, f"`{option.name}`", choices(option), "must be chosen" if option.asked else ""]
        for spec in PLATFORMS
        for option in spec.options
    )
    return table(["platform", "option", "name", "values, the default in bold", ""], rows)


def fields() -> str:
    """What connects an account."""
    rows = [
        [
            name(spec),
            f"`{one.name}`",
            one.label,
            "yes" if one.required else "no",
            "yes" if one.secret else "no",
            one.help,
        ]
        for spec in PLATFORMS
        for one in spec.fields
    ]
    return table(["platform", "field", "what it is", "required", "secret", "where it comes from"], rows)


def page() -> str:
    """The whole page."""
    sections = {
        "Posts": posts(),
        "Pictures": "Pictures that the desk makes or fits have the size under “made at”. A network that needs "
        "`COPYDESK_PUBLIC_URL` fetches pictures from the desk, so it must be able to reach it.\n\n" + pictures(),
        "Videos, documents and polls": "A document or a poll goes alone with the first post, and one video "
        "where none is shown beside pictures ([how](../how-to/pictures-and-videos.md)).\n\n" + videos(),
        "Beside publishing": "Every platform proves its credentials by reading, and publishes. Replying and hiding "
        "have no button on the desk yet. Besides:\n\n" + roles(),
        "When an answer is lost": "No post is sent again blindly ([delivery](../explanation/delivery.md)). Until it is "
        "known what became of it:\n\n" + table(["platform", "what is done"], ([name(s), lost(s)] for s in PLATFORMS)),
        "Options": "Chosen with the button Options of a card; `account options @handle` sets what new drafts begin "
        "with.\n\n" + options(),
        "Fields to connect": "Given to `account add`; `base_url`, `name` and `extra_headers` may be given for every "
        "platform.\n\n" + fields(),
    }
    return INTRO + "".join(f"\n## {title}\n\n{body}" for title, body in sections.items())


def main(arguments: Sequence[str]) -> int:
    """Write the page, or with --check compare it."""
    written = page()
    if arguments == ["--check"]:
        known = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        if known != written:
            print(f"{PAGE.relative_to(ROOT)} is stale. Run {COMMAND}.", file=sys.stderr)
        return int(known != written)
    PAGE.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
