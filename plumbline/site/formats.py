"""How a value of a column is shown; `site/page.js` has the same rules for what it shows itself."""

MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"
# Of columns that are shown as they are.
TEXT = ("text", "prose", "code", "date")


def shown(value: object, kind: str) -> str:
    """Return a value as a reader sees it.

    Parameters
    ----------
    value
        NULL is a dash.
    kind
        `text`, `prose`, `code`, `date`, or a number format: `+` for a sign, `,` for thousands, then `.2f`,
        `.1%`, `.3g` or `d`.
    """
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if kind in TEXT:
        return str(value)
    if kind.endswith("d"):
        value = int(value)
    text = format(value, kind)
    # What rounds to zero has no sign.
    if not any(digit in text for digit in "123456789"):
        text = text.lstrip("+-")
    return text.replace("-", MINUS)
