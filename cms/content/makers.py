"""Turns an entry's data into an object: one function a kind of entry, each a plain list of assignments."""

import datetime
import json
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models

from cms.archives.models import (
    EventFigure,
    EventPage,
    Participation,
    Person,
    SessionPage,
    TaggedPageTakeaway,
    ToldStory,
)
from cms.base.models import Citation, Correction, TaggedPage
from cms.campaigns.models import (
    CampaignOrganization,
    CampaignPage,
    CampaignResource,
    CampaignStory,
    CampaignUpdatePage,
    Demand,
    KeyDate,
)
from cms.content.longtext import rich_text, stream
from cms.organizations.models import OrganizationPage
from cms.resources.models import ResourcePage
from cms.sources.models import Source
from cms.stories.models import StoryPage
from cms.taxonomy.models import PROXIES, Concept, ConceptLabel, ConceptSource, TechnologyProduct, Vendor
from cms.taxonomy.schemes import Scheme

# Finds the object made from another entry: file and key in, object out; None when an editor has deleted it since.
# Raises ContentError when no such entry was ever loaded.
Find = Callable[[str, str], Any]

TAG_FIELDS = {
    "industries": Scheme.INDUSTRY,
    "technologies": Scheme.TECHNOLOGY,
    "harms": Scheme.HARM,
    "rights": Scheme.RIGHT,
    "strategies": Scheme.STRATEGY,
    "occupations": Scheme.OCCUPATION,
    "arrangements": Scheme.ARRANGEMENT,
    "affected": Scheme.AFFECTED,
    "places": Scheme.PLACE,
}


def _prose(value: Any) -> str:
    return " ".join(str(value or "").split())


def _date(value: Any) -> datetime.date | None:
    return value if isinstance(value, datetime.date) or value is None else datetime.date.fromisoformat(str(value))


def _day(value: Any) -> datetime.date:
    day = _date(value)
    if day is None:
        raise ValueError("a date is missing")
    return day


def _moment(value: Any) -> datetime.datetime | None:
    if not value:
        return None
    moment = value if isinstance(value, datetime.datetime) else datetime.datetime.fromisoformat(str(value))
    return moment.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))


def _rows(model: type[models.Model], rows: list[dict[str, Any]], *, needs: str = "") -> list[Any]:
    """Return child rows in order; rows whose ``needs`` an editor has deleted are left out."""
    kept = [row for row in rows if not needs or row[needs] is not None]
    return [model(sort_order=number, **row) for number, row in enumerate(kept)]


def _found(find: Find, file: str, keys: list[str] | None) -> list[Any]:
    return [found for found in (find(file, key) for key in keys or []) if found is not None]


def make_source(source: Source, data: dict[str, Any], find: Find) -> None:
    """Fill in a source."""
    source.key = data["key"]
    source.title = data["title"]
    source.creator, source.publisher = data.get("creator", ""), data.get("publisher", "")
    source.date, source.url, source.note = _date(data.get("date")), data.get("url", ""), _prose(data.get("note"))


def make_concept(concept: Concept, data: dict[str, Any], find: Find) -> None:
    """Fill in a concept, its labels and its sources."""
    scheme = str(concept.SCHEME)
    concept.scheme, concept.slug, concept.pref_label = scheme, data["key"], data["name"]
    concept.notation = str(data.get("notation", "") or "")
    concept.definition, concept.about = _prose(data.get("definition")), rich_text(data.get("about"))
    concept.broader = find(f"concepts/{scheme}", data["broader"]) if data.get("broader") else None
    concept.exact_match = [str(match) for match in data.get("exact_match", [])]
    labels = [("es", ConceptLabel.Kind.PREFERRED, data["es"])] if data.get("es") else []
    taken = {("es", data.get("es"))}
    for language, names in (data.get("also") or {}).items():
        for name in names:
            if (language, name) not in taken:
                taken.add((language, name))
                labels.append((language, ConceptLabel.Kind.ALTERNATIVE, name))
    concept.labels.set(_rows(ConceptLabel, [{"language": lang, "kind": k, "text": text} for lang, k, text in labels]))
    concept.source_links.set(_rows(ConceptSource, _sources(data, find), needs="source"))


