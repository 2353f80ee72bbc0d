"""How often somebody may try: counted in the cache of this process, so the bound is one for each process."""

from __future__ import annotations

from django.core.cache import cache


def within_limit(what: str, who: str, most: int, seconds: int) -> bool:
    """Count one more attempt; False once there were more than ``most`` within ``seconds`` of the first one."""
    key = f"limit:{what}:{who}"
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) <= most
    except ValueError:  # it ended between the two calls
        cache.set(key, 1, seconds)
        return True
