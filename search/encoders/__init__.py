"""Models that turn text into vectors, one module a model, behind ``base.Encoder``; ``search.embeddings`` picks."""
