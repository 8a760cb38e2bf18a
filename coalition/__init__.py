"""The network: settings, urls, and what people do here."""

__version__ = "0.1.0"
