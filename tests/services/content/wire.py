"""Answers as the vendors' public APIs give them, and a transport that serves them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2

from services.content.anthropic import build as build_anthropic
from services.content.openai import build as build_openai
from services.content.structured import TIMEOUT, StructuredModel
from tests.services.content.support import StillClock

if TYPE_CHECKING:
    from collections.abc import Callable

GOOD = json.dumps({"topic": "Tides", "variants": [{"account_id": "a1", "text": "High water at noon."}]})
NO_TEXT = json.dumps({"topic": "Tides", "variants": []})
KEY = "sk-proj-verysecret"


@dataclass(frozen=True)
class Wire:
    """One way a vendor is spoken to: how it wraps a text, a cut-off text and a refusal."""

    slug: str
    path: str
    build: Callable[..., StructuredModel]
    good: Callable[[str], dict[str, Any]]
    truncated: Callable[[str], dict[str, Any]]
    refusal: dict[str, Any]
    options: dict[str, str] = field(default_factory=dict)
    label: str = "OpenAI"
    key_setting: str = "OPENAI_API_KEY"


def chat(content: str | None, *, finish: str = "stop", refusal: str | None = None) -> dict[str, Any]:
    """POST /v1/chat/completions."""
    said: dict[str, Any] = {"role": "assistant", "content": content, "refusal": refusal, "annotations": []}
    return {
        "id": "chatcmpl-9",
        "object": "chat.completion",
        "created": 1795424400,
        "model": "gpt",
        "choices": [{"index": 0, "message": said, "finish_reason": finish, "logprobs": None}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18},
    }


def responses(text: str, *, status: str = "completed", refused: bool = False) -> dict[str, Any]:
    """POST /v1/responses."""
    part = {"type": "refusal", "refusal": text} if refused else {"type": "output_text", "text": text, "annotations": []}
    return {
        "id": "resp_9",
        "object": "response",
        "created_at": 1795424400,
        "status": status,
        "error": None,
        "incomplete_details": None if status == "completed" else {"reason": "max_output_tokens"},
        "instructions": None,
        "model": "gpt",
        "output": [{"type": "message", "id": "msg_9", "status": status, "role": "assistant", "content": [part]}],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 9,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 9,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 18,
        },
    }


def message(text: str, *, stop: str = "end_turn") -> dict[str, Any]:
    """POST /v1/messages."""
    return {
        "id": "msg_9",
        "type": "message",
        "role": "assistant",
        "model": "claude",
        "content": [{"type": "text", "text": text}] if text else [],
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": 9, "output_tokens": 9},
    }


CHAT = Wire(
    slug="chat",
    path="/v1/chat/completions",
    build=build_openai,
    good=chat,
    truncated=lambda text: chat(text, finish="length"),
    refusal=chat(None, refusal="I can't help with that."),
    options={"base_url": "http://127.0.0.1:9/v1"},
    label="The server at OPENAI_BASE_URL",
)
RESPONSES = Wire(
    slug="responses",
    path="/v1/responses",
    build=build_openai,
    good=responses,
    truncated=lambda text: responses(text, status="incomplete"),
    refusal=responses("I can't help with that.", refused=True),
)
MESSAGES = Wire(
    slug="messages",
    path="/v1/messages",
    build=build_anthropic,
    good=message,
    truncated=lambda text: message(text, stop="max_tokens"),
    refusal=message("", stop="refusal"),
    label="Anthropic",
    key_setting="ANTHROPIC_API_KEY",
)
WIRES = (CHAT, RESPONSES, MESSAGES)


def failure(status: int, text: str, kind: str, code: str | None, **headers: str) -> httpx2.Response:
    """An error body; both vendors wrap one object in "error"."""
    error = {"message": text, "type": kind, "param": None, "code": code}
    return httpx2.Response(status, json={"type": "error", "error": error}, headers=headers)


@dataclass
class Server:
    """Serves a script of answers in order, the last one again and again, and keeps the requests."""

    script: list[httpx2.Response | Exception]
    requests: list[httpx2.Request] = field(default_factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        answer = self.script[min(len(self.requests), len(self.script)) - 1]
        if isinstance(answer, Exception):
            raise answer
        # A fresh copy: a response is read once.
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def body(self, number: int = -1) -> dict[str, Any]:
        parsed = json.loads(self.requests[number].content)
        assert isinstance(parsed, dict)
        return parsed


def model(wire: Wire, server: Server, *, timeout: float = TIMEOUT, **options: str) -> StructuredModel:
    """The real vendor file over the scripted server."""
    given: dict[str, Any] = {**wire.options, **options}
    return wire.build(
        clock=StillClock(), api_key=KEY, model="m-1", timeout=timeout, transport=httpx2.MockTransport(server), **given
    )
