"""What templates ask about following."""
