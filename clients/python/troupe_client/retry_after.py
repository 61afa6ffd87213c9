"""When a server says by `Retry-After` that it wants to be asked again."""

import email.utils
import time

from .amounts import wait


def seconds_of(header: str | None) -> float | None:
    """From now on. It is a number of seconds, or a date."""
    if header is None:
        return None
    try:
        return wait(float(header))
    except ValueError:
        pass
    try:
        return wait(email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None
