"""Recordings of Datadog's browser SDK as rrweb events, converted when they are read.

    converter   records of a view, in order → events          tree      the page, as far as it has been told
    changes     the flat format (7.x)                         nested    the rrweb-shaped format (4.x to 6.x)

A view can be converted from its full snapshot on and from nowhere else: ids and strings go by position.
"""

from diptych_server.query.datadog_replay.converter import Converter

__all__ = ["Converter"]
