"""Links between documents: candidates → signals → fusion → diversification → explanation → stored links."""
