"""Management commands of organizing."""
