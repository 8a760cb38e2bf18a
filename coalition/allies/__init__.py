"""Allies in other industries: finding them, being introduced with both sides’ consent, talking, acting together."""
