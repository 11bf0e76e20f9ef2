"""The script that lists the files of a finished job that are to be kept."""

KEPT = r"""#!/bin/sh
# kept FOLDER PATTERN...: the files below a folder of the source that are to be kept, one a line, links
# never among them. `test-logs` stands for the logs of automake, CTest and Meson.
LC_ALL=C
export LC_ALL
cd "/ciforge/src/$1" || exit 0
shift
for pattern do
    case $pattern in
    test-logs)
        find . -type f \( -name test-suite.log -o -path '*/Testing/Temporary/LastTest.log' \
            -o -path '*/meson-logs/testlog.txt' \)
        find . -type f -name '*.trs' -exec grep -lE '^:test-result: *(FAIL|XPASS|ERROR)' {} + |
            sed 's/\.trs$/.log/' | while IFS= read -r log; do
                [ ! -f "$log" ] || [ -h "$log" ] || printf '%s\n' "$log"
            done
        ;;
    '**/'*) find . -type f -path "*/${pattern#??/}" ;;
    *) find . -type f -path "./$pattern" ;;
    esac
done 2>/dev/null | awk '!seen[$0]++' | head -n 100
"""
