"""Concepts (industries, technology types, harms, …), products and their vendors."""
