"""Times of the outbox that lie ahead of the clock: it went back, and no mail may wait for it."""

import sqlite3

from ciforge.timestamp import LEEWAY

_TIMES = (("announced", "at"), ("messages", "created"), ("waiting", "at"), ("recipients", "at"))
"""Columns with a moment that has passed when it is written."""
_LONGEST_WAIT = 3 * 3600.0
"""Seconds; the next try of a mail is never further away."""


def settle(db: sqlite3.Connection, now: float) -> float:
    """Sets what is ahead of `now` to it; by how many seconds at most it was, 0 where nothing was."""
    ahead = 0.0
    for table, column in _TIMES:
        latest = db.execute(f"SELECT max({column}) FROM {table}").fetchone()[0] or 0.0  # noqa: S608
        if latest > now + LEEWAY:
            ahead = max(ahead, latest - now)
            words = f"UPDATE {table} SET {column} = ? WHERE {column} > ?"  # noqa: S608 - ours
            db.execute(words, [now, now + LEEWAY])
    words = "UPDATE recipients SET next_try = ? WHERE delivery = 'queued' AND next_try > ?"
    db.execute(words, [now, now + _LONGEST_WAIT])
    return ahead
