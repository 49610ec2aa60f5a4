"""What runs in the worker: from rows to sentences, claims and one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.analytics.material import Reading

if TYPE_CHECKING:
    from services.analytics.material import Material


def read_numbers(material: Material) -> Reading:
    """Everything a report says about its numbers; blocking and heavy, run it in a worker."""
    from services.analytics.charts import draw
    from services.analytics.frame import posts_frame
    from services.analytics.insights import findings
    from services.analytics.sentences import sentences

    table = posts_frame(material)
    found = findings(material, table)
    return Reading(
        posts=len(table),
        sentences=sentences(material, table, found),
        findings=found,
        drawing=draw(material, table),
    )
