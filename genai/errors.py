"""All errors that are raised on purpose, grouped by who must act.

    GenAIError                  500
     ├─ CallerError             400  the caller must change the request
     │   ├─ InvalidInput        400   it is malformed or asks for something unsupported
     │   ├─ ContentRefused      422   a safety check objected
     │   ├─ Unauthenticated     401   no key, or a key that is not valid
     │   ├─ BudgetExceeded      402   a budget does not cover it
     │   ├─ Forbidden           403   the key may not do this
     │   ├─ NotFound            404   no such thing, or it belongs to somebody else
     │   ├─ Conflict            409   another request holds the same key
     │   └─ RateLimited         429   over a limit of the key; `retry_after_s` says when to return
     ├─ TryLater                503  nobody: the same request may succeed soon
     │   ├─ Overloaded          503   too many requests are waiting
     │   ├─ CircuitOpen         503   a back end failed repeatedly and is not called for a while
     │   └─ CutOff              503   the request was ended before it was done
     │       └─ DeadlineExceeded 504   it ran out of time
     └─ OperatorError           502  somebody must repair the service
         ├─ BackendFailed       502   a model, database or store failed
         │   └─ StoreUnavailable 503  Redis does not answer, or not in time
         ├─ GuardUnavailable    503   a safety check could not run, so the answer is withheld
         └─ Misconfigured       500   the settings cannot work
             └─ ModelUnavailable 503  a model lacks what it needs here, such as its key

``message`` is shown to callers, so it contains no text of the request, no path and no host name. Details
for operators belong in log fields or in ``__cause__``.

Errors cross Ray's process borders by pickle, which rebuilds them as ``type(error)(*error.args)``. So
constructors take positional arguments only, and pass all of them to ``super().__init__``.
"""

from typing import ClassVar


class GenAIError(Exception):
    """Base class of all expected errors."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str, *details: object) -> None:
        super().__init__(message, *details)
        self.message = message

    def __str__(self) -> str:
        return self.message


class CallerError(GenAIError):
    status = 400
    code = "bad_request"


class InvalidInput(CallerError):
    """``param`` names the field at fault, in the dotted form that callers know from the body."""

    code = "invalid_input"

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message, param)
        self.param = param


class ContentRefused(CallerError):
    """A safety check objected. ``rule`` is for logs and metrics; callers only see the message."""

    status = 422
    code = "content_refused"

    def __init__(self, message: str, rule: str) -> None:
        super().__init__(message, rule)
        self.rule = rule


class Unauthenticated(CallerError):
    status = 401
    code = "invalid_api_key"


class BudgetExceeded(CallerError):
    """``retry_after_s`` is the time until the budget's day or month is over."""

    status = 402
    code = "budget_exceeded"

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message, retry_after_s)
        self.retry_after_s = retry_after_s


class Forbidden(CallerError):
    status = 403
    code = "forbidden"


class NotFound(CallerError):
    status = 404
    code = "not_found"


class ModelNotFound(NotFound):
    code = "model_not_found"

    def __init__(self, message: str = "no such model; GET /v1/models lists them") -> None:
        super().__init__(message)


class Conflict(CallerError):
    status = 409
    code = "conflict"


class RateLimited(CallerError):
    status = 429
    code = "rate_limited"

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message, retry_after_s)
        self.retry_after_s = retry_after_s


class TryLater(GenAIError):
    status = 503
    code = "unavailable"

    retry_after_s: float = 1.0


class Overloaded(TryLater):
    code = "overloaded"


class CircuitOpen(TryLater):
    code = "circuit_open"


class CutOff(TryLater):
    """Raised in work that is stopped from outside, by code that does not know its cost so far."""

    code = "cut_off"


class DeadlineExceeded(CutOff):
    status = 504
    code = "deadline_exceeded"


class OperatorError(GenAIError):
    status = 502
    code = "backend_failed"


class BackendFailed(OperatorError):
    """``retryable`` is true when the same call may succeed at once, elsewhere or later."""

    def __init__(self, message: str, retryable: bool = True) -> None:
        super().__init__(message, retryable)
        self.retryable = retryable


class StoreUnavailable(BackendFailed):
    status = 503
    code = "unavailable"


class GuardUnavailable(OperatorError):
    status = 503
    code = "guard_unavailable"


class Misconfigured(OperatorError):
    status = 500
    code = "misconfigured"


class ModelUnavailable(Misconfigured):
    status = 503
    code = "model_unavailable"
