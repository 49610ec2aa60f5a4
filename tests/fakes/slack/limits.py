"""Block Kit's numbers: what Slack documents, or is known to refuse, and the types can't say."""

from __future__ import annotations

from typing import Final

MESSAGE_BLOCKS: Final = 50
MESSAGE_CHARACTERS: Final = 13_200
"""Over all blocks of one message; undocumented, seen as `msg_blocks_too_long`."""
TEXT_CUT: Final = 40_000
"""Where Slack cuts a message's text."""
MARKDOWN_CHARACTERS: Final = 12_000
TEXT_OBJECT: Final = 3000
IDENTIFIER: Final = 255
TABLE_COLUMNS: Final = 20
CHARTS: Final = 2
VIEW_STACK: Final = 3
INPUT_CHARACTERS: Final = 3000
FILES: Final = 10
"""That one field takes."""

_PLACEHOLDER: Final = {"placeholder": 150}
CHARACTERS: Final[dict[str, dict[str, int]]] = {
    "section field": {"text": 2000},
    "header": {"text": 150},
    "button": {"text": 75, "value": 2000, "url": 3000, "accessibility_label": 75},
    "option": {"text": 75, "value": 150, "description": 75, "url": 3000},
    "option group": {"label": 75},
    "confirm": {"title": 100, "text": 300, "confirm": 30, "deny": 30},
    "image": {"image_url": 3000, "alt_text": 2000, "title": 2000},
    "input": {"label": 2000, "hint": 2000},
    "markdown": {"text": MARKDOWN_CHARACTERS},
    "card": {"title": 150, "subtitle": 150, "body": 200, "subtext": 200},
    "container": {"title": 150, "subtitle": 150},
    "data_visualization": {"title": 50},
    "chart part": {"name": 20, "label": 20},
    "chart axis": {"x_label": 50, "y_label": 50},
    "alert": {"text": 200},
    "feedback": {"text": 75, "value": 2000, "accessibility_label": 75},
    "video": {"title": 200, "alt_text": 2000, "author_name": 50, "provider_name": 50, "description": 200},
    "modal": {"title": 24, "submit": 24, "close": 24, "private_metadata": 3000, "callback_id": 255, "external_id": 255},
    "home": {"private_metadata": 3000, "callback_id": 255, "external_id": 255},
    **dict.fromkeys(
        [
            *("plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"),
            *("static_select", "external_select", "users_select", "conversations_select", "channels_select"),
            *("multi_static_select", "multi_external_select", "multi_users_select"),
            *("multi_conversations_select", "multi_channels_select", "datepicker", "timepicker"),
        ],
        _PLACEHOLDER,
    ),
}
"""Most characters by kind and field; a field is a string or a text object."""

ITEMS: Final[dict[str, dict[str, tuple[int, int]]]] = {
    "section": {"fields": (1, 10)},
    "context": {"elements": (1, 10)},
    "actions": {"elements": (1, 25)},
    "context_actions": {"elements": (1, 5)},
    "static_select": {"options": (1, 100), "option_groups": (1, 100)},
    "multi_static_select": {"options": (1, 100), "option_groups": (1, 100)},
    "option group": {"options": (1, 100)},
    "overflow": {"options": (1, 5)},
    "radio_buttons": {"options": (1, 10)},
    "checkboxes": {"options": (1, 10)},
    "table": {"rows": (1, 100)},
    "data_table": {"rows": (1, 101)},
    "card": {"actions": (1, 3)},
    "carousel": {"elements": (1, 10)},
    "container": {"child_blocks": (1, 10)},
    "modal": {"blocks": (1, 100)},
    "home": {"blocks": (1, 100)},
    "chart": {"series": (1, 6), "segments": (1, 6)},
    "chart part": {"data": (1, 20)},
    "chart axis": {"categories": (1, 20)},
}
"""Fewest and most items by kind and field; for charts the lower of two numbers Slack's pages give."""

PLACES: Final = {
    "option_groups": "option group",
    "fields": "section field",
    "positive_button": "feedback",
    "negative_button": "feedback",
    "chart": "chart",
    "series": "chart part",
    "segments": "chart part",
    "data": "chart part",
    "axis_config": "chart axis",
}
"""Objects whose limits go by the field they hang under."""

NOT_HERE: Final[dict[str, frozenset[str]]] = {
    "message": frozenset({"alert", "file", "file_input"}),
    "modal": frozenset({"markdown", "table", "context_actions", "data_visualization", "file"}),
    "home": frozenset({"markdown", "table", "context_actions", "data_visualization", "file", "file_input", "alert"}),
}
"""Blocks and elements that exist but that a surface does not take."""
