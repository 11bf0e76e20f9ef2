"""Translate messages of gcc, binutils, make, bash and the C library back into English.

A log is read by rules in one language. Wordings: the message catalogues of gcc 12, binutils 2.40,
GNU make 4.3, bash 5.2, coreutils 9.1 and glibc 2.36 as Debian 12 ships them (the translations of
the Free Translation Project), read in real output for German, French, Spanish and Russian.
"""

# ruff: noqa: RUF001
import re

import attrs


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@attrs.frozen
class Phrase:
    """A piece of a message; quotes are `'` and colons are `: ` by then."""

    needs: str
    """A piece of every line that it catches."""
    pattern: re.Pattern[str] = attrs.field(converter=_compiled)
    english: str
    """What it is in English, as `re.sub` takes it."""


_Q = r"'([^']*)'"


def _same(english: str, *foreign: str) -> tuple[Phrase, ...]:
    """Words that need no more than to be replaced."""
    return tuple(Phrase(wording, re.escape(wording), english) for wording in foreign)


PHRASES: tuple[Phrase, ...] = (
    # The C library: de, fr, es, es, pt, it, nl, pl, sv, ru, zh_CN, ja
    *_same(": No such file or directory", ": Datei oder Verzeichnis nicht gefunden", ": Aucun fichier ou dossier de ce type", ": No existe el fichero o el directorio", ": No existe el archivo o el directorio", ": Arquivo ou diretório inexistente", ": File o directory non esistente", ": Bestand of map bestaat niet", ": Nie ma takiego pliku ani katalogu", ": Filen eller katalogen finns inte", ": Нет такого файла или каталога", ": 没有那个文件或目录", ": そのようなファイルやディレクトリはありません"),
    *_same(": Permission denied", ": Keine Berechtigung", ": Permission non accordée", ": Permiso denegado", ": Permissão negada", ": Permesso negato", ": Toegang geweigerd", ": Brak dostępu", ": Åtkomst nekas", ": Отказано в доступе", ": 权限不够", ": 許可がありません"),

    # gcc: which of it is an error
    *_same(": fatal error: ", ": schwerwiegender Fehler: ", ": erreur fatale: ", ": error fatal: ", ": фатальная ошибка: ", ": 致命错误: ", ": 致命的エラー: ", ": fatale fout: ", ": ödesdigert fel: "),
    *_same(": error: ", ": Fehler: ", ": erreur: ", ": ошибка: ", ": 错误: ", ": エラー: ", ": fout: ", ": erro: ", ": errore: "),
    *_same(": warning: ", ": Warnung: ", ": attention: ", ": avertissement: ", ": aviso: ", ": предупреждение: ", ": 警告: ", ": varning: "),
    *_same("ld returned 1 exit status", "ld gab 1 als Ende-Status zurück", "ld a retourné le statut de sortie 1", "ld devolvió el estado de salida 1", "выполнение ld завершилось с кодом возврата 1", "ld 返回 1", "ld はステータス 1 で終了しました", "ld gaf exit-status 1 terug"),

    # gcc: what it is about
    Phrase("nicht deklariert (", rf"{_Q} nicht deklariert \(", r"'\1' undeclared ("),
    Phrase("non déclaré (", rf"{_Q} non déclaré \(", r"'\1' undeclared ("),
    Phrase("no se declaró aquí", rf"{_Q} no se declaró aquí", r"'\1' undeclared"),
    Phrase("не описан (", rf"{_Q} не описан \(", r"'\1' undeclared ("),
    Phrase("未声明(", rf"{_Q}\s?未声明\(", r"'\1' undeclared ("),
    Phrase("が宣言されていません", rf"{_Q} が宣言されていません", r"'\1' undeclared"),
    Phrase("in diesem Gültigkeitsbereich nicht", rf"{_Q} wurde in diesem Gültigkeitsbereich nicht de\w+", r"'\1' was not declared in this scope"),
    Phrase("pas été déclaré dans cette portée", rf"{_Q} n'a pas été déclaré dans cette portée", r"'\1' was not declared in this scope"),
    Phrase("no se declaró en este ámbito", rf"{_Q} no se declaró en este ámbito", r"'\1' was not declared in this scope"),
    Phrase("在此作用域中尚未声明", rf"{_Q}\s?在此作用域中尚未声明", r"'\1' was not declared in this scope"),
    Phrase("mplizite Deklaration der Funktion", rf"[Ii]mplizite Deklaration der Funktion {_Q}", r"implicit declaration of function '\1'"),
    Phrase("déclaration implicite de la fonction", rf"déclaration implicite de la fonction {_Q}", r"implicit declaration of function '\1'"),
    Phrase("declaración implícita de la función", rf"declaración implícita de la función {_Q}", r"implicit declaration of function '\1'"),
    Phrase("неявная декларация функции", rf"неявная декларация функции {_Q}", r"implicit declaration of function '\1'"),
    Phrase("隐式声明函数", rf"隐式声明函数\s?{_Q}", r"implicit declaration of function '\1'"),
    Phrase("の暗黙的な宣言", rf"関数 {_Q} の暗黙的な宣言", r"implicit declaration of function '\1'"),
    Phrase("unbekannter Typname", rf"unbekannter Typname:? {_Q}", r"unknown type name '\1'"),
    Phrase("nom de type ", rf"nom de type {_Q} inconnu", r"unknown type name '\1'"),
    Phrase("nombre de tipo ", rf"nombre de tipo {_Q} desconocido", r"unknown type name '\1'"),
    Phrase("неизвестное имя типа", rf"неизвестное имя типа {_Q}", r"unknown type name '\1'"),
    Phrase("未知的类型名", rf"未知的类型名\s?{_Q}", r"unknown type name '\1'"),
    Phrase("不明な型名", rf"不明な型名 {_Q}", r"unknown type name '\1'"),
    Phrase(" Typen für ", rf"(?:abweichende|[Ii]n Konflikt stehende) Typen für {_Q}", r"conflicting types for '\1'"),
    Phrase("types conflictuels pour", rf"types conflictuels pour {_Q}", r"conflicting types for '\1'"),
    Phrase("tipos en conflicto para", rf"tipos en conflicto para {_Q}", r"conflicting types for '\1'"),
    Phrase("несовместимые типы для", rf"несовместимые типы для {_Q}", r"conflicting types for '\1'"),
    Phrase("类型冲突", rf"与?\s?{_Q}\s?类型冲突", r"conflicting types for '\1'"),
    Phrase("と型が競合しています", rf"{_Q} と型が競合しています", r"conflicting types for '\1'"),
    Phrase(" Element namens ", rf"hat kein Element namens {_Q}", r"has no member named '\1'"),
    Phrase("pas de membre nommé", rf"n'a pas de membre nommé {_Q}", r"has no member named '\1'"),
    Phrase("un miembro llamado", rf"no tiene un miembro llamado {_Q}", r"has no member named '\1'"),
    Phrase("элемента с именем", rf"не содержит элемента с именем {_Q}", r"has no member named '\1'"),
    Phrase("的成员", rf"没有名为\s?{_Q}\s?的成员", r"has no member named '\1'"),
    Phrase(" Argumente für Funktion", rf"zu (?:viele|wenige) Argumente für Funktion {_Q}", r"too many arguments to function '\1'"),
    Phrase("arguments pour la fonction", rf"(?:trop d'|trop peu d'|pas assez d')arguments pour la fonction {_Q}", r"too many arguments to function '\1'"),
    Phrase("argumentos para la función", rf"(?:demasiados|muy pocos|faltan) argumentos para la función {_Q}", r"too many arguments to function '\1'"),
    Phrase("много аргументов", rf"слишком много аргументов (?:в вызове|для) функции {_Q}", r"too many arguments to function '\1'"),
    Phrase("的实参太", rf"提供给函数\s?{_Q}\s?的实参太\w", r"too many arguments to function '\1'"),
    Phrase("Redefinition von", rf"Redefinition von {_Q}", r"redefinition of '\1'"),
    Phrase("redéfinition de", rf"redéfinition de {_Q}", r"redefinition of '\1'"),
    Phrase("redefinición de", rf"redefinición de {_Q}", r"redefinition of '\1'"),
    Phrase("переопределение", rf"переопределение {_Q}", r"redefinition of '\1'"),
    Phrase("重定义", rf"{_Q}\s?重定义", r"redefinition of '\1'"),
    Phrase("Speichergröße von", rf"Speichergröße von {_Q} ist unbekannt", r"storage size of '\1' isn't known"),
    Phrase("la taille de stockage de", rf"la taille de stockage de {_Q} (?:est inconnue|n'est pas connue)", r"storage size of '\1' isn't known"),
    Phrase("el tamaño de almacenamiento de", rf"no se conoce el tamaño de almacenamiento de {_Q}", r"storage size of '\1' isn't known"),
    Phrase("в памяти неизвестен", rf"размер {_Q} в памяти неизвестен", r"storage size of '\1' isn't known"),
    Phrase("unbekannte Kommandozeilenoption", rf"unbekannte Kommandozeilenoption {_Q}", r"unrecognized command-line option '\1'"),
    Phrase("non reconnue sur la ligne de commande", rf"option {_Q} non reconnue sur la ligne de commande", r"unrecognized command-line option '\1'"),

    # binutils
    Phrase("référence indéfinie vers", rf"référence indéfinie vers {_Q}", r"undefined reference to '\1'"),
    Phrase(" sin definir", rf"referencia a {_Q} sin definir", r"undefined reference to '\1'"),
    Phrase("ссылка на", rf"неопред[её]л[её]нная ссылка на {_Q}", r"undefined reference to '\1'"),
    Phrase("未定义的引用", rf"对\s?{_Q}\s?未定义的引用", r"undefined reference to '\1'"),
    Phrase("に対する定義されていない参照", rf"{_Q} に対する定義されていない参照", r"undefined reference to '\1'"),
    Phrase("définitions multiples de", rf"définitions multiples de {_Q}", r"multiple definition of '\1'"),
    Phrase("definiciones múltiples de", rf"definiciones múltiples de {_Q}", r"multiple definition of '\1'"),
    Phrase("повторное определение", rf"повторное определение {_Q}", r"multiple definition of '\1'"),
    Phrase("多重定义", rf"{_Q}\s?被?多重定义", r"multiple definition of '\1'"),
    Phrase("ne peut pas trouver", r": ne peut pas trouver (-l\S+?|\S+\.\w+):?(?=\s|$)", r": cannot find \1:"),
    Phrase("no se puede encontrar", r": no se puede encontrar (\S+)", r": cannot find \1"),
    Phrase("невозможно найти", r": невозможно найти (\S+)", r": cannot find \1"),
    Phrase("找不到", r": 找不到 (\S+)", r": cannot find \1"),
    Phrase("が見つかりません", r": (-l\S+) が見つかりません", r": cannot find \1"),

    # make
    Phrase("Keine Regel", rf"Keine Regel(?: vorhanden)?, um (?:das Ziel )?{_Q}", r"No rule to make target '\1'"),
    Phrase("Aucune règle pour fabriquer la cible", rf"\*\*\* +Aucune règle pour fabriquer la cible {_Q}", r"*** No rule to make target '\1'"),
    Phrase("ninguna regla para construir", rf"No hay ninguna regla para construir el objetivo {_Q}", r"No rule to make target '\1'"),
    Phrase("Sem regra para processar o alvo", rf"Sem regra para processar o alvo {_Q}", r"No rule to make target '\1'"),
    Phrase("Nessuna regola per generare", rf"\*\*\* +Nessuna regola per generare l'obiettivo {_Q}", r"*** No rule to make target '\1'"),
    Phrase("Brak regu", rf"Brak reguł do (?:zrobienia|wykonania) obiektu {_Q}", r"No rule to make target '\1'"),
    Phrase("Нет правила для сборки цели", rf"Нет правила для сборки цели {_Q}", r"No rule to make target '\1'"),
    Phrase("没有规则可制作目标", rf"没有规则可制作目标\s?{_Q}", r"No rule to make target '\1'"),
    Phrase("を make するルールがありません", rf"(?:'[^']*' に必要な)?ターゲット {_Q} を make するルールがありません", r"No rule to make target '\1'"),
    *_same("*** missing separator", "*** Fehlender Trenner", "*** fehlender Trenner", "*** séparateur manquant", "*** falta un separador", "*** faltando o separador", "*** faltando separador", "*** separatore mancante", "*** пропущен разделитель", "*** 缺失分隔符", "*** 分隔符缺失", "*** 分離記号を欠いています"),
    Phrase("Fehler ", r"\] Fehler (\d+)", r"] Error \1"),
    Phrase("Erreur ", r"\] Erreur (\d+)", r"] Error \1"),
    Phrase("Erro ", r"\] Erro (\d+)", r"] Error \1"),
    Phrase("Errore ", r"\] Errore (\d+)", r"] Error \1"),
    Phrase("Ошибка ", r"\] Ошибка (\d+)", r"] Error \1"),
    Phrase("错误 ", r"\] 错误 (\d+)", r"] Error \1"),
    Phrase("エラー ", r"\] エラー (\d+)", r"] Error \1"),
    *_same("(ignored)", "(ignoriert)", "(ignorée)", "(no tiene efecto)", "(ignorado)", "(ignorato)", "(genegeerd)", "(zignorowano)", "(игнорирование)", "(已忽略)", "(無視されました)"),
    Phrase("betreten", r"\]: Verzeichnis '([^']*)' wird betreten", r"]: Entering directory '\1'"),
    Phrase("on entre dans le répertoire", r"\]: on entre dans le répertoire", "]: Entering directory"),
    Phrase("se entra en el directorio", r"\]: se entra en el directorio", "]: Entering directory"),

    # bash
    *_same(": command not found", ": Kommando nicht gefunden", ": commande introuvable", ": orden no encontrada", ": comando não encontrado", ": comando non trovato", ": nie znaleziono polecenia", ": команда не найдена", ": 未找到命令", ": コマンドが見つかりません"),
    Phrase(": Zeile ", r": Zeile (\d+): ", r": line \1: "),
    Phrase(": ligne ", r": ligne (\d+): ", r": line \1: "),
    Phrase(": línea ", r": línea (\d+): ", r": line \1: "),
    Phrase(": linha ", r": linha (\d+): ", r": line \1: "),
    Phrase(": строка ", r": строка (\d+): ", r": line \1: "),
    Phrase("行", r": (?:第 ?)?(\d+) 行: |: 行 ?(\d+): ", r": line \1\2: "),

    # coreutils
    Phrase("der Aufruf von stat für", rf"der Aufruf von stat für {_Q} ist nicht möglich", r"cannot stat '\1'"),
    Phrase("impossible d'évaluer", rf"impossible d'évaluer {_Q}", r"cannot stat '\1'"),
    Phrase("no se puede efectuar", rf"no se puede efectuar 'stat' sobre {_Q}", r"cannot stat '\1'"),
    Phrase("не удалось выполнить stat для", rf"не удалось выполнить stat для {_Q}", r"cannot stat '\1'"),
    Phrase("Benutzer", rf": [Uu]ngültiger Benutzer:? {_Q}", r": invalid user: '\1'"),
    Phrase("utilisateur", rf": utilisateur {_Q} (?:incorrect|invalide)|: utilisateur (?:incorrect|invalide): {_Q}", r": invalid user: '\1\2'"),
    Phrase("usuario inv", rf": usuario inválido:? {_Q}", r": invalid user: '\1'"),
)  # fmt: skip
"""Each language by itself; a message that a catalogue does not translate is English already."""

