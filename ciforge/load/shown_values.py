"""Values of a file as messages show them."""


def shown(text: str) -> str:
    """`text` in quotes, on one line, cut where it is long."""
    return repr(text if len(text) <= 60 else text[:59] + "…")


def kind(value: object) -> str:
    """`a list`, `a mapping`, `nothing`, or the text in quotes."""
    if isinstance(value, str):
        return shown(value) if value else "nothing"
    return "a list" if isinstance(value, list) else "a mapping"
