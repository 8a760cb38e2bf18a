"""Who belongs to which organization, and how they came to it."""
