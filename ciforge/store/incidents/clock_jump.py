"""Corrects times of the outbox in the future, after the clock was set back, so that mail is not
delayed.
"""

import sqlite3

from ciforge.timestamp import LEEWAY

_TIMES = (("announced", "at"), ("messages", "created"), ("waiting", "at"), ("recipients", "at"))
"""Columns with times that were in the past when they were written."""
_LONGEST_WAIT = 3 * 3600.0
"""Maximum number of seconds until the next try of a mail."""


def settle(db: sqlite3.Connection, now: float) -> float:
    """Sets times after `now` to `now`; the largest difference in seconds, or 0."""
    ahead = 0.0
    for table, column in _TIMES:
        latest = db.execute(f"SELECT max({column}) FROM {table}").fetchone()[0] or 0.0  # noqa: S608
        if latest > now + LEEWAY:
            ahead = max(ahead, latest - now)
            statement = f"UPDATE {table} SET {column} = ? WHERE {column} > ?"  # noqa: S608 - names of tables and columns of this file
            db.execute(statement, [now, now + LEEWAY])
    statement = "UPDATE recipients SET next_try = ? WHERE delivery = 'queued' AND next_try > ?"
    db.execute(statement, [now, now + _LONGEST_WAIT])
    return ahead
