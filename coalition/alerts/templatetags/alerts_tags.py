"""What templates ask about following: the parameters of what a list shows."""

from django import template

from coalition.alerts.targets import query_target
from search.query import SearchQuery

register = template.Library()


@register.filter
def followed(query: SearchQuery) -> str:
    """Return a list's query as address parameters, what the page itself stands for included."""
    return query_target(query)
