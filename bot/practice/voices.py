"""Who the simulated audience is and what it says; all of it is invented."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mood(StrEnum):
    """How a reply is meant."""

    PRAISE = "praise"
    QUESTION = "question"
    CRITICISM = "criticism"
    SPAM = "spam"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One invented account of the audience."""

    name: str
    display: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing the audience may say."""

    mood: Mood
    text: str
    language: str = "en"


MOODS = ((Mood.PRAISE, 0.42), (Mood.QUESTION, 0.31), (Mood.CRITICISM, 0.18), (Mood.SPAM, 0.09))

VOICES = tuple(
    Voice(name=name, display=display, about=f"{about} Practice account: simulated audience.")
    for name, display, about in (
        ("mirasol", "Mira Sol", "Compilers and long walks."),
        ("okwuosa", "Ada Okwuosa", "Runs training clusters."),
        ("hjelm", "Petter Hjelm", "Build systems, mostly broken ones."),
        ("tanakadev", "Yui Tanaka", "Editor plugins."),
        ("lbrandt", "Lena Brandt", "Datenbanken und Kaffee."),
        ("quillon", "Quillon", "Writes about tools."),
        ("novarro", "Inés Novarro", "Aprendizaje automático."),
        ("dubreuil", "Marc Dubreuil", "Observabilité."),
        ("pixelfern", "Fern", "Front end, slowly."),
        ("rustbucket", "Ola", "Systems programming."),
        ("sgupta", "Shreya Gupta", "Evaluations and datasets."),
        ("teabreak", "Tom Eddery", "On call since 2011."),
        ("kvothal", "Kay Vothal", "Type theory for a living."),
        ("moreirap", "Paula Moreira", "Ferramentas e testes."),
        ("growthninja", "Growth Ninja", "10x your reach."),
        ("dealhub", "Deal Hub", "Offers every day."),
    )
)

_PRAISE = (
    "This saved me an afternoon. Thank you.",
    "Been waiting for somebody to write this down properly.",
    "Tried it on our monorepo this morning: builds went from 14 to 9 minutes.",
    "The error messages alone are worth the upgrade.",
    "Lovely write-up, the part about caches is spot on.",
    "Finally a tool that says what it did and what it did not do.",
    "We moved the whole team over last week and nobody complained, which is a first.",
    "Small release, big difference on my old laptop.",
    "Shared with my team. Number three is exactly our problem.",
    "The dark theme is gorgeous.",
    "Great talk yesterday, the slides are up at https://slides.example.com/driftseas-2026",
    "Benchmarks with the raw data attached! More of this please.",
)
_QUESTIONS = (
    "Does this work with self-hosted runners?",
    "How does it behave when the cache is cold?",
    "Is there a way to pin the model version?",
    "What happens to my prompts, are they stored anywhere?",
    "Any plans for ARM builds?",
    "Which tokenizer did you measure this with?",
    "Can I run it without a GPU, even if slowly?",
    "Did you compare against plain sqlite? Curious about the tail latency.",
    "Is the dataset licence compatible with commercial use?",
    "Where do I file a bug about the language server?",
    "Is there a changelog that lists the breaking changes only?",
)
_CRITICISM = (
    "Upgraded and my config is silently ignored now. Not great.",
    "Sorry, but averages without percentiles tell me nothing.",
    "The docs still describe the old flags.",
    "Third breaking change this year. I am pinning the old version.",
    "This crashes on Windows paths with spaces, reported in May.",
    "I would trust the benchmark more if it ran on someone else's machine.",
    "Too many dependencies for what it does.",
    "The free tier got smaller again, didn't it?",
    "Telemetry should be opt in. Full stop.",
    "Looks nice, but accessibility is an afterthought: no keyboard focus anywhere.",
)
_SPAM = (
    "Want 5,000 real followers by Friday? https://boost.example.net/go",
    "I made a fortune with this one signal group, ask me how",
    "Huge discount on licences today only >> https://deals.example.net/dev",
    "Nice post! Check my profile for free templates",
    "Your account was selected for a reward, confirm at https://claim.example.org/win",
)
_OTHER_TONGUES = (
    (Mood.PRAISE, "de", "Endlich verständliche Fehlermeldungen, danke dafür!"),
    (Mood.QUESTION, "de", "Läuft das auch hinter einem Firmenproxy?"),
    (Mood.PRAISE, "fr", "Merci pour la transparence sur les mesures."),
    (Mood.CRITICISM, "fr", "La documentation est en retard de deux versions."),
    (Mood.QUESTION, "es", "¿Habrá soporte para modelos locales?"),
    (Mood.PRAISE, "es", "Lo usamos desde ayer y va muy bien."),
    (Mood.PRAISE, "ja", "とても助かりました。ありがとうございます。"),
    (Mood.QUESTION, "ja", "オフラインでも動きますか"),
    (Mood.CRITICISM, "pt", "A última versão ficou mais lenta no meu projeto."),
)

REMARKS = (
    *(Remark(mood=Mood.PRAISE, text=text) for text in _PRAISE),
    *(Remark(mood=Mood.QUESTION, text=text) for text in _QUESTIONS),
    *(Remark(mood=Mood.CRITICISM, text=text) for text in _CRITICISM),
    *(Remark(mood=Mood.SPAM, text=text) for text in _SPAM),
    *(Remark(mood=mood, text=text, language=language) for mood, language, text in _OTHER_TONGUES),
)
