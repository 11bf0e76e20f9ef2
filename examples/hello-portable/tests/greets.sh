# Greets whom it is told to greet, as often as it is told to.
set -eu

./hello | grep -q ', world$'
./hello puffy | grep -q ', puffy$'
test "$(./hello -n 3 puffy | grep -c ', puffy$')" -eq 3
