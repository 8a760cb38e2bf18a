"""Campaigns: what is fought for, by whom, how it stands; updates are their child pages."""

import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    MultipleChooserPanel,
    ObjectList,
    PageChooserPanel,
    TabbedInterface,
)
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Orderable
from wagtail.search import index

from cms.base.blocks import BodyBlock
from cms.base.models import BasePage, IndexPage, TaggedPage
from cms.base.outcomes import Outcome
from cms.organizations.models import OrganizationPage
from cms.resources.models import ResourcePage
from cms.stories.models import StoryPage

RICH_TEXT = ["bold", "italic", "ol", "ul", "link"]
# The last part of the address of a campaign's brief.
BRIEF = "brief"


class CampaignIndexPage(IndexPage):
    """The list of campaigns."""

    subpage_types: ClassVar[list[str]] = ["campaigns.CampaignPage"]
    template = "pages/listing.html"
    LISTS = "campaign"

    class Meta:
        """How editors see it."""

        verbose_name = _("list of campaigns")


class CampaignPage(RoutablePageMixin, TaggedPage):
    """A fight over a technology at work. Below its address lies its brief."""

    outcome = models.CharField(_("how it stands"), max_length=12, choices=Outcome.choices, default=Outcome.OPEN)
    outcome_text = RichTextField(
        _("what was won or lost"), blank=True, features=RICH_TEXT, help_text=_("As the agreement or law puts it.")
    )
    outcome_scope = models.CharField(
        _("for whom"), max_length=255, blank=True, help_text=_("Which workers, workplaces or places it covers.")
    )
    started = models.DateField(_("started"), null=True, blank=True)
    ended = models.DateField(_("ended"), null=True, blank=True)
    target = models.CharField(
        _("who must act"), max_length=255, blank=True, help_text=_("An employer, a board, a legislature.")
    )
    did_not_work = RichTextField(
        _("what was tried and did not work"),
        blank=True,
        features=RICH_TEXT,
        help_text=_("Others learn most from this."),
    )
    what_you_can_do = RichTextField(_("what you can do"), blank=True, features=RICH_TEXT)
    sign_up_url = models.URLField(
        _("where to sign up"), blank=True, help_text=_("The address of a form, a petition or a mailing list.")
    )
    event_url = models.URLField(
        _("next event"), blank=True, help_text=_("The address of a page that says when and where.")
    )
    letter = models.TextField(
        _("letter to send"), blank=True, help_text=_("People copy it and put in their own words and name.")
    )
    phone_script = models.TextField(_("what to say on the phone"), blank=True)
    contact = models.CharField(_("whom to contact"), max_length=255, blank=True)

    content_panels = [
        *BasePage.content_panels,
        *TaggedPage.what_panels,
        InlinePanel("demands", label=_("Demand"), heading=_("Demands"), help_text=_("Each with how it stands.")),
        MultiFieldPanel(
            [
                FieldPanel("outcome"),
                FieldPanel("outcome_text"),
                FieldPanel("outcome_scope"),
                FieldRowPanel([FieldPanel("started"), FieldPanel("ended")]),
                FieldPanel("did_not_work"),
            ],
            heading=_("How it stands"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("target"),
                FieldPanel("what_you_can_do"),
                FieldRowPanel([FieldPanel("sign_up_url"), FieldPanel("event_url")]),
                FieldPanel("letter"),
                FieldPanel("phone_script"),
                FieldPanel("contact"),
            ],
            heading=_("Taking part"),
        ),
        InlinePanel("key_dates", label=_("Date"), heading=_("Key dates")),
        InlinePanel("organization_links", label=_("Organization"), heading=_("Organizations in it")),
        MultipleChooserPanel("story_links", chooser_field_name="story", label=_("Stories behind it")),
        MultipleChooserPanel("resource_links", chooser_field_name="resource", label=_("Resources")),
    ]
    edit_handler = TaggedPage.tabs(*content_panels)
    parent_page_types: ClassVar[list[str]] = ["campaigns.CampaignIndexPage"]
    subpage_types: ClassVar[list[str]] = ["campaigns.CampaignUpdatePage"]
    template = "pages/campaign.html"

    class Meta:
        """How editors see it."""

        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")

    @path(f"{BRIEF}/", name="brief")
    def brief(self, request: HttpRequest) -> HttpResponse:
        """Show one page to print: who else faces this, what they did and won, whom to talk to."""
        return self.render(request, template="pages/brief.html")

    def brief_url(self) -> str:
        """Return the address of the brief on this site."""
        return f"{self.relative_url(None) or ''}{self.reverse_subpage('brief')}"

    def more_text(self) -> list[str]:
        """Return demands, outcome and what one can do."""
        demands = [f"{demand.text} {demand.note}" for demand in self.demands.all()]
        what_to_do = [self.what_you_can_do, self.letter, self.phone_script]
        return [*demands, self.outcome_text, self.outcome_scope, self.target, self.did_not_work, *what_to_do]

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Save; the names of its organizations are kept beside them, for when one is no longer on this site."""
        if kwargs.get("update_fields") is None:
            for link in self.organization_links.all():
                link.keep_name()
        return super().save(*args, **kwargs)

    def organizations(self) -> list[OrganizationPage]:
        """Return the organizations in the campaign that are on this site, leaders first."""
        links = sorted(self.organization_links.all(), key=lambda link: link.role != CampaignOrganization.Role.LEADS)
        return [link.organization for link in links if link.organization_id]


class Demand(Orderable):
    """Something a campaign demands, and how it stands."""

    campaign = ParentalKey(CampaignPage, on_delete=models.CASCADE, related_name="demands")
    text = models.CharField(_("demand"), max_length=255)
    state = models.CharField(_("how it stands"), max_length=12, choices=Outcome.choices, default=Outcome.OPEN)
    note = models.CharField(_("note"), max_length=255, blank=True)

    panels = [FieldPanel("text"), FieldRowPanel([FieldPanel("state"), FieldPanel("note")])]

    def __str__(self) -> str:
        """Return the demand."""
        return self.text


class KeyDate(Orderable):
    """A date that matters to a campaign."""

    campaign = ParentalKey(CampaignPage, on_delete=models.CASCADE, related_name="key_dates")
    date = models.DateField(_("date"))
    text = models.CharField(_("what happens"), max_length=255)

    panels = [FieldRowPanel([FieldPanel("date"), FieldPanel("text")])]

    def __str__(self) -> str:
        """Return what happens."""
        return self.text


class CampaignOrganization(Orderable):
    """An organization in a campaign."""

    class Role(models.TextChoices):
        """What it does there."""

        LEADS = "leads", _("leads it")
        TAKES_PART = "takes-part", _("takes part")
        SUPPORTS = "supports", _("supports it")

    campaign = ParentalKey(CampaignPage, on_delete=models.CASCADE, related_name="organization_links")
    # Empty once the organization is no longer on this site: its name stays.
    organization = models.ForeignKey(
        OrganizationPage,
        verbose_name=_("organization"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="campaign_links",
    )
    organization_name = models.CharField(_("its name"), max_length=255, blank=True, editable=False)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.TAKES_PART)

    panels = [FieldRowPanel([PageChooserPanel("organization"), FieldPanel("role")])]

    class Meta(Orderable.Meta):
        """As editors put them; those who joined from the front end follow in the order in which they did."""

        ordering: ClassVar = ["sort_order", "pk"]

    def __str__(self) -> str:
        """Return the organization's name."""
        return str(self.organization) if self.organization else self.organization_name

    def clean(self) -> None:
        """Refuse a row without an organization, unless it stands for one that is no longer on this site."""
        super().clean()
        if self.organization is None and not self.organization_name:
            raise ValidationError({"organization": _("Choose an organization.")})

    def keep_name(self) -> None:
        """Note the organization's name as it now is."""
        if self.organization is not None:
            self.organization_name = self.organization.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with the organization's name."""
        self.keep_name()
        super().save(*args, **kwargs)


