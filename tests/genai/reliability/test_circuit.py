from genai.reliability.circuit import Circuit, CircuitState


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> Circuit:
    circuit = Circuit(failures=2, cooldown_s=30.0, clock=clock)
    for _ in range(2):
        assert circuit.allows()
        circuit.fail()
    return circuit


def test_failures_in_a_row_open_the_circuit() -> None:
    circuit = opened(Clock())

    assert circuit.state is CircuitState.OPEN
    assert not circuit.allows()
    assert circuit.retry_after_s == 30.0


def test_a_success_between_failures_keeps_it_closed() -> None:
    circuit = Circuit(failures=2, cooldown_s=30.0)

    for outcome in (circuit.fail, circuit.succeed, circuit.fail):
        assert circuit.allows()
        outcome()

    assert circuit.state is CircuitState.CLOSED


def test_after_the_cooldown_a_single_probe_goes_through() -> None:
    clock = Clock()
    circuit = opened(clock)

    clock.now += 30

    assert circuit.state is CircuitState.HALF_OPEN
    assert circuit.allows()
    assert not circuit.allows()


def test_a_probe_that_succeeds_closes_the_circuit() -> None:
    clock = Clock()
    circuit = opened(clock)
    clock.now += 30

    circuit.allows()
    circuit.succeed()

    assert circuit.state is CircuitState.CLOSED
    assert circuit.allows()


def test_a_probe_that_fails_opens_it_for_another_cooldown() -> None:
    clock = Clock()
    circuit = opened(clock)
    clock.now += 30

    circuit.allows()
    circuit.fail()

    assert circuit.state is CircuitState.OPEN
    assert circuit.retry_after_s == 30.0


def test_a_probe_that_is_cancelled_makes_room_for_another() -> None:
    clock = Clock()
    circuit = opened(clock)
    clock.now += 30

    circuit.allows()
    circuit.forget()

    assert circuit.allows()
