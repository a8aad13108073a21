"""Recorded visits of the Concierge shop, and the tools that record and load them."""
