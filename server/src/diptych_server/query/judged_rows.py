"""Judgements of a period as rows of SQL, each once.

One that was sent again is a row each time until parts merge, and the last delivery counts. To sort all for
that takes longer than all that is asked of them: so those that came once are read as they stand, and only the
others, which are few, are set against each other. Which they are is asked first.
"""

from diptych_server.query.instants import Period
from diptych_server.query.roll_up_rows import Several
from diptych_server.query.search.sources import IN_DAYS
from diptych_server.store.database import Database

SEEN = """evaluations
WHERE project_id = {project:String}
  AND seen_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
  AND seen_at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')"""
"""Those of a period, each as often as it came."""

_HASH = "cityHash64(evaluation_id)"


async def sent_again(database: Database, project_id: str, period: Period) -> dict[str, list[int]]:
    """What a statement with `judged_rows` binds: hashes of the ids that several rows of those days have.

    It is kept: nobody may change it.
    """
    bounds = {"project": project_id, **period.parameters}
    several = await database.kept.ask(
        project_id,
        ("sent again", bounds["from_day"], bounds["to_day"]),
        lambda: Several.of(database, _HASH, f"evaluations WHERE {IN_DAYS}", bounds),
        lambda known, came: known.with_these(database, came.evaluation_ids),
    )
    return {"sent_again": several.hashes}


def judged_rows(columns: str, condition: str = "true") -> str:
    """A SELECT of these columns of the judgements that meet a condition. It binds what `sent_again` found."""
    again = "{sent_again:Array(UInt64)}"
    return f"""
SELECT {columns} FROM {SEEN} AND {condition} AND {_HASH} NOT IN {again}
UNION ALL
SELECT {columns} FROM {SEEN} AND {condition} AND {_HASH} IN {again}
ORDER BY precedence DESC, ts DESC LIMIT 1 BY evaluation_id"""  # noqa: S608 - constants; every value is bound
