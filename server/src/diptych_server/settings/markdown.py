"""The table of settings for the docs."""

from diptych_server.settings.table import TABLE


def settings_markdown() -> str:
    """Render the table of settings for the docs."""
    lines = [
        "# Settings",
        "",
        "Order: argument > environment > file > default. The file is TOML with the names of the arguments,",
        "`_` for `-`: `diptych.toml` in the data folder, or what `--config` names. Flags take `on` or `off`",
        "in the environment, `true` or `false` in the file.",
        "",
        "| argument of `serve` | environment | default | what it does |",
        "| --- | --- | --- | --- |",
    ]
    for row in TABLE:
        argument = f"{row.argument_name} {row.setting.metavar}".strip()
        lines.append(
            f"| `{argument}` | `{row.environment_name}` | `{row.shown_default}` | {row.setting.help} |"
        )
    return "\n".join(lines) + "\n"
