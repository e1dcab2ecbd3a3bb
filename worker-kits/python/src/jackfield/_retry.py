"""Whether a call that failed is asked again, and when. A state machine that is told the time."""

from __future__ import annotations

from ._errors import ConnectionLost, ErrorCode, RequestFailed

_PAUSE_S = 0.1
_MENDED_ELSEWHERE_OR_LATER = (ErrorCode.CONNECTION_LOST, ErrorCode.OVERLOADED, ErrorCode.DRAINING)


class Attempts:
    """The attempts of one call.

    What no worker can have got is asked again at another broker, whatever it is. What a worker may have got is asked
    again only when it is idempotent, at most ``retries_max`` times. ``brokers``: how many there are to ask;
    ``patience_s``: how long a round of brokers that cannot be reached is begun anew.
    """

    def __init__(self, *, idempotent: bool, retries_max: int, brokers: int, patience_s: float, now_s: float) -> None:
        self._retries_left = retries_max if idempotent else 0
        self._brokers = brokers
        self._round_until_s = now_s + patience_s
        self._passed_on = 0
        self._pause_s = _PAUSE_S

    def pause_s(self, failed: RequestFailed, now_s: float) -> float | None:
        """Return after how many seconds to ask again; None: the failure is the call's."""
        if self._brokers > 1 and _untouched(failed) and self._may_pass_on(now_s):
            self._passed_on += 1
            return 0 if self._passed_on % self._brokers else _PAUSE_S
        if self._retries_left == 0 or failed.code not in _MENDED_ELSEWHERE_OR_LATER or _nobody_there(failed):
            return None
        self._retries_left -= 1
        pause_s, self._pause_s = self._pause_s, 2 * self._pause_s
        if isinstance(failed, ConnectionLost) and self._brokers > 1:
            return 0
        return max(pause_s, failed.retry_after_ms / 1000)

    def _may_pass_on(self, now_s: float) -> bool:
        return self._passed_on < self._brokers - 1 or now_s < self._round_until_s


def _untouched(failed: RequestFailed) -> bool:
    return failed.code == ErrorCode.DRAINING or _nobody_there(failed)


def _nobody_there(failed: RequestFailed) -> bool:
    return isinstance(failed, ConnectionLost) and not failed.sent
