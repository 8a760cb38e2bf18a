"""What pages tell whoever listens. Packages above ``cms`` connect here; ``cms`` imports none of them."""

from django.dispatch import Signal

# A page was saved, with its tags and children, inside the transaction that saved it; not when only a draft of it was.
# Arguments: ``page``.
page_stored = Signal()

# What many pages show has changed (a concept's name, an organization's, a view restriction, a moved branch).
# Sent inside the transaction that changed it. Arguments: ``page_ids`` (a list of ids of pages).
pages_affected = Signal()

# A page is gone. Arguments: ``page_id``, ``public_id``.
page_removed = Signal()
