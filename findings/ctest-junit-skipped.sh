#!/bin/sh
# cmake 4.4.5 (ctest)
#
# Guess: a test whose program does not exist, or whose fixture failed, fails the run (exit status 8), so the JUnit
# report that the same run writes counts it as a failure.
# What happens: ctest prints both under "The following tests FAILED" and exits 8. The JUnit report has <skipped> for
# both, and "failures" is 1 where ctest counts 3.
# Why it matters: a service that reads only the report shows a test program that was never built as a skipped test.

. "$(dirname "$0")/lib.sh"
python_packages cmake==4.4.5

cat >CMakeLists.txt <<'EOF'
cmake_minimum_required(VERSION 3.20)
project(demo NONE)
enable_testing()
add_test(NAME missing COMMAND no-such-program)
add_test(NAME prepare COMMAND ${CMAKE_COMMAND} -E false)
set_tests_properties(prepare PROPERTIES FIXTURES_SETUP database)
add_test(NAME query COMMAND ${CMAKE_COMMAND} -E true)
set_tests_properties(query PROPERTIES FIXTURES_REQUIRED database)
EOF
cmake -S . -B build >cmake.log
status=0
ctest --test-dir build --output-junit "$work/report.xml" >ctest.log 2>&1 || status=$?

same "exit status" 8 "$status"
same "what ctest prints" "	  1 - missing (Not Run)
	  2 - prepare (Failed)
	  3 - query (Not Run)" "$(sed -n '/tests FAILED/,/^$/s/^	/	/p' ctest.log)"
same "the counts of the report" '	failures="1"
	skipped="2"' "$(grep -E '^	(failures|skipped)=' report.xml)"
same "the report" '<testcase name="missing" status="notrun"> <skipped message="Unable to find executable"/>
<testcase name="prepare" status="fail"> <failure message="Failed"/>
<testcase name="query" status="notrun"> <skipped message="Fixture dependency failed"/>' \
	"$(tr -d '\n\t' <report.xml | sed 's/<testcase/\n&/g' | sed -n \
		's/.*\(<testcase name="[a-z]*"\).*\( status="[a-z]*">\)\(<[^>]*>\).*/\1\2 \3/p')"
