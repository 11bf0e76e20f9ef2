"""Find the end of a here-document."""

import string

_END = "END_OF_TEXT"


def end_of(text: str) -> str:
    """A word that is no line of `text` and, where that can be had, begins none of them.

    dash 0.5.12 loses bytes above 127 that follow the beginning of the word.
    """
    lines = text.split("\n")
    begun = {line[:1] for line in lines}
    if "E" not in begun:
        return _END
    for letter in "_" + string.ascii_uppercase:
        if letter not in begun:
            return letter + _END
    word = _END
    while word in lines:
        word += "_"
    return word
