"""Reads what a cell is from the head of its column.

name;phone;amount
Ann;022 732 1234;99,50    (the cell is of "phone", though "amount" stands nearer)
"""

_SIGNS = (";", "|", "\t", ",")


def column_of(text: str, start: int, floor: int) -> str:
    """The head of the column in which the cell that begins there stands, in small letters; else empty.

    Only what stands behind ``floor`` is read. A head has no digits, and stands over every line of the
    table as far as that is read.
    """
    *above, line = text[floor:start].split("\n")
    sign = next((sign for sign in _SIGNS if sign in line), "")
    if not sign:
        return ""
    column, head = line.count(sign), ""
    for row in reversed(above):
        cells = row.split(sign)
        if len(cells) <= column:
            break
        head = cells[column].strip().lower()
    return "" if any(map(str.isdigit, head)) else head
