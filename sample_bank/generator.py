"""The rows of the sample database, drawn from a seeded generator.

    places ─▶ branches ─▶ customers ─▶ accounts ─▶ cards
                              │            └─────▶ transactions ─▶ disputes
                              └▶ loans

An account's balance is what it held before `FIRST_DAY` and all its transactions since.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from sample_bank.people import (
    ABROAD,
    BRANCHES,
    EMPLOYERS,
    FIRST_NAMES,
    LANDLORDS,
    LAST_NAMES,
    PLACES,
    SPENDING,
)

REFERENCE_DATE: Final = date(2026, 6, 30)
FIRST_DAY: Final = date(2025, 1, 1)
CUSTOMERS: Final = 1200
DISPUTES: Final = 240

SEGMENTS: Final = {"retail": 68, "premium": 17, "private": 5, "business": 10}
INCOME_EUR: Final = {"retail": 2350, "premium": 4200, "private": 9500, "business": 7200}
ACCOUNT_STATUS: Final = {"active": 88, "dormant": 6, "frozen": 2, "closed": 4}
CARD_STATUS: Final = {"active": 90, "blocked": 10}
CARD_TYPES: Final = {"debit": 62, "credit": 26, "virtual": 12}
LIMITS_EUR: Final = (250, 500, 500, 1000, 1000, 1500, 2500, 5000)
REASONS: Final = {
    "fraud": 38,
    "duplicate": 16,
    "wrong amount": 14,
    "not received": 22,
    "cancelled": 10,
}
OUTCOMES: Final = {"won": 55, "lost": 32, "withdrawn": 13}
LOANS: Final = {  # kind: (weight, principal in EUR, months, interest in percent)
    "mortgage": (28, (90_000, 480_000), (180, 240, 300, 360), (2.4, 4.9)),
    "car": (24, (6_000, 38_000), (36, 48, 60, 72), (3.9, 7.5)),
    "personal": (28, (1_500, 20_000), (12, 24, 36, 48), (5.5, 11.9)),
    "student": (10, (3_000, 24_000), (60, 96, 120), (1.5, 3.5)),
    "business": (10, (15_000, 250_000), (36, 60, 84, 120), (4.1, 8.8)),
}

Row = tuple[object, ...]
Payment = tuple[
    datetime, int, str, str, str, str
]  # when, cents, category, merchant, country, channel


class Generator:
    def __init__(self, seed: int, customers: int = CUSTOMERS) -> None:
        self._size = customers
        self._random = random.Random(seed)
        self._branches: list[Row] = [(100 + n, *branch) for n, branch in enumerate(BRANCHES)]
        self._customers: list[Row] = []
        self._accounts: list[Row] = []
        self._cards: list[Row] = []
        self._transactions: list[Row] = []
        self._loans: list[Row] = []

    def tables(self) -> dict[str, list[Row]]:
        """The rows of all tables, in an order that satisfies the foreign keys."""
        self._make_customers()
        self._number_transactions()
        return {
            "branches": self._branches,
            "customers": self._customers,
            "accounts": self._accounts,
            "cards": self._cards,
            "transactions": self._transactions,
            "loans": self._loans,
            "disputes": list(self._disputes()),
        }

    # -- drawing -----------------------------------------------------------------------------------

    def _weighted(self, weights: dict[str, int]) -> str:
        return self._random.choices(list(weights), list(weights.values()))[0]

    def _day(self, first: date, last: date) -> date:
        return first + timedelta(days=self._random.randint(0, max(0, (last - first).days)))

    def _at(self, day: date) -> datetime:
        return datetime.combine(day, time(self._random.randint(7, 22), self._random.randint(0, 59)))

    def _cents(self, typical_eur: float, spread: float = 0.6) -> int:
        """A positive amount around the typical one, with a long tail."""
        return max(
            100, round(typical_eur * 100 * self._random.lognormvariate(-(spread**2) / 2, spread))
        )

    # -- customers and what they hold --------------------------------------------------------------

    def _make_customers(self) -> None:
        names = [f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES]
        for number, name in enumerate(self._random.sample(names, self._size)):
            customer_id = 1001 + number
            city, country, _ = self._random.choices(PLACES, [place[2] for place in PLACES])[0]
            segment = self._weighted(SEGMENTS)
            born = self._day(date(1938, 1, 1), date(2007, 12, 31))
            joined = self._day(max(date(2004, 1, 1), _years_after(born, 18)), REFERENCE_DATE)
            branch = self._random.choice([row for row in self._branches if row[2] == city])
            dates = (born.isoformat(), city, country, segment, joined.isoformat())
            self._customers.append((customer_id, name, *dates, branch[0]))
            self._make_accounts(customer_id, segment, born, joined, country)
            self._make_loans(customer_id, segment, born, joined)

    def _make_accounts(
        self, customer_id: int, segment: str, born: date, joined: date, country: str
    ) -> None:
        student = born.year >= 2000 and self._random.random() < 0.6
        main = "business" if segment == "business" else "student" if student else "current"
        income = INCOME_EUR[segment] * (0.35 if student else 1.0)
        self._add_account(customer_id, main, joined, income, country)
        if self._random.random() < 0.52:
            opened = self._day(joined, REFERENCE_DATE)
            self._add_account(customer_id, "savings", opened, income, country)

    def _add_account(
        self, customer_id: int, kind: str, opened: date, income: float, country: str
    ) -> None:
        account_id = 20_001 + len(self._accounts)
        status = self._weighted(ACCOUNT_STATUS)
        first = max(opened, FIRST_DAY)
        last = REFERENCE_DATE if status == "active" else self._day(first, REFERENCE_DATE)
        payments = list(
            self._saving(first, last, income, country)
            if kind == "savings"
            else self._living(first, last, income, country)
        )
        self._transactions.extend((account_id, *payment) for payment in payments)
        before = self._cents(income * (4.0 if kind == "savings" else 1.3), 0.9)
        balance = self._balance(before, payments, status)
        day = opened.isoformat()
        self._accounts.append((account_id, customer_id, kind, status, day, balance))
        if kind != "savings":
            self._make_cards(account_id, kind, opened, status)

    def _balance(self, before: int, payments: Sequence[Payment], status: str) -> int:
        if status == "closed":
            return 0
        balance = before + sum(payment[1] for payment in payments)
        overdraft = -self._cents(180) if self._random.random() < 0.25 else self._cents(350)
        return max(balance, overdraft)

    def _make_cards(self, account_id: int, kind: str, opened: date, account_status: str) -> None:
        for _ in range(self._random.choices((0, 1, 2, 3), (4, 52, 34, 10))[0]):
            issued = self._day(max(opened, date(2020, 1, 1)), REFERENCE_DATE)
            expires = _years_after(issued, 4)
            status = "expired" if expires <= REFERENCE_DATE else self._weighted(CARD_STATUS)
            if account_status in ("frozen", "closed") and status == "active":
                status = "blocked"
            limit = self._random.choice(LIMITS_EUR) * (2 if kind == "business" else 1) * 100
            row = (
                self._weighted(CARD_TYPES),
                status,
                limit,
                issued.isoformat(),
                expires.isoformat(),
            )
            self._cards.append((50_001 + len(self._cards), account_id, *row))

    def _make_loans(self, customer_id: int, segment: str, born: date, joined: date) -> None:
        if self._random.random() > 0.38:
            return
        weights = {kind: LOANS[kind][0] for kind in LOANS}
        if segment == "business":
            weights["business"] *= 8
        if born.year < 1990:
            del weights["student"]
        kind = self._weighted(weights)
        _, (low, high), terms, rates = LOANS[kind]
        principal = self._random.randint(low // 500, high // 500) * 500 * 100
        months = self._random.choice(terms)
        started = self._day(max(joined, date(2012, 1, 1)), REFERENCE_DATE)
        status, outstanding = self._repayment(principal, months, started)
        rate = round(self._random.uniform(*rates), 2)
        row = (kind, principal, rate, months, status, outstanding, started.isoformat())
        self._loans.append((80_001 + len(self._loans), customer_id, *row))

    def _repayment(self, principal: int, months: int, started: date) -> tuple[str, int]:
        paid = (REFERENCE_DATE - started).days / 30.44
        if paid >= months:
            return "repaid", 0
        status = self._weighted({"active": 91, "late": 6, "defaulted": 3})
        return status, round(principal * (1 - paid / months))

    # -- money in and out --------------------------------------------------------------------------

    def _living(self, first: date, last: date, income: float, country: str) -> Iterator[Payment]:
        """Salary, rent and shopping for each month between the two days."""
        employer = self._random.choice(EMPLOYERS)
        landlord = self._random.choice(LANDLORDS)
        pay = self._cents(income, 0.25)
        rent = round(pay * self._random.uniform(0.36, 0.5))
        for month in _months(first, last):
            payday, rent_day = month.replace(day=25), month.replace(day=3)
            if first <= payday <= last:
                yield self._at(payday), pay, "salary", employer, country, "transfer"
            if first <= rent_day <= last:
                yield self._at(rent_day), -rent, "rent", landlord, country, "direct debit"
            for _ in range(self._random.randint(1, 5)):
                day = self._day(max(first, month), min(last, _month_end(month)))
                yield self._purchase(day, income, country)

    def _purchase(self, day: date, income: float, country: str) -> Payment:
        category = self._weighted({name: SPENDING[name][0] for name in SPENDING})
        _, typical, merchants = SPENDING[category]
        cents = self._cents(typical * (income / 2350) ** 0.4)
        if category == "cash":
            cents = max(2000, round(cents / 1000) * 1000)
        abroad = self._random.random() < (0.45 if category == "travel" else 0.05)
        where = self._random.choice(ABROAD) if abroad else country
        channels = {"card": 70, "online": 30} if category != "utilities" else {"direct debit": 1}
        channel = "atm" if category == "cash" else self._weighted(channels)
        merchant = self._random.choice(merchants)
        return self._at(day), -cents, category, merchant, where, channel

    def _saving(self, first: date, last: date, income: float, country: str) -> Iterator[Payment]:
        bank = "Harbour Bank"
        for month in _months(first, last):
            day = month.replace(day=27)
            if first <= day <= last and self._random.random() < 0.6:
                cents = self._cents(income * 0.08)
                yield self._at(day), cents, "savings deposit", bank, country, "transfer"
            if month.month in (6, 12) and first <= _month_end(month) <= last:
                cents = self._cents(income * 0.03)
                yield self._at(_month_end(month)), cents, "interest", bank, country, "transfer"

    def _number_transactions(self) -> None:
        """Sorts transactions by time and numbers them."""
        self._transactions.sort(key=lambda row: (row[1], row[0]))
        self._transactions = [
            (1_000_001 + number, account_id, f"{at}", *rest)
            for number, (account_id, at, *rest) in enumerate(self._transactions)
        ]

    def _disputes(self) -> Iterator[Row]:
        spending = [row for row in self._transactions if row[7] in ("card", "online")]
        for number, row in enumerate(
            self._random.sample(spending, DISPUTES * self._size // CUSTOMERS)
        ):
            booked = date.fromisoformat(str(row[2])[:10])
            opened = min(booked + timedelta(days=self._random.randint(1, 45)), REFERENCE_DATE)
            closed = opened + timedelta(days=self._random.randint(5, 75))
            reason = self._weighted(REASONS)
            still_open = closed > REFERENCE_DATE
            status = "open" if still_open else self._weighted(OUTCOMES)
            end = None if still_open else closed.isoformat()
            yield 90_001 + number, row[0], opened.isoformat(), reason, status, end


def _years_after(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=min(day.day, 28))


def _month_end(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _months(first: date, last: date) -> Iterator[date]:
    """The first day of each month in the period."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
