"""What an organizer is told when something cannot be done. Each is one sentence with what to do."""


class OrganizingError(Exception):
    """Something cannot be done; the message says why and what to do, to the person who asked."""
