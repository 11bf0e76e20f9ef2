#!/bin/sh
# lcov-cobertura 2.1.1 (PyPI), lcov-parse 1.0.0 (npm)
#
# Guess: converters and readers of lcov reports take what lcov 2 writes: with gcc 9 or newer the record FN has the last
# line of a function, too, `FN:first,last,name` (geninfo(1); the newest write FNL and FNA, which both tools leave out).
# What happens: both succeed, and read the last line as a part of the name. lcov-cobertura makes two methods of one
# function: "9,main", never called, and "main" at line 0. lcov-parse calls the function "9" and loses its count.
# Why it matters: a gate or a report on functions shows half of them, or all of them, as never called after an update
# of lcov. Lines are right, so that nobody looks at the converter.

. "$(dirname "$0")/lib.sh"
python_packages lcov-cobertura==2.1.1
node_packages lcov-parse@1.0.0

printf '%s\n' TN: SF:a.c FN:3,9,main FNDA:5,main FNF:1 FNH:1 DA:3,5 LF:1 LH:1 end_of_record >lcov.info
lcov_cobertura lcov.info -o report.xml
same "lcov-cobertura" "9,main: line 3, 0 calls
main: line 0, 5 calls" "$(python3 - <<'END'
from xml.etree import ElementTree

for method in ElementTree.parse("report.xml").iter("method"):
    line = next(method.iter("line"))
    print(f"{method.get('name')}: line {line.get('number')}, {line.get('hits')} calls")
END
)"
same "lcov-parse" '[{"name":"9","line":3}]' "$(node -e '
require("lcov-parse")("lcov.info", (error, files) => console.log(JSON.stringify(files[0].functions.details)));')"
