"""Loads a content set: what is new is made, what the files changed is updated, what an editor changed is left alone."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.forms.models import model_to_dict
from modelcluster.models import ClusterableModel
from wagtail.models import Page

from cms.archives.models import ArchiveIndexPage
from cms.base.gathering import gathered
from cms.base.indexing import indexes_left_alone, indexes_write
from cms.base.models import BasePage, Origin
from cms.campaigns.models import CampaignIndexPage
from cms.content.longtext import stream
from cms.content.makers import MODELS
from cms.content.models import LoadedItem, LoadedSet
from cms.content.reading import DEMONSTRATION, ContentError, Entry, files_hash, read_entries, read_site
from cms.home.models import PlainPage
from cms.home.structure import site_structure_create
from cms.organizations.models import OrganizationIndexPage
from cms.resources.models import ResourceIndexPage
from cms.stories.models import StoryIndexPage

INDEX_OF: dict[str, type[BasePage]] = {
    "organizations": OrganizationIndexPage,
    "stories": StoryIndexPage,
    "resources": ResourceIndexPage,
    "campaigns": CampaignIndexPage,
    "events": ArchiveIndexPage,
}

# What changes without anybody's doing, and so says nothing about an editor's work.
VOLATILE = frozenset(
    [
        "pk",
        "path",
        "depth",
        "numchild",
        "url_path",
        "latest_revision",
        "live_revision",
        "latest_revision_created_at",
        "first_published_at",
        "last_published_at",
        "has_unpublished_changes",
        "draft_title",
        "public_id",
        "locked",
        "locked_at",
        "locked_by",
        "content_type",
        "owner",
        "translation_key",
        "locale",
        "id",
        "sort_order",
        "page",
        "concept",
        "campaign",
        "event",
        "page_ptr",
        "taggedpage_ptr",
        "go_live_at",
        "expire_at",
        "expired",
        "wagtail_admin_comments",
        "index_entries",
        "scheme",
    ]
)


@dataclass
class Report:
    """What loading did, counted."""

    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    # Entries that the files changed and an editor changed too: the editor's version stands.
    kept: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Say it in one line."""
        parts = [
            f"{sum(self.created.values())} new",
            f"{sum(self.updated.values())} updated",
            f"{self.unchanged} unchanged",
        ]
        if self.kept:
            parts.append(f"{len(self.kept)} left as editors changed them")
        return ", ".join(parts)


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, cls=DjangoJSONEncoder).encode()).hexdigest()


def _stable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _stable(item) for key, item in value.items() if key not in VOLATILE}
    return [_stable(item) for item in value] if isinstance(value, list) else value


def fingerprint(item: models.Model) -> str:
    """Return a hash of everything an editor could have changed on an object, as it stands in the database."""
    fresh = type(item)._default_manager.get(pk=item.pk)
    if isinstance(fresh, Page) and not fresh.live:
        # Unpublished by an editor: that is a change too.
        return _hash(["not live", fresh.pk])
    if isinstance(fresh, ClusterableModel):
        data = _stable(fresh.serializable_data())
        for name in ("body", "text"):
            # Block ids are made anew at each load.
            if isinstance(data.get(name), str):
                data[name] = _without_ids(json.loads(data[name])) if data[name].startswith("[") else data[name]
        return _hash(data)
    return _hash(_stable(model_to_dict(fresh)))


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_ids(item) for key, item in value.items() if key != "id"}
    return [_without_ids(item) for item in value] if isinstance(value, list) else value


