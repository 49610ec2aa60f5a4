"""Identifiers as distinct types, so that a draft's id can't be handed in where an account's is meant."""

from __future__ import annotations

from typing import NewType

DraftId = NewType("DraftId", str)
"""A draft's number as text ("142"): people say it, so it is short and counts up."""
AccountId = NewType("AccountId", str)
BrandId = NewType("BrandId", str)
DeliveryId = NewType("DeliveryId", str)
PersonId = NewType("PersonId", str)
PlatformSlug = NewType("PlatformSlug", str)
PostId = NewType("PostId", str)
"""A measured post's id: its account's and the network's, see `services.domain.metrics.post_id`."""
Digest = NewType("Digest", str)
"""Lower-case hex SHA-256 of some content."""
