"""Files are named from the top of the source, also below a recursive make."""

from ciforge.diagnose.scan.findings import diagnose
from ciforge.model.finding import Severity
from tests.tables import each

ERROR = "f.c:3:1: error: unknown type name 'x'\n"


def files(log: str) -> list[str]:
    return [
        one.file
        for one in diagnose(log.splitlines(), failed=True)
        if one.severity is Severity.ERROR
    ]


@each(
    ("log", "file"),
    [
        (f"make[1]: Entering directory '/ciforge/src/src'\n{ERROR}make[1]: *** [Makefile:2: f.o] Error 1\n", "src/f.c"),
        (f"make: Entering directory `/ciforge/src/lib/a'\n{ERROR}make: *** [f.o] Error 1\n", "lib/a/f.c"),
        ("make[1]: Entering directory '/ciforge/src/src'\n" + ERROR.replace("f.c", "../lib/f.c"), "lib/f.c"),
        ("ninja: Entering directory `/ciforge/src/build'\n" + ERROR.replace("f.c", "../src/f.c"), "src/f.c"),
        (ERROR.replace("f.c", "/ciforge/src/src/f.c"), "src/f.c"),
        (f"make[1]: Entering directory '/b/p-1'\nmake[2]: Entering directory '/b/p-1/src'\n{ERROR}", "src/f.c"),
        (f"make[1]: Entering directory '/b/p-1/src'\n{ERROR}", "f.c"),
        (f"make[1]: Entering directory '/ciforge/src/a'\nmake[1]: Leaving directory '/ciforge/src/a'\n{ERROR}", "f.c"),
        (f"make[1]: Entering directory '/ciforge/src/a'\nmake[1]: Leaving directory '/ciforge/src/a'\n"
         f"make[1]: Entering directory '/ciforge/src/b'\n{ERROR}", "b/f.c"),
        ("make[1]: Entering directory '/ciforge/src/src'\n/usr/include/x.h:3:1: error: unknown type name 'x'\n", "/usr/include/x.h"),
        ("make[1]: Entering directory '/ciforge/src/src'\nD:/p/f.c:3:1: error: unknown type name 'x'\n", "D:/p/f.c"),
        ("make[1]: Entering directory '/ciforge/src/src'\n../../f.c:3:1: error: unknown type name 'x'\n", "../../f.c"),
        (f"make[1]: Entering directory 'src'\n{ERROR}", "f.c"),
    ],
)  # fmt: skip
def test_file_of_a_finding_is_relative_to_the_top_folder(log: str, file: str) -> None:
    assert files(log) == [file]


def test_parallel_make_error_belongs_to_the_make_that_leaves_after_it() -> None:
    log = (
        "make[1]: Entering directory '/ciforge/src/a'\nmake[1]: Entering directory '/ciforge/src/b'\n"
        f"{ERROR}make[1]: *** [Makefile:2: f.o] Error 1\nmake[1]: Leaving directory '/ciforge/src/b'\n"
        "make: *** [Makefile:1: b] Error 2\n"
    )
    assert files(log) == ["b/f.c"]


def test_interleaved_linker_lines_make_no_causes() -> None:
    log = (
        "/usr/bin/ld: a.o: in function `f':\na.c:(.text+0x1): undefined reference to `crypt'\n"
        ": b.c:(.text+0xa.c:20().text: undefined reference to `+0xinit'\n"
        "1c8)/usr/bin/ld: undefined reference to `: cryptb.c:'\n"
        "collect2: error: ld returned 1 exit status\nmake: *** [a] Error 1\n"
    )
    found = [one.subject for one in diagnose(log.splitlines())]
    assert found == ["crypt"]
