"""Sample contexts, by which each component is looked at alone in the style guide."""

import datetime
from types import SimpleNamespace
from typing import Any

from django import forms
from django.utils.safestring import mark_safe

from coalition.accounts.forms import SetupForm
from search.brief import Contact
from search.expansion import ExpandedText, Group
from search.facets import BY_NAME
from search.linked import Linked
from search.matching.situations import Bar, Reason
from search.matrix import Cell, Matrix, Row
from search.models import Document
from search.pages import Chip, Choice, FacetBox, Hit, SearchPage
from search.query import SearchQuery
from search.suggesting import Suggestion
from search.vocabulary import Term


def _term(scheme: str, label: str) -> Term:
    return Term(0, scheme, label.lower().replace(" ", "-"), label, "", None, 0, "en")


def _document(kind: str, title: str, standfirst: str, **card: Any) -> Document:
    return Document(
        kind=kind,
        title=title,
        standfirst=standfirst,
        url="/",
        date=datetime.date(2025, 1, 14),
        card=card,
        is_demonstration=True,
    )


_STORY = _document(
    "story",
    "The scanner counts the minutes between two shelves",
    "In this warehouse the scanner knows when nobody moves. What it knows is used for write-ups.",
    stage="in-use",
    when=[2025, 1],
)
_CAMPAIGN = _document(
    "campaign",
    "A person decides, or nobody does",
    "Hotel and hospital workers demand that a person signs every write-up.",
    outcome="bargaining",
    organizations=[{"title": "Local 1", "url": "/"}, {"title": "Neighbors for Fair Work", "url": "/"}],
)
_UPDATE = _document(
    "update",
    "The first table",
    "Management came, and brought the manual of the software.",
    is_win=True,
    campaign={"title": "A person decides, or nobody does", "url": "/"},
)
_RESOURCE = _document(
    "resource",
    "Notice before any new system",
    "Contract language: ninety days’ notice, and bargaining over effects.",
    form="contract-language",
    outcome="won",
)
_ORGANIZATION = _document("organization", "Local 1", "", form="union")
_REASON = Reason(
    "Both: tracking through equipment and data used for discipline.",
    "The scanner counts the minutes between two shelves.",
    "The bed alarm also counts how long we stand at the door.",
    [Bar("topics in common", 52), Bar("told alike", 33), Bar("words in common", 15)],
    "The same technology and harm: 3 more stories in 2 industry sectors.",
)
_LINKED = Linked(_STORY, _REASON, confirmed=True)
_DEMANDS = SimpleNamespace(
    demands=SimpleNamespace(all=[SimpleNamespace(text="A person signs every write-up", state="won")]),
    target="The hotel",
)


def _choices(*rows: tuple[str, int, bool, int]) -> list[Choice]:
    return [Choice(label, label, count, selected, "#", depth) for label, count, selected, depth in rows]


def _results(*, empty: bool = False) -> SearchPage:
    query = SearchQuery(text="warehous", facets={"stage": ("in-use",)}, page=2)
    boxes = [
        FacetBox(
            BY_NAME["industry"],
            _choices(
                ("Transportation and warehousing", 12, True, 0), ("Warehousing", 7, False, 1), ("Retail", 3, True, 0)
            ),
            every=False,
            every_url="#",
        ),
        FacetBox(
            BY_NAME["stage"], _choices(("Feared", 2, False, 0), ("In use", 9, True, 0)), every=False, every_url=""
        ),
    ]
    marked = mark_safe("The scanner counts the minutes in the <mark>warehouse</mark>")
    return SearchPage(
        query=query,
        path="#",
        hits=[] if empty else [Hit(_STORY, marked, mark_safe(_STORY.standfirst), mark_safe(""))],  # noqa: S308
        total=0 if empty else 41,
        boxes=boxes,
        chips=[Chip("", "“warehous”", "#"), Chip("Stage", "In use", "#")],
        text=ExpandedText((Group("warehous", ("warehous",), ("warehouse",)),), "warehouse"),
        loosenings=[Suggestion("Stage: In use", query.without_facet("stage"), 14)] if empty else [],
    )


