"""Where a here-document ends."""

import string


def end_of(text: str) -> str:
    """A word that is no line of `text` and, where that can be had, begins none of them.

    dash 0.5.12 loses bytes above 127 that follow the beginning of the word.
    """
    lines = text.split("\n")
    begun = {line[:1] for line in lines}
    for letter in "E_" + string.ascii_uppercase:
        if letter not in begun:
            return "END" if letter == "E" else f"{letter}END"
    word = "END"
    while word in lines:
        word += "_"
    return word
