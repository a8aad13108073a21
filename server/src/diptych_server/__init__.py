"""Self-hosted RUM, session replay and LLM observability in one process."""
