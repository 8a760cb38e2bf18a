"""An Elasticsearch for the test suite: an operator's own, else one in Docker, else a bare server from Maven.

Never for a site: that gets a server by ``ELASTICSEARCH_URL``, which somebody keeps.
"""
