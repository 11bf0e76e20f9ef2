"""`ciforge: {minimum: VERSION}`: an older ciforge reports the required version before any other
mistake.
"""

from ciforge import __version__
from ciforge.errors import InputError
from ciforge.load.validators import VERSION
from ciforge.load.yaml_document import Document
from ciforge.model.flaw import Flaw

_PATH = ("ciforge", "minimum")


def check_minimum(document: Document, version: str = __version__) -> None:
    """Raises InputError if the file requires a newer ciforge than `version`.

    A malformed value is reported by the reader of the whole file.
    """
    needed = _minimum(document.value)
    if VERSION.fullmatch(needed) and _numbers(version) < _numbers(needed):
        message = f"this file needs ciforge {needed} or newer; this is ciforge {version}"
        hint = "install a newer ciforge; other keys of this file were not checked"
        raise InputError([document.problem(Flaw(_PATH, message))], hint=hint)


def _minimum(values: object) -> str:
    for key in _PATH:
        values = values.get(key) if isinstance(values, dict) else None
    return values if isinstance(values, str) else ""


def _numbers(version: str) -> tuple[int, ...]:
    """`1.10` and `1.10.0` are alike; what follows the numbers (`.dev1`) does not count."""
    match = VERSION.match(version)
    numbers = [int(word) for word in match.group().split(".")] if match else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
