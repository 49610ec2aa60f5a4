"""Briefs as people paste them, all different in kind, for the tests of the offline composer."""

from __future__ import annotations

import random
from typing import Final


def _split(words: str) -> list[str]:
    return words.split()


_NOUNS: Final = _split("latency shard replica tensor compiler scheduler kernel cache gradient cluster tokenizer quorum")
_VERBS: Final = _split("rebuilds measures drains splits repairs explains narrows records replays merges")
_KINDS: Final = _split("quiet stale brittle durable local frozen noisy sparse eager partial")


def _five_thousand_words() -> str:
    chance = random.Random(3)
    paragraphs: list[str] = []
    count = 0
    while count < 5000:
        said = []
        for _ in range(8):
            one, two, three = chance.sample(_NOUNS, 3)
            verb, kind = chance.choice(_VERBS), chance.choice(_KINDS)
            said.append(
                chance.choice(
                    (
                        f"The {kind} {one} {verb} every {two} in the {three}.",
                        f"Our {one} {verb} the {two} after {chance.randint(2, 90)} {three}s, and it is {kind}.",
                        f"A {one} that {verb} is a {kind} {two} for the {three}.",
                    )
                )
            )
        paragraphs.append(" ".join(said))
        count += len(paragraphs[-1].split())
    return "\n\n".join(paragraphs)


BRIEFS: Final[dict[str, str]] = {
    "two words": "launch day",
    "one word": "hiring",
    "one line": "announce our new vector database that's 3x faster than pgvector on 10M embeddings",
    "migration": (
        "Write a short LinkedIn post about why we moved our CI from Jenkins to Buildkite. Build times dropped from 42 "
        "minutes to 9. We deleted 3,100 lines of Groovy. Flaky tests are now quarantined automatically. Keep it "
        "friendly and use a few hashtags. Link: https://driftseas.com/blog/buildkite"
    ),
    "german": (
        "Schreib einen Beitrag über unser neues Büro in Hamburg. Ab März arbeiten dort zwölf Ingenieurinnen an "
        "Werkzeugen für Modellüberwachung. Wir suchen noch Verstärkung: https://driftseas.com/jobs"
    ),
    "only a link": "https://driftseas.com/blog/vector-search-at-scale",
    "only emoji": "🚀🎉🔥",
    "code": '```python\nfrom drift import Index\nindex = Index("docs")\nindex.query("tides", top_k=5)\n```',
    "list": (
        "Release 2.4 of the tracer:\n- Spans survive process restarts\n- Sampling rules live in Git\n"
        "- Overhead below 1 % at 50k requests/s\n- Python 3.13 support\n\n"
        "https://github.com/driftseas/tracer/releases/tag/v2.4"
    ),
    "quote": (
        'Customer story. Mirela Kovač, CTO of Harbourline, said: "We cut our inference bill from $48k to $19k without '
        'touching the model." They batch requests and cache prefixes. Mention their webinar on 4 December.'
    ),
    "outage": (
        "Post about yesterday's outage. Between 14:02 and 14:47 UTC, uploads failed for 6% of customers in eu-west. A "
        "certificate on the object store gateway expired; our monitor watched the old hostname. We've added expiry "
        "alerts for every endpoint and published the full postmortem: https://status.driftseas.com/incidents/88"
    ),
    "webinar": (
        "We're excited to announce a webinar! Thursday 17:00 CET, Priya Raman explains how speculative decoding works "
        "and when it doesn't. Register at https://driftseas.com/live. Questions welcome. What would you ask her?"
    ),
    "markdown": (
        "# Benchmarks\n\n**Our** quantised model reads [the paper](https://arxiv.org/abs/2401.00001).\n\n"
        "* 4-bit weights lose 0.3 points on MMLU\n* memory falls to 11 GB\n\n<!channel> please review, thanks"
    ),
    "opinion": (
        "Hot take: most RAG pipelines fail because nobody evaluates retrieval separately from generation. Measure "
        "recall@k first. Then argue about prompts."
    ),
    "job": "we are looking for a senior rust engineer (remote, EU). Part-time works. apply by 30 June: jobs@drift.io",
    "meetup": (
        "Tell our followers about the meetup on 12 May in Zagreb, 18:30, at Impact Hub. Talks: 'Postgres as a queue' "
        "by Iva Horvat; 'Tracing LLM calls' by Tom Berg. Free entry, pizza included. RSVP: https://meet.example/zg"
    ),
    "tips": (
        "Share tips for reviewing ML code: 1) check data leakage first 2) pin seeds 3) read the config diff 4) ask for "
        "a baseline"
    ),
    "facts": (
        "Can you draft something about our new blog post 'The real cost of GPU idle time'? Key facts: average cluster "
        "utilisation is 31%, teams overprovision by 2.4x, our scheduler reclaimed 18% in a pilot with Acme Robotics. "
        "Audience: ML platform leads. Link https://driftseas.com/blog/gpu-idle."
    ),
    "maintenance": "maintenance window sunday 02:00-04:00 UTC, api read only",
    "japanese": "発表：新しいベクトル検索が公開されました。速度は3倍です。",
    "five thousand words": _five_thousand_words(),
}
