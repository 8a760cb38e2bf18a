"""Elasticsearch as an engine: streams of stemmed words in, public ids out. Used only where ELASTICSEARCH_URL is set.

Its client takes a second to import: whoever starts without it first asks ``is_set``, and imports what uses it after.
"""

from django.conf import settings


def is_set() -> bool:
    """Whether the site uses an Elasticsearch at all."""
    return bool(settings.ELASTICSEARCH_URL)
