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

    def leave(self, began: float, area: float) -> float:
        average = self.average(began, area)
        self._pass(-1)
        return average

    def average(self, began: float, area: float) -> float:
        """Since then; at least one, as whoever asks is here."""
        self._pass(0)
        seconds = self._at - began
        return (self._area - area) / seconds if seconds > 0 else float(self._present)

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

    def so_far(self) -> float:
        """How many were there until now, on average, itself included."""
        return self._load.average(self._began, self._area)

    def end(self) -> float:
        """The same, and it is not there any longer."""
        return self._load.leave(self._began, self._area)
