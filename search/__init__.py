"""How public content is found and linked."""
