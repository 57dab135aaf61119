"""How many were there at once, on average over the stay of one of them."""

from collections.abc import Callable


class Load:
    """The area under the number of those present, so that no stay has to be watched while it lasts."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._present = 0
        self._area = 0.0
        self._at = clock()

    def enter(self) -> "Stay":
        self._pass(1)
        return Stay(self, self._at, self._area)

    def left_by(self, began: float, area: float) -> float:
        """At least one: the one that leaves."""
        self._pass(-1)
        seconds = self._at - began
        return (self._area - area) / seconds if seconds > 0 else self._present + 1.0

    def _pass(self, change: int) -> None:
        now = self._clock()
        self._area += self._present * (now - self._at)
        self._at = now
        self._present += change


class Stay:
    """Must be ended once."""

    def __init__(self, load: Load, began: float, area: float) -> None:
        self._load = load
        self._began = began
        self._area = area

    def end(self) -> float:
        """How many were there meanwhile, on average, itself included."""
        return self._load.left_by(self._began, self._area)
