"""Logs in other languages say the same; `lines/languages.txt` has a line for most phrases."""

from pathlib import Path

import pytest

from ciforge.diagnose.scan.findings import diagnose
from ciforge.diagnose.scan.languages import PHRASES, Phrase, in_english, plain
from tests.tables import each

LINES = (Path(__file__).parent / "lines/languages.txt").read_text().splitlines()
IGNORED = (
    "make: [Makefile:3: clean] Fehler 1 (ignoriert)",
    "make: [Makefile:3\u00a0: clean] Erreur 1 (ignorée)",
    "make: [Makefile:3: clean] Error 1 (no tiene efecto)",
    "make: [Makefile:3: clean] Erro 1 (ignorado)",
    "make: [Makefile:3: clean] Errore 1 (ignorato)",
    "make: [Makefile:3: clean] Fout 1 (genegeerd)",
    "make: [Makefile:3: clean] Błąd 1 (zignorowano)",
    "make: [Makefile:3: clean] Ошибка 1 (игнорирование)",
    "make: [Makefile:3\uff1aclean] 错误 1 (已忽略\uff09",
    "make: [Makefile:3: clean] エラー 1 (無視されました)",
)
ENTERED = (
    "make[1]: Verzeichnis „/build“ wird betreten",
    "make[1]\u00a0: on entre dans le répertoire «\u00a0/build\u00a0»",
    "make[1]: se entra en el directorio '/build'",
)
TRANSLATED = (*(row.split(" <- ", 1)[1] for row in LINES), *IGNORED, *ENTERED)
INNOCENT = (
    "make: Für das Ziel „all“ ist nichts zu tun.",
    "checking for erreur... no",
    "  CC       Fehler.o",
    "-- Installing: /usr/share/doc/frob/Fehler und erreur.txt",
    "frob.c:3:5: Anmerkung: jeder nicht deklarierte Bezeichner wird nur einmal gemeldet",
    "frob.c: Dans la fonction «\u00a0main\u00a0»:",
    "frob.c:3:5: Warnung: Variable »x« wird nicht verwendet [-Wunused-variable]",
    "echo 'Fehler: alles gut'",
)


def translates(phrase: Phrase, line: str) -> bool:
    text = plain(line)
    return phrase.needs in text and phrase.pattern.search(text) is not None


def test_phrase_of_every_language_has_a_line_that_it_translates() -> None:
    unused = [one.needs for one in PHRASES if not any(translates(one, line) for line in TRANSLATED)]
    assert unused == []


def test_innocent_lines_in_other_languages_are_not_blamed() -> None:
    assert [line for line in INNOCENT if diagnose([line])] == []


@each("ignored", IGNORED)
def test_a_failure_that_make_ignores_does_not_count_in_any_language(ignored: str) -> None:
    assert diagnose(["rm: cannot remove '*.o': No such file or directory", ignored]) == ()


@pytest.mark.parametrize("line", ENTERED)
def test_a_folder_that_make_enters_is_known_in_other_languages(line: str) -> None:
    assert ": Entering directory" in in_english(line)


@pytest.mark.parametrize(
    ("line", "english"),
    [
        ("a.c:1:2: Fehler: expected »;« before »}« token", "a.c:1:2: error: expected ';' before '}' token"),
        ("a.c:1:2: erreur: expected «\u00a0;\u00a0» before «\u00a0}\u00a0» token", "a.c:1:2: error: expected ';' before '}' token"),
    ],
)  # fmt: skip
def test_guillemets_are_quotes_in_both_directions(line: str, english: str) -> None:
    assert in_english(line) == english


def test_root_line_in_another_language_is_shown_untranslated() -> None:
    log = [
        "gcc -c frob.c",
        "frob.c:3:9: Fehler: »FROB_MAX« nicht deklariert (erste Verwendung in dieser Funktion)",
        "make: *** [Makefile:4: frob.o] Fehler 1",
    ]
    (found,) = diagnose(log)
    assert (found.subject, found.root_line, found.log_line) == ("FROB_MAX", log[1], 2)
