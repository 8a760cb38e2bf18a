"""Reads all children of a page that its template draws in one query, instead of one query a kind."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from cms.archives.models import EventPage, SessionPage
from cms.base.models import BasePage, TaggedPage
from cms.campaigns.models import CampaignPage
from search.models import Document

# Relation → what each child points to → the fields of it that are drawn.
Followed = dict[str, tuple[str, ...]]
_SOURCE: Followed = {"source": ("title", "creator", "publisher", "date", "url")}
_PRODUCT: Followed = {"product": ("name",), "product__vendor": ("name",)}
_WHO: Followed = {"person": ("name", "slug"), "organization": ("title", "live", "url_path")}
_EVERYWHERE: dict[str, Followed] = {"citations": _SOURCE, "corrections": {}, "product_links": _PRODUCT}
_DRAWN: dict[type[BasePage], dict[str, Followed]] = {
    CampaignPage: {"demands": {}, "key_dates": {}, "organization_links": {}, "story_links": {}, "resource_links": {}},
    EventPage: {"figures": {}, "takeaways": {}, "participations": _WHO, "told_story_links": {}},
    SessionPage: {"takeaways": {}, "participations": _WHO, "told_story_links": {}},
}


def children_read(page: TaggedPage, documents: QuerySet[Document]) -> Document | None:
    """Return a page's document, and set the page's children as an editor's form would: they are read from memory then.

    Args:
        page: a stored page. Left as it is when it has no document.
        documents: where its document is looked for.
    """
    drawn = {**_EVERYWHERE, **_DRAWN.get(type(page), {})}
    relations = {name: getattr(type(page), name).rel for name in drawn}
    arrays = {f"its_{name}": _as_json(relations[name], followed) for name, followed in drawn.items()}
    document = documents.filter(public_id=page.public_id).annotate(**arrays).first()
    if document is not None:
        for name, followed in drawn.items():
            rows = getattr(document, f"its_{name}")
            getattr(page, name).set([_instance(relations[name].related_model, row, followed) for row in rows])
    return document


def _as_json(relation: Any, followed: Followed) -> ArraySubquery:
    """Return the subquery of a page's children of one kind, each as JSON together with what it points to."""
    fields = {field.attname: field.attname for field in relation.related_model._meta.concrete_fields}
    for path, names in followed.items():
        fields.update({f"{path}__{name}": f"{path}__{name}" for name in ("pk", *names)})
    children = relation.related_model.objects.filter(**{relation.field.attname: OuterRef("page_id")})
    return ArraySubquery(children.order_by("sort_order", "pk").values(as_json=JSONObject(**fields)))


def _instance(model: type[Model], row: dict[str, Any], followed: Followed, prefix: str = "") -> Model:
    """Return a row of JSON as the instance it was made of, with the instances that it points to."""
    fields = [field for field in model._meta.concrete_fields if f"{prefix}{field.attname}" in row]
    made = model(**{field.attname: field.to_python(row[f"{prefix}{field.attname}"]) for field in fields})
    if prefix:
        made.pk = row[f"{prefix}pk"]
    for path in followed:
        parent, _, name = path.rpartition("__")
        if parent == prefix.removesuffix("__"):
            below = f"{path}__"
            target = model._meta.get_field(name).related_model
            there = row[f"{below}pk"] is not None
            setattr(made, name, _instance(target, row, followed, below) if there else None)  # type: ignore[arg-type]
    return made
