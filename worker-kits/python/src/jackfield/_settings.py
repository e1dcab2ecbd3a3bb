"""Whether the settings of a client or a worker are within their limits."""

from __future__ import annotations

from . import _protocol as jf1


def check(what: str, value: float, least: float, greatest: float) -> None:
    """Raise ValueError when the value is not within the limits, both of them included."""
    if not least <= value <= greatest:
        raise ValueError(f"{what}: {value} (expected: {least} to {greatest})")


def check_connection(heartbeat_interval_s: float, heartbeat_liveness: int, body_bytes_max: int) -> None:
    """Check what clients and workers have in common."""
    check("heartbeat_interval_s", heartbeat_interval_s, 0.01, 3600)
    check("heartbeat_liveness", heartbeat_liveness, 2, 100)
    check("body_bytes_max", body_bytes_max, 1, jf1.FRAME_BYTES_MAX)
