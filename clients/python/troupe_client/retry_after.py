"""When a server says by `Retry-After` that it wants to be asked again."""

import email.utils
import time


def seconds_of(header: str | None) -> float | None:
    """From now on. It is a number of seconds, or a date."""
    if header is None:
        return None
    try:
        return max(0.0, float(int(header)))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
