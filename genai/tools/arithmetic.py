"""Exact arithmetic on untrusted expressions.

The text is parsed, never executed: only numbers, operators and a few functions are accepted. Numbers are
fractions, so that 0.1 + 0.2 is 0.3. Bounds are checked before the work is done.
"""

import ast
import re
from collections.abc import Callable
from decimal import Decimal, DecimalException, localcontext
from fractions import Fraction
from math import isqrt
from typing import Final

from genai.errors import InvalidInput

MAX_CHARS: Final = 500
MAX_DEPTH: Final = 40
MAX_BITS: Final = 4096
MAX_EXPONENT: Final = 1000
DIGITS: Final = 20
IRRATIONAL_DIGITS: Final = 80
LONGEST: Final = 60
SMALLEST: Final = Decimal("1e-9")
LARGEST: Final = Decimal("1e20")

LITERAL: Final = re.compile(
    r"\d+(?:\.\d*)?(?:e[+-]?\d{1,3})?|\.\d+(?:e[+-]?\d{1,3})?", re.IGNORECASE
)

TOO_BIG: Final = "a number in it becomes too big"


def evaluate(expression: str) -> Fraction:
    """Returns the value. Raises `InvalidInput` that says what to change."""
    if len(expression) > MAX_CHARS:
        raise InvalidInput(f"an expression may have at most {MAX_CHARS} characters")
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InvalidInput("this is no arithmetic expression, such as (12.5 + 3) * 4") from None
    return _Evaluation(expression.strip()).value(tree.body, 0)


def spelt(value: Fraction) -> str:
    """A decimal number; prefixed by ``about`` if it is rounded."""
    with localcontext() as context:
        context.prec = MAX_BITS
        if _is_decimal(value):
            text = _plain(format(_decimal(value), "f"))
            if len(text) <= LONGEST:
                return text
        context.prec = DIGITS
        number = _decimal(value)
    if SMALLEST < abs(number) < LARGEST:
        return f"about {_plain(format(number, 'f'))}"
    return f"about {number:.{DIGITS - 1}e}"


class _Evaluation:
    def __init__(self, source: str) -> None:
        self._source = source

    def value(self, node: ast.expr, depth: int) -> Fraction:
        if depth > MAX_DEPTH:
            raise InvalidInput("the expression is nested too deep")
        match node:
            case ast.Constant():
                value = self._number(node)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                inner = self.value(operand, depth + 1)
                value = -inner if isinstance(sign, ast.USub) else inner
            case ast.BinOp(left=left, op=operator, right=right):
                value = self._operate(operator, self.value(left, depth + 1), right, depth)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                given = [self.value(argument, depth + 1) for argument in arguments]
                value = _call(name, given)
            case ast.Tuple():
                raise InvalidInput("write numbers without commas between thousands")
            case _:
                known = ", ".join(sorted(FUNCTIONS))
                raise InvalidInput(f"only numbers, + - * / // % ** ( ) and {known} are known")
        return _bounded(value)

    def _number(self, node: ast.Constant) -> Fraction:
        text = (ast.get_source_segment(self._source, node) or "").replace("_", "")
        if isinstance(node.value, bool | str | bytes | complex) or not LITERAL.fullmatch(text):
            raise InvalidInput("numbers are written in decimal, such as 12.5 or 3e6")
        return Fraction(text)

    def _operate(
        self, operator: ast.operator, left: Fraction, node: ast.expr, depth: int
    ) -> Fraction:
        right = self.value(node, depth + 1)
        try:
            match operator:
                case ast.Add():
                    return left + right
                case ast.Sub():
                    return left - right
                case ast.Mult():
                    return left * right
                case ast.Div():
                    return left / right
                case ast.FloorDiv():
                    return Fraction(left // right)
                case ast.Mod():
                    return left % right
                case ast.Pow():
                    return _power(left, right)
                case ast.BitXor():
                    raise InvalidInput("write powers with **")
        except ZeroDivisionError:
            raise InvalidInput("this divides by zero") from None
        raise InvalidInput("this operator is not known")


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator == 1:
        if abs(exponent) > MAX_EXPONENT or _bits(base) * abs(exponent) > 2 * MAX_BITS:
            raise InvalidInput(TOO_BIG)
        return base ** int(exponent)
    if base < 0:
        raise InvalidInput("a negative number has no such power")
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = IRRATIONAL_DIGITS, MAX_EXPONENT, -MAX_EXPONENT
        try:
            return Fraction(_decimal(base) ** _decimal(exponent))
        except DecimalException:
            raise InvalidInput(TOO_BIG) from None


def _root(value: Fraction) -> Fraction:
    """Exact for perfect squares."""
    if value < 0:
        raise InvalidInput("a negative number has no square root")
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom)
    return _power(value, Fraction(1, 2))


def _rounded(value: Fraction, digits: Fraction = Fraction(0)) -> Fraction:
    """Rounds half away from zero, as is usual for money."""
    if digits.denominator != 1 or abs(digits) > DIGITS:
        raise InvalidInput(f"round(x, n) takes a whole n up to {DIGITS}")
    scale = Fraction(10) ** int(digits)
    away = (abs(value) * scale + Fraction(1, 2)) // 1
    return Fraction(away) / scale * (-1 if value < 0 else 1)


FUNCTIONS: Final[dict[str, tuple[Callable[..., Fraction], int, int]]] = {
    "abs": (abs, 1, 1),
    "max": (max, 2, 50),
    "min": (min, 2, 50),
    "round": (_rounded, 1, 2),
    "sqrt": (_root, 1, 1),
    "sum": (lambda *values: sum(values, Fraction(0)), 1, 50),
}
"""Functions by name, with the minimum and maximum number of arguments."""


def _call(name: str, arguments: list[Fraction]) -> Fraction:
    function, least, most = FUNCTIONS.get(name, (None, 0, 0))
    if function is None:
        raise InvalidInput(f"the functions are {', '.join(sorted(FUNCTIONS))}")
    if not least <= len(arguments) <= most:
        raise InvalidInput(f"{name} takes {least} to {most} numbers")
    return function(*arguments)


def _bounded(value: Fraction) -> Fraction:
    if _bits(value) > MAX_BITS:
        raise InvalidInput(TOO_BIG)
    return value


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _plain(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _is_decimal(value: Fraction) -> bool:
    """Whether it has a finite decimal expansion: its denominator has only the factors 2 and 5."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1
