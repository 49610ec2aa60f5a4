"""The dispatcher's few numbers, so that a test or a bench can turn them without touching code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchSettings:
    """Who publishes, how much at once, and how long things may take."""

    owner: str = "desk"
    """Name of this worker as the log shows it; unique among workers on one store."""
    slots: int = 8
    """Deliveries on their way at the same time."""
    lease: timedelta = timedelta(seconds=90)
    """How long a claimed row is ours without renewal; well above `send_timeout`."""
    send_timeout: float = 30.0
    """Seconds for the one irreversible call, and for one look-up."""
    prepare_timeout: float = 900.0
    """Seconds for all uploads of a part; the lease is renewed meanwhile."""
    spacing: timedelta = timedelta(seconds=1)
    """Between the deliveries of one account that fall due together."""
    poll: float = 1.0
    """Seconds after which a running drain looks for newly planned rows."""