def make_vendor(vendor: Vendor, data: dict[str, Any], find: Find) -> None:
    """Fill in a vendor."""
    vendor.name, vendor.website = data["name"], data.get("website", "")


def make_product(product: TechnologyProduct, data: dict[str, Any], find: Find) -> None:
    """Fill in a product."""
    product.name, product.description = data["name"], _prose(data.get("description"))
    product.vendor = find("vendors", data["vendor"]) if data.get("vendor") else None
    product.technology_type = find("concepts/technology", data["technology"]) if data.get("technology") else None


def make_person(person: Person, data: dict[str, Any], find: Find) -> None:
    """Fill in a person."""
    person.name, person.about, person.slug = data["name"], _prose(data.get("about")), data["key"]


def _sources(data: dict[str, Any], find: Find) -> list[dict[str, Any]]:
    return [
        {"source": find("sources", entry["source"]), "locator": _prose(entry.get("where"))}
        for entry in data.get("sources", [])
    ]


def _fill_tagged(page: TaggedPage, data: dict[str, Any], find: Find) -> None:
    page.title, page.slug = data["title"], data["key"]
    page.standfirst = _prose(data.get("standfirst"))
    page.body = json.dumps(stream(data.get("body")))
    page.search_description = page.standfirst[:255]
    for field, scheme in TAG_FIELDS.items():
        page.set_concepts(scheme, _found(find, f"concepts/{scheme.value}", data.get(field)))
    page.set_products(_found(find, "products", data.get("products")))
    page.citations.set(_rows(Citation, _sources(data, find), needs="source"))
    page.corrections.set(
        _rows(
            Correction,
            [{"date": _date(row["date"]), "text": _prose(row["text"])} for row in data.get("corrections", [])],
        )
    )


def make_organization(page: OrganizationPage, data: dict[str, Any], find: Find) -> None:
    """Fill in an organization."""
    _fill_tagged(page, data, find)
    page.kind, page.short_name = data["kind"], data.get("short_name", "")
    page.parent_organization = find("organizations", data["parent"]) if data.get("parent") else None
    page.offers, page.looks_for = rich_text(data.get("offers")), rich_text(data.get("looks_for"))
    page.website, page.contact = data.get("website", ""), data.get("contact", "")


def make_story(page: StoryPage, data: dict[str, Any], find: Find) -> None:
    """Fill in a story."""
    _fill_tagged(page, data, find)
    page.stage, page.standing = data["stage"], data["standing"]
    year, _dash, month = str(data.get("when") or "").partition("-")
    page.when_year, page.when_month = int(year) if year else None, int(month) if month else None
    page.employer, page.content_note = data.get("employer", ""), _prose(data.get("content_note"))
    page.reply, page.what_happened_next = rich_text(data.get("reply")), rich_text(data.get("what_happened_next"))


def make_resource(page: ResourcePage, data: dict[str, Any], find: Find) -> None:
    """Fill in a resource."""
    _fill_tagged(page, data, find)
    page.kind, page.outcome, page.state = data["kind"], data.get("outcome", ""), data.get("state", "")
    page.as_of, page.link = _date(data.get("as_of")), data.get("url", "")
    page.what_it_wins = rich_text(data.get("what_it_wins"))


