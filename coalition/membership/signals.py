"""What membership tells whoever listens. Packages above connect here."""

from django.dispatch import Signal

# Somebody no longer belongs to an organization, in the transaction that ended it.
# Arguments: ``organization``, ``user``.
membership_ended = Signal()

# Two entries were one organization, in the transaction that merged them. Arguments: ``kept`` and ``gone``, two
# ``OrganizationPage``; ``gone`` is deleted right after.
organizations_merged = Signal()

# An organization wants to hear nothing more from another, in the transaction in which it said so.
# Arguments: ``organization`` and ``blocked``, two ``OrganizationPage``.
contact_refused = Signal()
