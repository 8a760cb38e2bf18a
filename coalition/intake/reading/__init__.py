"""The moderators' own area: who reads what, what they write, and what administrators see of it."""
