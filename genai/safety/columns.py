"""Finds the column header of a cell of a text table.

name;phone;amount
Ann;022 732 1234;99,50    (the header is "phone", although "amount" is nearer)
"""

_SIGNS = (";", "|", "\t", ",")


def column_of(text: str, start: int, floor: int) -> str:
    """The lower-case header of the cell that begins at ``start``; empty if it has none.

    Only text after ``floor`` is read. A header has no digits.
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