class CampaignStory(Orderable):
    """A story behind a campaign."""

    campaign = ParentalKey(CampaignPage, on_delete=models.CASCADE, related_name="story_links")
    story = models.ForeignKey(
        StoryPage, verbose_name=_("story"), on_delete=models.CASCADE, related_name="campaign_links"
    )

    def __str__(self) -> str:
        """Return the story's headline."""
        return str(self.story)


class CampaignResource(Orderable):
    """A resource that a campaign won or uses."""

    campaign = ParentalKey(CampaignPage, on_delete=models.CASCADE, related_name="resource_links")
    resource = models.ForeignKey(
        ResourcePage, verbose_name=_("resource"), on_delete=models.CASCADE, related_name="campaign_links"
    )

    def __str__(self) -> str:
        """Return the resource's title."""
        return str(self.resource)


class CampaignUpdatePage(BasePage):
    """News of a campaign. What it is about, it inherits from its campaign."""

    date = models.DateField(_("date"), default=datetime.date.today)
    text = StreamField(BodyBlock(), verbose_name=_("text"))
    is_win = models.BooleanField(_("this is a win"), default=False)

    content_panels = [
        *BasePage.content_panels,
        FieldRowPanel([FieldPanel("date"), FieldPanel("is_win")]),
        FieldPanel("text"),
        InlinePanel("corrections", label=_("Correction"), heading=_("Corrections")),
    ]
    edit_handler = TabbedInterface(
        [
            ObjectList(content_panels, heading=_("What it says")),
            ObjectList(BasePage.promote_panels, heading=_("Promote")),
            ObjectList(BasePage.settings_panels, heading=_("Settings"), classname="settings"),
        ]
    )
    search_fields = [*BasePage.search_fields, index.SearchField("text")]
    parent_page_types: ClassVar[list[str]] = ["campaigns.CampaignPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "pages/update.html"

    class Meta:
        """How editors see it."""

        verbose_name = _("campaign update")
        verbose_name_plural = _("campaign updates")

    def clean(self) -> None:
        """Refuse the address of the campaign's brief: nobody could reach the update there."""
        super().clean()
        if self.slug == BRIEF:
            raise ValidationError({"slug": _("The brief of the campaign has this address. Choose another.")})

    def campaign(self) -> CampaignPage | None:
        """Return the campaign this is news of."""
        parent = self.get_parent()
        specific: Any = parent.specific if parent else None
        return specific if isinstance(specific, CampaignPage) else None


class UpdateCorrection(Orderable):
    """A visible correction of an update."""

    update = ParentalKey(CampaignUpdatePage, on_delete=models.CASCADE, related_name="corrections")
    date = models.DateField(_("date"))
    text = models.TextField(_("what was corrected"))

    panels = [FieldPanel("date"), FieldPanel("text")]

    def __str__(self) -> str:
        """Return the date."""
        return f"{self.date:%Y-%m-%d}"
