"""When to send a heartbeat and when a connection counts as dead. A state machine that is told the time."""

from __future__ import annotations


class Liveness:
    """The silence of one connection in both directions, in seconds of one monotonic clock.

    Owned by the event loop's thread.
    """

    def __init__(self, interval_s: float, beats_max: int, now_s: float) -> None:
        self.interval_s = interval_s
        self._beats_max = beats_max
        self._heard_s = now_s
        self._sent_s = now_s
        self._asked_s = now_s

    @property
    def silence_max_s(self) -> float:
        """The silence after which the other side is given up."""
        return self.interval_s * self._beats_max

    def heard(self, now_s: float) -> None:
        """Something came: any traffic counts as life."""
        self._heard_s = now_s

    def sent(self, now_s: float) -> None:
        """Something went out."""
        self._sent_s = now_s

    def asked(self, now_s: float) -> None:
        """Note that a heartbeat went out: none is needed for another interval."""
        self._asked_s = now_s

    def restart(self, now_s: float) -> None:
        """Judge from now on: what was silent before was allowed to be."""
        self._heard_s = now_s

    def heartbeat_due(self, now_s: float) -> bool:
        """Tell whether nothing was sent, or nothing heard, for an interval: who only sends must ask, too."""
        quiet_s = now_s - min(self._sent_s, self._heard_s)
        return quiet_s >= self.interval_s and now_s - self._asked_s >= self.interval_s

    def lost(self, now_s: float) -> bool:
        """Tell whether nothing was heard for too long."""
        return now_s - self._heard_s >= self.silence_max_s