def _matrix() -> Matrix:
    families = [_term("technology", name) for name in ("Monitoring", "Management by algorithm", "Automation")]
    names = ("Health care", "Warehousing", "Retail")
    rows = [
        Row(_term("industry", name), "#", [Cell(i + j, "#", f"{i + j} stories", min(4, i + j)) for j in range(3)], 3)
        for i, name in enumerate(names)
    ]
    return Matrix(families, rows)


class _Wrong(forms.Form):
    """A form that has been sent with a mistake."""

    email = forms.EmailField(label="Your e-mail address", help_text="Nobody else sees it.")


_PERSON = SimpleNamespace(
    quotation="We are the ones who know what the screen does not see.",
    person=SimpleNamespace(name="Somebody", get_absolute_url="#"),
    get_role_display="speaker",
    affiliation="Local 1",
    organization=None,
    note="",
)

SAMPLES: list[dict[str, Any]] = [
    {"name": "Mark", "template": "components/mark.html", "context": {}},
    {
        "name": "Search form",
        "template": "components/search_form.html",
        "context": {"id": "sample-q", "label": "Find stories", "value": "scanner"},
    },
    *(
        {"name": f"Outcome: {outcome}", "template": "components/outcome.html", "context": {"outcome": outcome}}
        for outcome in ("open", "bargaining", "partly-won", "won", "lost")
    ),
    *(
        {"name": f"Stage: {stage}", "template": "components/stage.html", "context": {"stage": stage}}
        for stage in ("feared", "threatened", "piloted", "in-use", "stopped")
    ),
    *(
        {"name": f"Standing: {standing}", "template": "components/standing.html", "context": {"standing": standing}}
        for standing in ("worker", "reported", "confirmed")
    ),
    *(
        {"name": f"Card: {document.kind}", "template": "components/card.html", "context": {"document": document}}
        for document in (_STORY, _CAMPAIGN, _UPDATE, _RESOURCE)
    ),
    {
        "name": "Match",
        "template": "components/match.html",
        "context": {"linked": _LINKED, "own": [_term("industry", "Warehousing")]},
    },
    {
        "name": "Brief: what is demanded",
        "template": "components/brief_demands.html",
        "context": {"page": _DEMANDS},
    },
    {
        "name": "Brief: story",
        "template": "components/brief_story.html",
        "context": {"linked": _LINKED, "own": [_term("industry", "Warehousing")]},
    },
    {
        "name": "Brief: what was done",
        "template": "components/brief_deed.html",
        "context": {"linked": Linked(_CAMPAIGN, _REASON)},
    },
    {
        "name": "Brief: whom to talk to",
        "template": "components/brief_contact.html",
        "context": {"contact": Contact(_ORGANIZATION, "555 0100", "https://example.org/", [_CAMPAIGN], "")},
    },
    {
        "name": "Reason, nothing but topics",
        "template": "components/match_reason.html",
        "context": {"reason": Reason("Both: wages set by algorithm.", "", "", [])},
    },
    {"name": "Matrix", "template": "components/matrix.html", "context": {"matrix": _matrix()}},
    {"name": "Chips", "template": "components/chips.html", "context": {"results": _results()}},
    {"name": "Facets", "template": "components/facets.html", "context": {"results": _results()}},
    {"name": "Pagination", "template": "components/pagination.html", "context": {"results": _results()}},
    {"name": "Empty list", "template": "components/empty.html", "context": {"results": _results(empty=True)}},
    {"name": "Toward matching", "template": "components/toward_match.html", "context": {"text": "what happened"}},
    {"name": "Participants", "template": "components/participants.html", "context": {"people": [_PERSON]}},
    {
        "name": "Quotation",
        "template": "blocks/quote.html",
        "context": {"value": {"text": "Nobody asked us.", "speaker": "Somebody", "role": "Local 1", "source": "2025"}},
    },
    {"name": "Field", "template": "components/field.html", "context": {"field": SetupForm()["password"]}},
    {
        "name": "Field, wrong",
        "template": "components/field.html",
        "context": {"field": _Wrong({"email": "me"})["email"]},
    },
    {"name": "Demonstration", "template": "components/demonstration.html", "context": {}},
]
