"""What organizing holds about somebody: the texts they saved, and the requests to join that they made."""

from typing import Any

from wagtail.models import Revision

from cms.campaigns.models import CampaignPage, CampaignUpdatePage
from coalition.accounts.models import User
from coalition.accounts.own_data import exports
from coalition.organizing.models import JoinRequest
from coalition.organizing.streams import read


@exports("campaigns and updates")
def written(user: User) -> dict[str, list[dict[str, Any]]]:
    """Return every text of a campaign or update that a user saved, and what they proposed."""
    texts = []
    for revision in Revision.objects.filter(user=user).order_by("created_at", "pk"):
        if revision.content_type.model_class() not in (CampaignPage, CampaignUpdatePage):
            continue
        page = revision.as_object()
        stream = page.text if isinstance(page, CampaignUpdatePage) else page.body
        texts.append({"saved": revision.created_at, "title": page.title, "text": read(stream).html})
    requests = JoinRequest.objects.filter(proposed_by=user).select_related("campaign", "organization").order_by("pk")
    return {
        "texts": texts,
        "requests to join": [
            {
                "asked": request.created,
                "campaign": request.campaign.draft_title,
                "organization": request.organization.title,
                "note": request.note,
                "state": request.state,
            }
            for request in requests
        ],
    }
