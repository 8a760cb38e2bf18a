"""On the admin's start page: what waits for whoever decides on links."""

from typing import Any

from wagtail.admin.ui.components import Component

from search.curation.queue import doubted_pairs
from search.curation.unmatched import unmatched_stories


class LinksPanel(Component):
    """Says how many pairs readers doubt and how many stories match nothing, each with the way there."""

    # Behind what waits for the user's own review, which is Wagtail's and asks for more.
    order = 240
    template_name = "search_admin/links_panel.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Count both as they stand now."""
        return {"doubted": doubted_pairs().count(), "unmatched": unmatched_stories().count()}
