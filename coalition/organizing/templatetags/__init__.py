"""What templates ask about organizing."""
