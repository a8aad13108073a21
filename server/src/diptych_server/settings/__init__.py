"""Every setting of the server: one table, from which the command line, the environment and the docs come.

Order: argument > environment > file > default.

    diptych serve --port 9000      an argument
    DIPTYCH_PORT=9000              the environment
    port = 9000                    the file: TOML, `diptych.toml` in the data folder, or what `--config` names
"""

from diptych_server.settings.load import load_settings
from diptych_server.settings.markdown import settings_markdown
from diptych_server.settings.table import TABLE, Row, Settings

__all__ = ["TABLE", "Row", "Settings", "load_settings", "settings_markdown"]
