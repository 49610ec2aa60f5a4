"""The rights on a Page: which the desk asks for, which it can't do without, and which a person's token has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services import oauth
from services.graph.client import nodes, text

if TYPE_CHECKING:
    from services.graph.client import GraphClient

REQUIRED: Final = ("pages_show_list", "pages_manage_posts", "pages_read_engagement")
SCOPES: Final = (
    *REQUIRED,
    "pages_manage_engagement",
    "pages_read_user_content",
    "read_insights",
    # Without it the network does not list Pages that belong to a business portfolio.
    "business_management",
)


async def require_rights(client: GraphClient) -> None:
    """Raise `NeedsReauth` naming what a person's token lacks; a Page's own can't be asked, which is `Refused`."""
    told = nodes((await client.get("me/permissions")).get("data"))
    given = (text(one, "permission") for one in told if text(one, "status") == "granted")
    oauth.require_scopes(REQUIRED, given, client.label)