def make_campaign(page: CampaignPage, data: dict[str, Any], find: Find) -> None:
    """Fill in a campaign."""
    _fill_tagged(page, data, find)
    page.outcome = data.get("outcome", "open")
    page.outcome_text, page.outcome_scope = rich_text(data.get("outcome_text")), _prose(data.get("outcome_scope"))
    page.started, page.ended = _date(data.get("started")), _date(data.get("ended"))
    page.target, page.contact = _prose(data.get("target")), _prose(data.get("contact"))
    page.did_not_work, page.what_you_can_do = (
        rich_text(data.get("did_not_work")),
        rich_text(data.get("what_you_can_do")),
    )
    page.demands.set(
        _rows(
            Demand,
            [
                {"text": _prose(row["text"]), "state": row.get("state", "open"), "note": _prose(row.get("note"))}
                for row in data.get("demands", [])
            ],
        )
    )
    page.key_dates.set(
        _rows(KeyDate, [{"date": _date(row["date"]), "text": _prose(row["text"])} for row in data.get("key_dates", [])])
    )
    page.organization_links.set(
        _rows(
            CampaignOrganization,
            [
                {"organization": find("organizations", row["organization"]), "role": row.get("role", "takes-part")}
                for row in data.get("organizations", [])
            ],
            needs="organization",
        )
    )
    page.story_links.set(
        _rows(CampaignStory, [{"story": found} for found in _found(find, "stories", data.get("stories"))])
    )
    page.resource_links.set(
        _rows(CampaignResource, [{"resource": found} for found in _found(find, "resources", data.get("resources"))])
    )


def make_update(page: CampaignUpdatePage, data: dict[str, Any], find: Find) -> None:
    """Fill in a campaign update."""
    page.title, page.slug = data["title"], data["key"]
    page.date, page.is_win = _day(data["date"]), bool(data.get("is_win"))
    page.text = json.dumps(stream(data["text"]))


def _takeaways(data: dict[str, Any]) -> list[Any]:
    rows = [{"theme": row["theme"], "text": rich_text(row["text"])} for row in data.get("takeaways", [])]
    return _rows(TaggedPageTakeaway, rows)


def _participations(data: dict[str, Any], find: Find) -> list[Any]:
    rows = [
        {
            "person": find("people", row["person"]),
            "role": row.get("role", "speaker"),
            "affiliation": row.get("affiliation", ""),
            "organization": find("organizations", row["organization"]) if row.get("organization") else None,
            "quotation": _prose(row.get("quotation")),
            "note": _prose(row.get("note")),
        }
        for row in data.get("participants", [])
    ]
    return _rows(Participation, rows, needs="person")


def make_event(page: EventPage, data: dict[str, Any], find: Find) -> None:
    """Fill in an event."""
    _fill_tagged(page, data, find)
    page.start_date, page.end_date = _day(data["start_date"]), _date(data.get("end_date"))
    page.venue, page.photo_credit = data.get("venue", ""), data.get("photo_credit", "")
    page.figures.set(
        _rows(EventFigure, [{"number": row["number"], "label": row["label"]} for row in data.get("figures", [])])
    )
    page.takeaways.set(_takeaways(data))
    page.participations.set(_participations(data, find))
    page.told_story_links.set(
        _rows(ToldStory, [{"story": found} for found in _found(find, "stories", data.get("stories"))])
    )


def make_session(page: SessionPage, data: dict[str, Any], find: Find) -> None:
    """Fill in a session."""
    _fill_tagged(page, data, find)
    page.kind, page.room = data["kind"], data.get("room", "")
    page.starts_at, page.ends_at = _moment(data.get("starts_at")), _moment(data.get("ends_at"))
    page.recording_url, page.transcript = data.get("recording_url", ""), data.get("transcript", "")
    page.takeaways.set(_takeaways(data))
    page.participations.set(_participations(data, find))
    page.told_story_links.set(
        _rows(ToldStory, [{"story": found} for found in _found(find, "stories", data.get("stories"))])
    )


# What each file's entries become.
MODELS: dict[str, tuple[type[models.Model], Callable[[Any, dict[str, Any], Find], None]]] = {
    "sources": (Source, make_source),
    **{f"concepts/{scheme.value}": (proxy, make_concept) for scheme, proxy in PROXIES.items()},
    "vendors": (Vendor, make_vendor),
    "products": (TechnologyProduct, make_product),
    "people": (Person, make_person),
    "organizations": (OrganizationPage, make_organization),
    "stories": (StoryPage, make_story),
    "resources": (ResourcePage, make_resource),
    "campaigns": (CampaignPage, make_campaign),
    "updates": (CampaignUpdatePage, make_update),
    "events": (EventPage, make_event),
    "sessions": (SessionPage, make_session),
}
