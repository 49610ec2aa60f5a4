"""Scripted faults: which call goes wrong next, and how."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.practice.kinds import Json, Network, Operation


class FaultKind(StrEnum):
    """How a call can go wrong."""

    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    STATUS = "status"
    RATE_LIMITED = "rate_limited"
    RATE_LIMITED_BARE = "rate_limited_bare"
    MALFORMED = "malformed"
    HTML = "html"
    EMPTY = "empty"
    SLOW = "slow"
    EXPIRE_TOKENS = "expire_tokens"
    EXPIRE_UPLOADS = "expire_uploads"
    UNKNOWN_FIELDS = "unknown_fields"
    GIVEN_UP = "given_up"


AFTER_EFFECT = frozenset(
    {
        FaultKind.DROP_AFTER,
        FaultKind.MALFORMED,
        FaultKind.EMPTY,
        FaultKind.SLOW,
        FaultKind.UNKNOWN_FIELDS,
        FaultKind.EXPIRE_TOKENS,
        FaultKind.EXPIRE_UPLOADS,
        FaultKind.GIVEN_UP,
    }
)
FIXED_EFFECT = frozenset(
    {
        FaultKind.DROP_BEFORE,
        FaultKind.DROP_AFTER,
        FaultKind.UNKNOWN_FIELDS,
        FaultKind.EXPIRE_TOKENS,
        FaultKind.EXPIRE_UPLOADS,
        FaultKind.GIVEN_UP,
    }
)


@dataclass(slots=True, kw_only=True)
class Fault:
    """One scripted fault; `effect` says whether the call is carried out before the answer goes wrong."""

    id: int
    network: str
    operation: str
    kind: FaultKind
    times: int
    value: float | None
    effect: bool

    def shown(self) -> Json:
        """The fault as the control API shows it."""
        return {
            "id": self.id,
            "network": self.network,
            "operation": self.operation,
            "fault": self.kind.value,
            "times": self.times,
            "value": self.value,
            "effect": self.effect,
        }


class BadScriptError(ValueError):
    """A fault that cannot be scripted; the message says why."""


class Faults:
    """The faults still to come, first in first out."""

    def __init__(self) -> None:
        """Begin with nothing that goes wrong."""
        self._waiting: list[Fault] = []
        self._made = 0

    def script(self, wish: Json) -> Fault:
        """Add a fault; raise BadScriptError when its words are unknown."""
        unknown = set(wish) - {"network", "operation", "fault", "times", "value", "effect"}
        if unknown:
            message = f"Unknown fields: {', '.join(sorted(unknown))}."
            raise BadScriptError(message)
        kind = FaultKind(_word(wish, "fault", tuple(FaultKind), None))
        effect = wish.get("effect", kind in AFTER_EFFECT)
        if not isinstance(effect, bool) or (kind in FIXED_EFFECT and effect is not (kind in AFTER_EFFECT)):
            message = f"effect cannot be {effect!r} for {kind.value}."
            raise BadScriptError(message)
        operation = _word(wish, "operation", ("*", *Operation), "*")
        if kind is FaultKind.EXPIRE_TOKENS and operation == Operation.SESSION:
            message = "expire_tokens cannot hit session calls, which need no access token; name another operation."
            raise BadScriptError(message)
        self._made += 1
        fault = Fault(
            id=self._made,
            network=_word(wish, "network", ("*", *Network), "*"),
            operation=operation,
            kind=kind,
            times=_times(wish),
            value=_value(wish),
            effect=effect,
        )
        self._waiting.append(fault)
        return fault

    def waiting(self) -> list[Json]:
        """Answer the faults that have not happened yet."""
        return [fault.shown() for fault in self._waiting]

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._waiting.clear()

    def take(self, network: Network, operation: Operation) -> Fault | None:
        """Answer the fault that hits this call, and count it down."""
        for fault in self._waiting:
            if fault.network not in {"*", network.value} or fault.operation not in {"*", operation.value}:
                continue
            if fault.kind is FaultKind.EXPIRE_TOKENS and operation is Operation.SESSION:
                continue
            fault.times -= 1
            if fault.times == 0:
                self._waiting.remove(fault)
            return fault
        return None


def _word(wish: Json, name: str, allowed: tuple[str, ...], default: str | None) -> str:
    word = wish.get(name, default)
    if not isinstance(word, str) or word not in allowed:
        message = f"{name} must be one of {', '.join(str(one) for one in allowed)}."
        raise BadScriptError(message)
    return word


def _times(wish: Json) -> int:
    times = wish.get("times", 1)
    if isinstance(times, bool) or not isinstance(times, int) or times < 1:
        message = "times must be a whole number from 1."
        raise BadScriptError(message)
    return times


def _value(wish: Json) -> float | None:
    value = wish.get("value")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        message = "value must be a number from 0, or absent."
        raise BadScriptError(message)
    return float(value)
