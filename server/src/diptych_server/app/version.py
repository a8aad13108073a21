"""The version of this server, as its package says."""

from importlib.metadata import version

VERSION = version("diptych-server")
