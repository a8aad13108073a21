"""The search language: `@usr.id:42 -@error.count:0 "words"` → bound SQL. docs/search.md is made of it."""

from diptych_server.query.search.compile import NO_SEARCH, Led, Search, search_of

__all__ = ["NO_SEARCH", "Led", "Search", "search_of"]
