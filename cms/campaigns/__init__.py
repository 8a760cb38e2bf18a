"""Campaigns, their demands and their updates."""
