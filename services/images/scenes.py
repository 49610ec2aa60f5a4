"""What a picture could show when nobody said it: concrete things in a place, found by the words of the topic."""

from __future__ import annotations

from typing import Final

import regex

from services.content.sentences import words

_SCENES: Final[tuple[tuple[str, str], ...]] = (
    (
        "database data storage index query schema warehouse archive migration migrate",
        "a wall of wooden card-catalogue drawers in a bright archive, one drawer pulled open",
    ),
    (
        "latency performance speed fast faster slow cache throughput seconds milliseconds",
        "a rowing eight on still water seen from above, all oars in time, early light",
    ),
    (
        "security secure privacy password vulnerability attack encryption key keys access",
        "a row of different keys on hooks beside a heavy wooden door that stands ajar",
    ),
    (
        "release launch ship ships shipped shipping version announce announcing available beta",
        "a small cargo boat leaving a calm harbour in the morning, ropes just cast off",
    ),
    (
        "cloud server servers deploy deployment infrastructure kubernetes container containers cluster scale",
        "a harbour crane setting one container exactly into a row, seen from the quay",
    ),
    (
        "model models ai ml machine training inference neural llm agent agents",
        "a loom being set up with many coloured threads in a workshop, hands at work",
    ),
    (
        "test tests testing bug bugs quality debug error errors incident outage reliability",
        "a watchmaker's bench with a loupe and small brass parts laid out in order",
    ),
    (
        "code developer developers api sdk library software engineer engineers engineering programming tool tools",
        "a workbench with hand tools hung in their outlined places, wood shavings on the floor",
    ),
    (
        "cost costs price pricing money budget save savings revenue finance invoice",
        "a market scale with fruit in one pan and brass weights in the other, on a stone counter",
    ),
    (
        "team hiring hire job jobs people culture remote onboarding career colleague",
        "a long wooden table seen from above with paper plans, cups and several pairs of hands",
    ),
    (
        "learn learning course guide tutorial lesson lessons teach book read training workshop",
        "an open notebook with a pencil and a magnifying glass on a desk by a tall window",
    ),
    (
        "event conference webinar meetup talk talks summit stage session live",
        "rows of empty chairs before a small stage, light coming in from the side doors",
    ),
    (
        "report research survey study analysis results numbers benchmark measure measured metrics",
        "a surveyor's map on a table with a compass, a ruler and a few coloured pins",
    ),
    (
        "customer customers support feedback user users community service",
        "a shop counter with a small bell, an open guest book and the street outside the window",
    ),
    (
        "climate energy solar green carbon sustainable power electricity",
        "wind turbines behind wet fields after rain, long shadows, a gravel road in front",
    ),
    ("health medical doctor patient care clinic", "a quiet clinic corridor with daylight, a folded coat on a chair"),
    (
        "food restaurant recipe coffee kitchen farm",
        "a kitchen table with a cut loaf, a knife and flour in morning light",
    ),
)
_CLICHES: Final = regex.compile(
    r"light\s?bulb|handshake|shaking hands|rocket|robot|puzzle|glowing brain|digital brain|cyborg|android head|gears?\b"
    r"|chess|bull'?s[- ]?eye|dartboard|hologram|binary (?:code|rain)|matrix code|hooded|hacker|crystal ball|unicorn"
    r"|circuit board|world map of lines|glowing (?:globe|network|nodes)",
    regex.IGNORECASE,
)


def is_cliche(scene: str) -> bool:
    """Whether everybody has seen this picture too often."""
    return bool(_CLICHES.search(scene))


def scene_about(topic: str) -> str:
    """The scene whose words the topic has most of, or a plain one."""
    said = [word.casefold() for word in words(topic)]
    found, best = "", 0
    for listed, scene in _SCENES:
        score = sum(word in listed.split() for word in said)
        if score > best:
            found, best = scene, score
    return found or "a tidy table by a tall window with paper, a folding rule and a cup, morning light"
