"""Django commands of operations."""
