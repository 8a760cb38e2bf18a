"""Unions, worker centres, community groups and allies."""
