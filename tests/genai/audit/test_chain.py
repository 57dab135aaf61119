import random

import pytest

from genai.audit.chain import LOST, AuditedDecision, ChainVerifier, Entry, Head, Seal, Verification


def chain(seal: Seal, count: int) -> list[Entry]:
    head, entries = Head(), list[Entry]()
    for number in range(count):
        decision = AuditedDecision(action="key.create", actor="k1", target=f"k{number}")
        entries.append(seal.next_entry(decision, 1000.0 + number, head))
        head = Head(number=entries[-1].number, digest=entries[-1].digest)
    return entries


def verified(
    seal: Seal, entries: list[Entry], head: Head, *anchors: Head, end: str | None = None
) -> Verification:
    verifier = ChainVerifier(seal, anchors=anchors)
    verifier.read(entries)
    return verifier.verdict(head, seal.seal_head(head) if end is None else end)


def head_of(entries: list[Entry]) -> Head:
    return Head(number=entries[-1].number, digest=entries[-1].digest)


@pytest.mark.parametrize("seal", [Seal(), Seal(b"secret")], ids=["open", "sealed"])
def test_an_unchanged_chain_is_valid(seal: Seal) -> None:
    entries = chain(seal, 20)

    verdict = verified(seal, entries, head_of(entries))

    assert verdict.broken_at is None
    assert verdict.head.number == 20


@pytest.mark.parametrize(
    "field", ["number", "at", "action", "actor", "target", "reason", "request_id", "count"]
)
def test_a_change_of_any_field_of_any_entry_is_found(field: str) -> None:
    seal, entries = Seal(), chain(Seal(), 8)
    for index, entry in enumerate(entries):
        changed = entry.model_dump()
        place = changed if field in changed else changed["decision"]
        place[field] = place[field] + (1 if isinstance(place[field], int | float) else "x")
        forged = [*entries[:index], Entry.model_validate(changed), *entries[index + 1 :]]

        assert verified(seal, forged, head_of(entries)).broken_at == index + 1


def test_removed_added_and_moved_entries_are_found() -> None:
    seal, entries, dice = Seal(), chain(Seal(), 12), random.Random(3)
    head = head_of(entries)
    for _ in range(300):
        at, other = dice.sample(range(12), 2)
        removed = entries[:at] + entries[at + 1 :]
        doubled = entries[: at + 1] + entries[at:]
        swapped = list(entries)
        swapped[at], swapped[other] = swapped[other], swapped[at]

        assert verified(seal, removed, head).broken_at == at + 1
        assert verified(seal, doubled, head).broken_at == at + 2
        assert verified(seal, swapped, head).broken_at == min(at, other) + 1


def test_a_missing_end_is_found() -> None:
    entries = chain(Seal(), 5)

    assert verified(Seal(), entries[:3], head_of(entries)).broken_at == 4
    assert verified(Seal(), [], head_of(entries)).broken_at == 1


def test_a_chain_rewritten_without_the_secret_is_found() -> None:
    entries, forged = chain(Seal(b"secret"), 5), chain(Seal(b"guess"), 5)
    opened = chain(Seal(), 5)

    assert verified(Seal(b"secret"), forged, head_of(forged)).broken_at == 1
    mixed = [*entries[:2], Seal().next_entry(opened[2].decision, 1.0, head_of(entries[:2]))]
    assert verified(Seal(b"secret"), mixed, head_of(mixed)).broken_at == 3


def test_a_rewritten_chain_is_found_by_an_anchor() -> None:
    seen = head_of(chain(Seal(), 3))
    forged = chain(Seal(), 2)
    other = [
        *forged,
        Seal().next_entry(AuditedDecision(action="other", actor="k"), 1.0, head_of(forged)),
    ]

    assert verified(Seal(), other, head_of(other), seen).broken_at == 3
    assert verified(Seal(), forged, head_of(forged), seen).broken_at == 3


def test_a_secret_can_be_set_later() -> None:
    opened = chain(Seal(), 2)
    sealed = Seal(b"s").next_entry(opened[0].decision, 5.0, head_of(opened))

    verdict = verified(Seal(b"s"), [*opened, sealed], head_of([sealed]))
    assert (verdict.broken_at, verdict.unsealed) == (None, 2)


def test_the_head_cannot_be_moved_without_the_secret() -> None:
    seal = Seal(b"secret")
    entries = chain(seal, 5)
    cut, opened = entries[:3], chain(Seal(), 5)
    seen = seal.seal_head(head_of(entries))

    for end in ("", seen, Seal(b"guess").seal_head(head_of(cut)), "ß"):
        assert verified(seal, cut, head_of(cut), end=end).broken_at == 3
    assert verified(seal, opened, head_of(opened), end="").broken_at == 5


def test_the_chain_of_one_tenant_is_not_valid_for_another() -> None:
    ours, theirs = Seal(b"secret").for_tenant("acme"), Seal(b"secret").for_tenant("rival")
    entries = chain(theirs, 5)

    assert verified(theirs, entries, head_of(entries)).broken_at is None
    assert verified(ours, entries, head_of(entries)).broken_at == 1


def test_a_loss_found_by_the_service_is_reported_until_an_anchor_covers_it() -> None:
    seal, entries = Seal(b"s"), chain(Seal(b"s"), 2)
    lost = seal.next_entry(
        AuditedDecision(action=LOST, actor="service", target="9"), 1.0, head_of(entries)
    )
    told = [*entries, lost]

    assert verified(seal, told, head_of(told)).broken_at == 3
    assert verified(seal, told, head_of(told), head_of(told)).broken_at is None
