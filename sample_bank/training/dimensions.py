"""The dimensions to group by: "per segment", "which city", "each month"."""

from dataclasses import dataclass
from random import Random
from typing import Final

from sample_bank.training.query import Pieces
from sample_bank.training.wording import say


@dataclass(frozen=True, slots=True)
class Dimension:
    """``one`` and ``many`` are phrase names; ``where`` begins a question for the top group."""

    kind: str
    column: str
    one: str
    many: str
    where: str = ""
    alias: str = ""
    group: str = ""
    source: str = ""

    @property
    def needs(self) -> str:
        """The alias of the column's table."""
        return self.source or self.column[0]

    @property
    def select(self) -> str:
        return f"{self.column} AS {self.alias}" if self.alias else self.column

    @property
    def tail(self) -> Pieces:
        return (f" GROUP BY {self.group or self.column}",)

    def any_one(self, random: Random) -> str:
        return say(random, f"<{self.one}>")

    def any_many(self, random: Random) -> str:
        return say(random, f"<{self.many}>")

    def any_where(self, random: Random) -> str:
        return say(random, f"<{self.where}>") if self.where else ""


CUSTOMER: Final = Dimension(
    "owner", "c.name", "one_customer", "many_customers", "who", group="c.customer_id, c.name"
)
OWNER: Final = (
    Dimension("segment", "c.segment", "one_segment", "many_segments"),
    Dimension("place", "c.city", "one_city", "many_cities", "at_city"),
    Dimension("place", "c.country", "one_country", "many_countries", "at_country"),
)
BRANCH: Final = Dimension(
    "branch", "b.name", "one_branch_name", "many_branches", "at_branch", alias="branch"
)
CATEGORY: Final = Dimension("category", "t.category", "one_category", "many_categories")
SHOP: Final = Dimension("shop", "t.merchant", "one_shop", "many_shops", "at_a_shop")
ABROAD: Final = Dimension("country", "t.country", "one_country", "many_countries", "at_country")


def _year(column: str) -> Dimension:
    source = column[0]
    column = f"substr({column}, 1, 4)"
    return Dimension("time", column, "one_year", "many_years", "at_year", "year", source=source)


def _month(column: str) -> Dimension:
    source = column[0]
    column = f"substr({column}, 1, 7)"
    return Dimension("time", column, "one_month", "many_months", "at_month", "month", source=source)


MONTH: Final = _month("t.booked_at")

DIMENSIONS: Final = {
    "customers": (*OWNER, BRANCH, _year("c.joined_on")),
    "accounts": (
        Dimension("type", "a.type", "one_account_type", "many_account_types"),
        Dimension("status", "a.status", "one_account_status", "many_account_statuses"),
        *OWNER,
        BRANCH,
        _year("a.opened_on"),
    ),
    "cards": (
        Dimension("type", "k.type", "one_card_type", "many_card_types"),
        Dimension("status", "k.status", "one_card_status", "many_card_statuses"),
        *OWNER,
        BRANCH,
        _year("k.issued_on"),
    ),
    "transactions": (
        *(CATEGORY, CATEGORY, SHOP),
        Dimension("channel", "t.channel", "one_channel", "many_channels"),
        ABROAD,
        _year("t.booked_at"),
        *(MONTH, MONTH),
        *OWNER,
    ),
    "loans": (
        Dimension("kind", "l.kind", "one_kind", "many_kinds"),
        Dimension("status", "l.status", "one_loan_status", "many_loan_statuses"),
        *OWNER,
        BRANCH,
        _year("l.started_on"),
    ),
    "disputes": (
        Dimension("reason", "d.reason", "one_reason", "many_reasons"),
        Dimension("status", "d.status", "one_dispute_status", "many_dispute_statuses"),
        SHOP,
        CATEGORY,
        _year("d.opened_on"),
        *(_month("d.opened_on"), _month("d.opened_on")),
    ),
    "branches": (
        Dimension("place", "b.country", "one_country", "many_countries", "at_country"),
        Dimension("place", "b.city", "one_city", "many_cities", "at_city"),
    ),
}
