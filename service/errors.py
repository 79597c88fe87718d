"""What can go wrong in serving, and the one table from errors to status codes."""

from nmt.errors import ConfigError, InputError, NmtError


class ServiceError(NmtError):
    """A request that can't be served, or not now. `reason` is its name in the metrics."""

    reason = "other"


class BodyTooLargeError(ServiceError):
    """A body over the limit."""

    reason = "body_too_large"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"Invalid request: the body exceeds the limit of {limit_bytes} bytes")


class KeyMissingError(ServiceError):
    """This server asks for an API key, and the request has none."""

    reason = "key_missing"

    def __init__(self) -> None:
        super().__init__("Invalid request: this server needs an API key (api_key, or Authorization: Bearer)")


class KeyRefusedError(ServiceError):
    """An API key that this server doesn't know."""

    reason = "key_refused"

    def __init__(self) -> None:
        super().__init__("Invalid API key")


class BusyError(ServiceError):
    """Too much is asked for right now; the same request may do well `retry_after_s` seconds later."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class QueueFullError(BusyError):
    """More waits for the model than may."""

    reason = "queue_full"

    def __init__(self, retry_after_s: int = 1) -> None:
        super().__init__("Too many requests are waiting, try again later", retry_after_s)


class RateLimitError(BusyError):
    """A client asks more often than it may."""

    reason = "rate_limit"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"Too many requests, try again in {retry_after_s} s", retry_after_s)


class NotReadyError(ServiceError):
    """The model is still loading, failed to, or is going away."""

    reason = "not_ready"


class DecoderLostError(NotReadyError):
    """The process that decoded this has ended, and so did the one that tried again."""

    reason = "decoder_lost"

    def __init__(self) -> None:
        super().__init__("The translation was interrupted, try again soon")


class RequestTimeoutError(ServiceError):
    """The request's time limit has passed."""

    reason = "timeout"

    def __init__(self, limit_s: float) -> None:
        super().__init__(f"The request took longer than the limit of {limit_s:g} seconds")


class ClientLeftError(ServiceError):
    """The client closed the connection before its answer was there; nobody reads this one."""

    reason = "client_left"

    def __init__(self) -> None:
        super().__init__("The client closed the connection")


STATUS: dict[type[NmtError], int] = {
    InputError: 400,
    ConfigError: 400,
    KeyMissingError: 400,
    KeyRefusedError: 403,
    BodyTooLargeError: 413,
    BusyError: 429,
    ClientLeftError: 499,
    NotReadyError: 503,
    RequestTimeoutError: 504,
}
UNREADY_RETRY_S = 2
INTERNAL = "Internal server error"


def status_of(error: NmtError) -> int:
    """The HTTP status code for `error`: that of its nearest class in the table, else 500."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def retry_after_s(error: NmtError) -> int | None:
    """In how many seconds the request may do better; None where it is not a matter of time."""
    if isinstance(error, BusyError):
        return error.retry_after_s
    return UNREADY_RETRY_S if isinstance(error, NotReadyError) else None