_WORD = re.compile(r"[A-Za-z]{4,}")
_ENGLISH = frozenset(
    ("error", "fatal", "file", "directory", "redefinition", "make", "type", "types", "stat",
     "status", "exit", "arguments", "permission", "attention", "element")
)  # fmt: skip
_LETTER = re.compile(
    "[\u00a0\u00ab\u00bb\u00c0-\u024f\u0400-\u04ff\u201c-\u201f\u3000-\u9fff\uff00-\uffef]"
)
"""A letter or quote that English has not: not every phrase has a word in plain letters."""


def _marks() -> frozenset[str]:
    """For each phrase its longest word in plain letters and lower case, if it has one."""
    word_sets = (set(_WORD.findall(phrase.needs.lower())) - _ENGLISH for phrase in PHRASES)
    return frozenset(max(some, key=lambda word: (len(word), word)) for some in word_sets if some)


MARKS = _marks()
"""Words of lines that may be in another language."""
_MARKED = frozenset(word.encode() for word in MARKS)
_FOLDED = (
    (re.compile("[\u201e\u201c\u300c\u201d\u300d\u2018\u2019`]"), "'"),
    (re.compile("[\u00a0\u202f ]: ?|\uff1a ?"), ": "),
    (re.compile("\uff08"), "("), (re.compile("\uff09"), ")"),
)  # fmt: skip
_GERMAN = re.compile("\u00bb([^\u00ab\u00bb]*)\u00ab")
_FRENCH = re.compile("\u00ab[\u00a0\u202f ]?([^\u00ab\u00bb]*?)[\u00a0\u202f ]?\u00bb")


def is_foreign(line: str, words: frozenset[bytes]) -> bool:
    """Whether the line, which has these words of interest, may be in another language."""
    if not words.isdisjoint(_MARKED):
        return True
    return has_foreign_letter(line)


def has_foreign_letter(text: str) -> bool:
    """Whether a text has a letter or a quote that English has not."""
    return not text.isascii() and _LETTER.search(text) is not None


def in_english(line: str) -> str:
    """The line as the tool says it in English; the same object where nothing in it is known."""
    folded = english = plain(line)
    for phrase in PHRASES:
        if phrase.needs in english:
            english = phrase.pattern.sub(phrase.english, english)
    return line if english == folded else english


def plain(line: str) -> str:
    """The line with plain quotes and colons; guillemets point outwards in French and Russian, inwards in German."""
    german = 0 <= line.find("\u00bb") < (line.find("\u00ab") + 1 or len(line) + 1)
    line = (_GERMAN if german else _FRENCH).sub(r"'\1'", line)
    for pattern, plain in _FOLDED:
        line = pattern.sub(plain, line)
    return line
