"""Pages about allies. They ask the table of permissions, call a verb, and say what came of it."""
