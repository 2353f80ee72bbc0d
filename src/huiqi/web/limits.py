"""How often somebody may try. Counted in the database, so that the bound holds for all processes together.

Only what may be repeated to do harm is counted, on the request that does it; no page that is looked at asks for this.
"""

from __future__ import annotations

from django.db import connection
from django.utils.crypto import salted_hmac

#: Counts whose time is over are deleted a few at a time, passing over those that somebody else is at.
_SWEEP = """
DELETE FROM web_attempts WHERE key IN (
    SELECT key FROM web_attempts WHERE ends <= clock_timestamp() LIMIT 100 FOR UPDATE SKIP LOCKED
)
"""
#: One statement counts and reads, so that of two at the same moment each gets a number of its own.
_COUNT = """
INSERT INTO web_attempts AS a (key, number, ends)
VALUES (%(key)s, 1, clock_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (key) DO UPDATE SET
    number = CASE WHEN a.ends <= clock_timestamp() THEN 1 ELSE a.number + 1 END,
    ends = CASE WHEN a.ends <= clock_timestamp() THEN excluded.ends ELSE a.ends END
RETURNING number
"""


def within_limit(what: str, who: str, most: int, seconds: int) -> bool:
    """Count one more attempt; False once there were more than ``most`` within ``seconds`` of the first one.

    The clock is the database's. ``who``, an address or a number of a person, is kept as a keyed hash only, and no
    longer than its time.
    """
    key = salted_hmac("huiqi.web.limits", f"{what}:{who}", algorithm="sha256").hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP)
        cursor.execute(_COUNT, {"key": key, "seconds": seconds})
        (number,) = cursor.fetchone()
    return bool(number <= most)
