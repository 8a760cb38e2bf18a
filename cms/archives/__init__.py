"""Events, their sessions, and the people who spoke there."""