class Loader:
    """Loads one set. Use :func:`content_load`."""

    def __init__(self, content_set: str) -> None:
        self.content_set = content_set
        self.report = Report()
        self.made: list[models.Model] = []
        self.found: dict[str, models.Model | None] = {}
        self.items = {item.key: item for item in LoadedItem.objects.all()}
        self.home = site_structure_create()

    def find(self, file: str, key: str) -> models.Model | None:
        """Return the object made from another entry, or None when an editor has deleted it since.

        Raises:
            ContentError: no such entry was ever loaded.
        """
        name = f"{file}/{key}"
        if name not in self.found:
            item = self.items.get(name)
            if item is None:
                raise ContentError(f"There is no entry {key!r} in {file}.yaml.")
            self.found[name] = self._target(item)
        return self.found[name]

    def load(self) -> Report:
        """Load every entry of the set."""
        for entry in read_entries(self.content_set):
            try:
                self._load_entry(entry)
            except (KeyError, TypeError, ValueError) as error:
                raise ContentError(f"{entry.content_set}/{entry.name}: {type(error).__name__}: {error}") from error
        self._load_site()
        return self.report

    def _load_entry(self, entry: Entry) -> None:
        parent = INDEX_OF[entry.file].objects.get() if entry.file in INDEX_OF else None
        children, data = self._children(entry)
        made = self._store(entry.name, entry.file, data, parent)
        for child in children if made is not None else []:
            self._store(child.name, child.file, child.data, made)

    @staticmethod
    def _children(entry: Entry) -> tuple[list[Entry], dict[str, Any]]:
        """Return an entry's child pages as entries, and the entry without them."""
        name = {"campaigns": "updates", "events": "sessions"}.get(entry.file, "")
        children = [
            Entry(entry.content_set, name, f"{entry.key}/{child['key']}", child) for child in entry.data.get(name, [])
        ]
        return children, {key: value for key, value in entry.data.items() if key != name}

    def _store(self, name: str, file: str, data: dict[str, Any], parent: Any) -> models.Model | None:
        model, make = MODELS[file]
        item = self.items.get(name)
        target = self._target(item) if item else None
        data_hash = _hash(data)
        if item is not None and target is not None:
            self.found[name] = target
            if item.data_hash == data_hash:
                self.report.unchanged += 1
                return target
            if fingerprint(target) != item.object_hash:
                self.report.kept.append(name)
                return target
        elif item is not None:
            # An editor deleted it: it stays away until the files say something new about it.
            if item.data_hash == data_hash:
                self.report.unchanged += 1
            else:
                self.report.kept.append(name)
            return None
        made = target if target is not None else model()
        make(made, data, self.find)
        self._save(made, parent)
        self.found[name] = made
        self.made.append(made)
        (self.report.created if target is None else self.report.updated)[file] += 1
        self._record(name, made, data_hash)
        return made

    def _save(self, made: models.Model, parent: Any) -> None:
        demonstration = self.content_set == DEMONSTRATION
        if hasattr(made, "is_demonstration"):
            made.is_demonstration = demonstration
        if isinstance(made, BasePage):
            made.origin = Origin.DEMONSTRATION if demonstration else Origin.SOURCE
            if made.pk is None:
                made.live = False
                Page.objects.get(pk=parent.pk).add_child(instance=made)
            made.save_revision().publish()
        else:
            made.full_clean(exclude=["locale", "translation_key"])
            made.save()

    def _record(self, name: str, made: models.Model, data_hash: str) -> None:
        content_type = ContentType.objects.get_for_model(made)
        self.items[name], _created = LoadedItem.objects.update_or_create(
            key=name,
            defaults={
                "content_set": self.content_set,
                "content_type": content_type,
                "object_id": made.pk,
                "data_hash": data_hash,
                "object_hash": fingerprint(made),
            },
        )

    @staticmethod
    def _target(item: LoadedItem) -> models.Model | None:
        file = item.key.split("/")[0]
        model = MODELS["/".join(item.key.split("/")[:2])][0] if file == "concepts" else MODELS.get(file, (None,))[0]
        if model is None:
            model = item.content_type.model_class()
        return model._default_manager.filter(pk=item.object_id).first() if model else None

    def _load_site(self) -> None:
        site = read_site(self.content_set)
        lists = {
            "stories": StoryIndexPage,
            "campaigns": CampaignIndexPage,
            "archives": ArchiveIndexPage,
            "resources": ResourceIndexPage,
            "organizations": OrganizationIndexPage,
        }
        for key, data in site.items():
            if key == "pages":
                for page_data in data:
                    self._store_site_page(f"pages/{page_data['key']}", page_data, None)
            else:
                page = self.home if key == "home" else lists[key].objects.get()
                self._store_site_page(f"site/{key}", data, page)

    def _store_site_page(self, name: str, data: dict[str, Any], page: Any) -> None:
        item, data_hash = self.items.get(name), _hash(data)
        if item is not None:
            if item.data_hash == data_hash:
                self.report.unchanged += 1
                return
            page = page or PlainPage.objects.filter(pk=item.object_id).first()
            if page is None or fingerprint(page) != item.object_hash:
                self.report.kept.append(name)
                return
        page = page or PlainPage(slug=data["key"], show_in_menus=True)
        page.title = data.get("title", page.title)
        for attribute in ("claim", "intro"):
            if attribute in data:
                setattr(page, attribute, " ".join(data[attribute].split()))
        if "text" in data:
            page.text = json.dumps(stream(data["text"]))
        self._save(page, self.home)
        (self.report.created if item is None else self.report.updated)["site"] += 1
        self._record(name, page, data_hash)


@transaction.atomic
def content_load(*, content_set: str) -> Report:
    """Load a set of data files, all of it or nothing.

    Args:
        content_set: ``first`` or ``demonstration``.

    Raises:
        ContentError: a file cannot be read or refers to an entry that is not there.
    """
    current = files_hash(content_set)
    if LoadedSet.objects.filter(name=content_set, files_hash=current).exists():
        return Report(unchanged=LoadedItem.objects.filter(content_set=content_set).count())
    # Pages tell the rest of the site about themselves once, at the end; what refers to what is noted then as well.
    with indexes_left_alone(), gathered():
        loader = Loader(content_set)
        report = loader.load()
    for made in loader.made:
        indexes_write(made)
    LoadedSet.objects.update_or_create(name=content_set, defaults={"files_hash": current})
    return report


@transaction.atomic
def demonstration_remove() -> int:
    """Delete everything that the demonstration set brought, edited or not, and return how many objects that were.

    Pages go first, children before parents; then what they referred to.
    """
    removed = 0
    LoadedSet.objects.filter(name=DEMONSTRATION).delete()
    for item in _in_reverse():
        target = Loader._target(item)
        if target is not None:
            target.delete()
            removed += 1
        item.delete()
    return removed


def _in_reverse() -> Iterator[LoadedItem]:
    yield from LoadedItem.objects.filter(content_set=DEMONSTRATION).order_by("-pk")
