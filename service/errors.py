"""What can go wrong in serving, and the one table from errors to status codes."""

from nmt.errors import ConfigError, InputError, NmtError


class ServiceError(NmtError):
    """A request that can't be served, or not now."""


class BodyTooLargeError(ServiceError):
    """A body over the limit."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"Invalid request: the body exceeds the limit of {limit_bytes} bytes")


class QueueFullError(ServiceError):
    """More requests wait for the model than may."""

    def __init__(self) -> None:
        super().__init__("Too many requests are waiting, try again later")


class NotReadyError(ServiceError):
    """The model is still loading, failed to, or is going away."""


class RequestTimeoutError(ServiceError):
    """The request's time limit has passed."""

    def __init__(self, limit_s: float) -> None:
        super().__init__(f"The request took longer than the limit of {limit_s:g} seconds")


class ClientLeftError(ServiceError):
    """The client closed the connection before its answer was there; nobody reads this one."""

    def __init__(self) -> None:
        super().__init__("The client closed the connection")


STATUS: dict[type[NmtError], int] = {
    InputError: 400,
    ConfigError: 400,
    BodyTooLargeError: 413,
    QueueFullError: 429,
    ClientLeftError: 499,
    NotReadyError: 503,
    RequestTimeoutError: 504,
}
RETRY_AFTER_S = {429: 1, 503: 2}
INTERNAL = "Internal server error"


def status_of(error: NmtError) -> int:
    """The HTTP status code for `error`: that of its nearest class in the table, else 500."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
