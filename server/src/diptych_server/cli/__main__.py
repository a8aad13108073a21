"""`python -m diptych_server.cli`, for when the command is not on the path."""

from diptych_server.cli import main

main()
