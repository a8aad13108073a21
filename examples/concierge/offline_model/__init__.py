"""An offline stand-in for a language model: a real HTTP server that speaks the Anthropic Messages API.

It is not a model. It reads the question, the documents and the tool results of a request with a few rules and
answers from them, always the same for the same request, so that the demo runs without an account and its
tests without luck. Everything around it is real: the client, the wire, the streaming, the tool calls.
"""
