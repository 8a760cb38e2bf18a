"""The admin's addresses that name a thing: with one's own, with another's, and with one that is not there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.admin.models import EditingSession
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.models import Collection, Page, Site, Task, UploadedFile, Workflow
from wagtail.snippets.models import get_snippet_models

from cms.archives.models import Person
from cms.base.images import SiteImage
from cms.campaigns.models import CampaignIndexPage, CampaignOrganization, CampaignPage
from cms.organizations.models import OrganizationPage
from cms.sources.models import Source
from cms.stories.models import StoryIndexPage
from cms.taxonomy.models import Concept, TechnologyProduct, Vendor
from cms.taxonomy.schemes import Scheme
from coalition.accounts.models import User
from coalition.accounts.roles import EDITORS
from coalition.mail.models import OutgoingMail
from coalition.organizing.reviewing import review_request
from tests import factories, samples
from tests.coalition.matrix.world import ABSENT

ABSENT_ID = 2_000_000_000
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
# What an address calls a page.
_PAGES = ("page_id", "parent_page_id", "page_to_move_id", "page_pk", "pk")
# Which thing an address names, by how it begins: the parameter and the kind. The first that fits says it.
_NAMES: tuple[tuple[str, str, str], ...] = (
    ("admin/pages/add/", "parent_page_id", "index"),
    # A page that is being read is locked by that.
    *((f"admin/pages/<int:page_id>/{name}/", "page_id", "story") for name in ("lock", "unlock")),
    *(("admin/pages/", name, "page") for name in _PAGES),
    ("admin/pages/", "destination_id", "campaigns"),
    ("admin/pages/", "revision_id", "revision"),
    ("admin/pages/", "revision_id_a", "revision"),
    ("admin/pages/", "revision_id_b", "revision"),
    ("admin/pages/", "task_state_id", "task state"),
    ("admin/pages/", "workflow_state_id", "workflow state"),
    ("admin/pages/", "task_id", "step"),
    ("admin/choose-page/", "parent_page_id", "index"),
    ("admin/concepts/of-page/", "pk", "story"),
    ("admin/links/", "public_id", "document of search"),
    ("admin/collections/", "pk", "collection"),
    ("admin/collections/", "collection_id", "collection"),
    ("admin/workflows/tasks/", "pk", "task"),
    ("admin/workflows/task_chooser/", "task_id", "task"),
    ("admin/workflows/remove/", "page_pk", "page of a workflow"),
    ("admin/workflows/", "workflow_pk", "workflow"),
    ("admin/workflows/", "pk", "workflow"),
    ("admin/editing-sessions/", "object_id", "page"),
    ("admin/editing-sessions/", "session_id", "editing session"),
    ("admin/mail/", "pk", "mail"),
    ("admin/redirects/", "redirect_id", "redirect"),
    ("admin/documents/", "uploaded_file_id", "uploaded document"),
    ("admin/images/", "uploaded_file_id", "uploaded picture"),
    *(("admin/documents/", name, "document") for name in ("document_id", "doc_id", "pk")),
    *(("admin/images/", name, "picture") for name in ("image_id", "pk")),
    ("admin/settings/", "pk", "site"),
    ("admin/sites/", "pk", "site"),
    ("admin/users/", "pk", "user"),
    ("admin/groups/", "pk", "group"),
    ("admin/vocabulary/merge/", "pk", "concept"),
    ("admin/api/main/^pages/", "pk", "page"),
    ("admin/api/main/^documents/", "pk", "document"),
    ("admin/api/main/^images/", "pk", "picture"),
)
# What stands in an address beside the thing.
_WORDS: tuple[tuple[str, str, str], ...] = (
    ("admin/pages/create/", "app_label", "stories"),
    ("admin/pages/create/", "model_name", "storypage"),
    ("admin/pages/", "content_type_app_name", "stories"),
    ("admin/pages/", "content_type_model_name", "storypage"),
    ("admin/pages/workflow/", "action_name", "approve"),
    ("admin/workflows/tasks/add/", "app_label", "wagtailcore"),
    ("admin/workflows/tasks/add/", "model_name", "groupapprovaltask"),
    ("admin/settings/", "app_name", "stories"),
    ("admin/settings/", "model_name", "storypage"),
    ("admin/tag-autocomplete/", "app_name", "taggit"),
    ("admin/tag-autocomplete/", "model_name", "tag"),
    ("admin/editing-sessions/", "app_label", "campaigns"),
    ("admin/editing-sessions/", "model_name", "campaignpage"),
    ("admin/images/", "filter_spec", "original"),
    ("admin/api/main/^pages/", "action_name", "unpublish"),
)


@dataclass
class Things:
    """One of every kind that an address of the admin can name: somebody's own, as far as it is anybody's."""

    found: dict[str, Any]

    def of(self, kind: str) -> str:
        """Return what an address calls the thing of a kind."""
        return str(self.found[kind])


def addresses_name(route: str) -> dict[str, str]:
    """Return the kind of thing for each parameter of an address, and the word for each that names none.

    A word stands behind ``=``.

    Raises:
        LookupError: nothing says what a parameter names.
    """
    kinds = {}
    for one, other in _PARAMETER.findall(route):
        name = one or other
        for beginning, parameter, kind in (*_snippets(), *_NAMES):
            if route.startswith(beginning) and parameter == name:
                kinds[name] = kind
                break
        else:
            for beginning, parameter, word in _WORDS:
                if route.startswith(beginning) and parameter == name:
                    kinds[name] = f"={word}"
                    break
            else:
                raise LookupError(f"{name} in {route}")
    return kinds


def path_of(route: str, values: dict[str, str]) -> str:
    """Return an address with its parameters filled in."""
    filled = _PARAMETER.sub(lambda found: values[found[1] or found[2]], route)
    return "/" + re.sub(r"[\^$\\]", "", filled)


def _snippets() -> Iterator[tuple[str, str, str]]:
    for model in get_snippet_models():
        viewset = model.snippet_viewset
        for beginning in (viewset.url_prefix, viewset.chooser_viewset.url_prefix):
            yield f"admin/{beginning}/", "pk", model._meta.label_lower


def shared_make() -> dict[str, Any]:
    """Make what is nobody's own: vocabulary, collections, workflows, and what the site is set up with."""
    concepts = {
        model._meta.label_lower: factories.concept(Scheme(model.SCHEME), f"A {model._meta.model_name}").pk
        for model in get_snippet_models()
        if issubclass(model, Concept)
    }
    return concepts | {
        "archives.person": Person.objects.create(name="A person", slug="a-person-of-the-matrix").pk,
        "sources.source": Source.objects.create(title="A source").pk,
        # No product is of this one: it may be deleted.
        "taxonomy.vendor": Vendor.objects.create(name="A vendor").pk,
        "taxonomy.technologyproduct": TechnologyProduct.objects.create(name="A product").pk,
        "concept": concepts["taxonomy.industry"],
        "collection": Collection.get_first_root_node().add_child(name="A collection").pk,
        "workflow": Workflow.objects.earliest("pk").pk,
        "task": Task.objects.earliest("pk").pk,
        "site": Site.objects.get().pk,
        "group": Group.objects.get(name=EDITORS).pk,
        "index": StoryIndexPage.objects.get().pk,
        "campaigns": CampaignIndexPage.objects.get().pk,
        "redirect": Redirect.objects.create(old_path="/matrix", redirect_link="/").pk,
        "mail": OutgoingMail.objects.create(key="admin", kind="account", to="a@example.org", state="failed").pk,
    }


