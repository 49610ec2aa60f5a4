"""A stand-in for OpenAI's HTTP API at the wire: chat completions and responses, as strict as the real one about shape.

Written from the public API's description and importing nothing of ours. A script says what each call gets: a good
structured answer, a slow one, a refusal, one cut off at the length limit, nonsense, or an error with its real body.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

Document = dict[str, object]
Author = Callable[[str, Document], Document]
"""Writes the structured answer from the whole prompt and the JSON schema that was asked for."""

_CHAT_FIELDS: Final = frozenset(
    [
        "model",
        "messages",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "response_format",
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "top_p",
        "n",
        "stop",
        "stream",
        "stream_options",
        "store",
        "seed",
        "user",
        "metadata",
        "reasoning_effort",
        "service_tier",
        "frequency_penalty",
        "presence_penalty",
        "logprobs",
        "top_logprobs",
        "logit_bias",
        "prediction",
        "modalities",
        "verbosity",
        "prompt_cache_key",
        "safety_identifier",
    ]
)
_RESPONSES_FIELDS: Final = frozenset(
    [
        "model",
        "input",
        "instructions",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "text",
        "max_output_tokens",
        "temperature",
        "top_p",
        "stream",
        "store",
        "metadata",
        "user",
        "reasoning",
        "include",
        "truncation",
        "previous_response_id",
        "service_tier",
        "prompt_cache_key",
        "safety_identifier",
        "conversation",
        "background",
        "max_tool_calls",
        "prompt",
        "top_logprobs",
        "stream_options",
    ]
)


class Turn(StrEnum):
    """What one call gets."""

    GOOD = "good"
    SLOW = "slow"
    """Waits until `release` is set (or the caller goes away), then a good answer."""
    REFUSE = "refuse"
    TRUNCATED = "truncated"
    NONSENSE = "nonsense"
    BAD_KEY = "bad_key"
    NO_QUOTA = "no_quota"
    RATE_LIMIT = "rate_limit"
    DOWN = "down"


_ERRORS: Final[Mapping[Turn, tuple[int, Document]]] = {
    Turn.BAD_KEY: (
        401,
        {"message": "Incorrect API key provided.", "type": "invalid_request_error", "code": "invalid_api_key"},
    ),
    Turn.NO_QUOTA: (
        429,
        {"message": "You exceeded your current quota.", "type": "insufficient_quota", "code": "insufficient_quota"},
    ),
    Turn.RATE_LIMIT: (429, {"message": "Rate limit reached.", "type": "requests", "code": "rate_limit_exceeded"}),
    Turn.DOWN: (503, {"message": "The engine is currently overloaded.", "type": "server_error", "code": None}),
}


@dataclass(slots=True)
class OpenAIWire:
    """Serve `app()` on loopback; `script` is eaten from the front, and `GOOD` follows when it is empty."""

    author: Author
    key: str = "sk-stand-in-0123456789"
    models: frozenset[str] = frozenset({"gpt-stand-in"})
    script: list[Turn] = field(default_factory=list)
    release: asyncio.Event = field(default_factory=asyncio.Event)
    prompts: list[str] = field(default_factory=list)
    """The whole prompt of every accepted call."""
    styles: list[str] = field(default_factory=list)
    """"chat" or "responses", for each accepted call."""

    def app(self) -> Starlette:
        """The ASGI application; its base URL is `http://…/v1`."""
        return Starlette(
            routes=[
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/v1/responses", self._responses, methods=["POST"]),
            ]
        )

    async def _chat(self, request: Request) -> Response:
        body, refusal = await self._accept(request, _CHAT_FIELDS, "messages")
        if refusal is not None:
            return refusal
        for sent in _list(body["messages"]):
            if sent.get("role") not in {"system", "developer", "user", "assistant", "tool"}:
                return _error(400, "Invalid value for 'messages[].role'.")
        prompt = "\n".join(_content(m.get("content")) for m in _list(body["messages"]))
        turn, failure = await self._turn("chat", prompt)
        if failure is not None:
            return failure
        function, schema = _asked_in_chat(body)
        text = self._text(turn, prompt, schema)
        message: Document = {"role": "assistant", "content": None, "refusal": None}
        finish = "length" if turn is Turn.TRUNCATED else "stop"
        if turn is Turn.REFUSE:
            message["refusal" if function is None else "content"] = "I can't help with that."
        elif function is None:
            message["content"] = text
        else:
            call = {"id": "call_1", "type": "function", "function": {"name": function, "arguments": text}}
            message["tool_calls"] = [call]
            finish = "length" if turn is Turn.TRUNCATED else "tool_calls"
        choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
        usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
        answer = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1_790_000_000, "model": body["model"]}
        return JSONResponse({**answer, "choices": [choice], "usage": usage})

    async def _responses(self, request: Request) -> Response:
        body, refusal = await self._accept(request, _RESPONSES_FIELDS, "input")
        if refusal is not None:
            return refusal
        given = body["input"]
        parts = [given] if isinstance(given, str) else [_content(m.get("content")) for m in _list(given)]
        prompt = "\n".join([str(body.get("instructions") or ""), *parts])
        turn, failure = await self._turn("responses", prompt)
        if failure is not None:
            return failure
        function, schema = _asked_in_responses(body)
        text = self._text(turn, prompt, schema)
        cut = turn is Turn.TRUNCATED
        status = "incomplete" if cut else "completed"
        item: Document = {"type": "message", "id": "msg_1", "role": "assistant", "status": status}
        if turn is Turn.REFUSE:
            item["content"] = [{"type": "refusal", "refusal": "I can't help with that."}]
        elif function is None:
            item["content"] = [{"type": "output_text", "text": text, "annotations": []}]
        else:
            item = {
                "type": "function_call",
                "id": "fc_1",
                "call_id": "call_1",
                "name": function,
                "arguments": text,
                "status": status,
            }
        answer = {
            "id": "resp_1", "object": "response", "created_at": 1_790_000_000, "status": status, "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if cut else None, "instructions": body.get("instructions"),
            "metadata": {}, "model": body["model"], "output": [item], "parallel_tool_calls": True, "temperature": 1.0,
            "tool_choice": "auto", "tools": body.get("tools", []), "top_p": 1.0,
            "usage": {
                "input_tokens": 100, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 50,
                "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 150,
            },
        }  # fmt: skip
        return JSONResponse(answer)

    async def _accept(self, request: Request, known: frozenset[str], needed: str) -> tuple[Document, Response | None]:
        """The body when the real API would take it, else its refusal."""
        if request.headers.get("authorization") != f"Bearer {self.key}":
            status, error = _ERRORS[Turn.BAD_KEY]
            return {}, JSONResponse({"error": error}, status)
        try:
            body = json.loads(await request.body())
        except ValueError:
            return {}, _error(400, "We could not parse the JSON body of your request.")
        unknown = set(body) - known
        if unknown:
            return {}, _error(400, f"Unknown parameter: '{sorted(unknown)[0]}'.")
        if not body.get(needed):
            return {}, _error(400, f"Missing required parameter: '{needed}'.")
        if body.get("model") not in self.models:
            missing = {"message": f"The model '{body.get('model')}' does not exist.", "type": "invalid_request_error"}
            return {}, JSONResponse({"error": {**missing, "param": None, "code": "model_not_found"}}, 404)
        return body, None

    async def _turn(self, style: str, prompt: str) -> tuple[Turn, Response | None]:
        self.prompts.append(prompt)
        self.styles.append(style)
        turn = self.script.pop(0) if self.script else Turn.GOOD
        if turn in _ERRORS:
            status, error = _ERRORS[turn]
            headers = {"retry-after": "7"} if turn is Turn.RATE_LIMIT else {}
            return turn, JSONResponse({"error": error}, status, headers)
        if turn is Turn.SLOW:
            await self.release.wait()
        return turn, None

    def _text(self, turn: Turn, prompt: str, schema: Document) -> str:
        if turn is Turn.NONSENSE:
            return "Sure! Here is a post for you: buy now."
        whole = json.dumps(self.author(prompt, schema), ensure_ascii=False)
        return whole[: len(whole) // 2] if turn is Turn.TRUNCATED else whole


def _error(status: int, message: str) -> Response:
    return JSONResponse(
        {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}, status
    )


def _list(value: object) -> list[Document]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _content(value: object) -> str:
    if isinstance(value, str):
        return value
    return "\n".join(str(part.get("text", "")) for part in _list(value))


def _asked_in_chat(body: Document) -> tuple[str | None, Document]:
    """The function the answer must call (None: plain text) and the schema of its arguments."""
    for tool in _list(body.get("tools")):
        function = tool["function"]
        if isinstance(function, dict):
            return str(function["name"]), dict(function["parameters"])
    wanted = body.get("response_format")
    inner = wanted.get("json_schema") if isinstance(wanted, dict) else None
    return None, dict(inner["schema"]) if isinstance(inner, dict) else {}


def _asked_in_responses(body: Document) -> tuple[str | None, Document]:
    for tool in _list(body.get("tools")):
        if tool.get("type") == "function":
            parameters = tool["parameters"]
            return str(tool["name"]), dict(parameters) if isinstance(parameters, dict) else {}
    text = body.get("text")
    wanted = text.get("format") if isinstance(text, dict) else None
    schema = wanted.get("schema") if isinstance(wanted, dict) else None
    return None, dict(schema) if isinstance(schema, dict) else {}
