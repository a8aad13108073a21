"""Concierge: a small shop with an AI assistant, the demo application of Diptych."""

__version__ = "1.4.2"