def things_make(user: User, leads: OrganizationPage, shared: dict[str, Any]) -> Things:
    """Make one of every kind that is this user's: written, uploaded, asked for or opened by them."""
    campaign = factories.campaign(live=True, owner=user)
    CampaignOrganization.objects.create(campaign=campaign, organization=leads, role="leads")
    campaign = CampaignPage.objects.get(pk=campaign.pk)
    campaign.title = "Changed"
    campaign.save_revision(user=user)
    review_request(page=CampaignPage.objects.get(pk=campaign.pk), user=user)
    waiting = Page.objects.get(pk=campaign.pk).specific.current_workflow_task_state
    picture = SiteImage(title="A picture", file=ContentFile(samples.jpeg(), "a.jpg"), uploaded_by_user=user)
    picture.save()
    document = get_document_model()(title="A document", file=ContentFile(samples.pdf(), "a.pdf"), uploaded_by_user=user)
    document.save()
    story = factories.story(owner=user)
    return Things(
        shared
        | {
            "page": campaign.pk,
            "revision": campaign.get_latest_revision().pk,
            "task state": waiting.pk,
            "workflow state": waiting.workflow_state_id,
            "step": waiting.task_id,
            "page of a workflow": campaign.pk,
            "story": story.pk,
            "document of search": story.public_id,
            "picture": picture.pk,
            "document": document.pk,
            "uploaded picture": _uploaded(user, SiteImage, samples.png(), "b.png"),
            "uploaded document": _uploaded(user, get_document_model(), samples.pdf(), "b.pdf"),
            "editing session": EditingSession.objects.create(
                user=user, content_object=campaign, last_seen_at=timezone.now()
            ).pk,
            "user": user.pk,
        }
    )


def _uploaded(user: User, model: Any, data: bytes, name: str) -> Any:
    return UploadedFile.objects.create(
        for_content_type=ContentType.objects.get_for_model(model),
        file=ContentFile(data, name),
        uploaded_by_user=user,
    ).pk


def absent() -> Things:
    """Return what names nothing."""
    kinds = {kind for _beginning, _parameter, kind in (*_snippets(), *_NAMES)}
    return Things({kind: ABSENT if kind == "document of search" else ABSENT_ID for kind in kinds})
