#!/bin/sh
# cronsim 2.8 (PyPI), cron-parser 5.10.6 and croner 11.0.1 (npm)
#
# Guess: "5-7" and "fri-sun" in the field of weekdays are the same days for a parser that knows both the names and 7 for
# Sunday.
# What happens: all three accept 5-7. cronsim and cron-parser refuse fri-sun, since they replace "sun" by 0 before they
# look at the range; croner accepts it.
# Why it matters: a schedule for the quiet days that passes in one tool is invalid in the next, and only for the one
# weekday that has two numbers.
#
# A $ in single quotes is for node.
# shellcheck disable=SC2016

. "$(dirname "$0")/lib.sh"
python_packages cronsim==2.8
node_packages cron-parser@5.10.6 croner@11.0.1

same "three parsers" "cronsim 5-7 ok
cronsim fri-sun CronSimError: Bad day-of-week
cron-parser 5-7 ok
croner 5-7 ok
cron-parser fri-sun Invalid range: 5-0, min(5) > max(0)
croner fri-sun ok" "$(python3 - <<'EOF'
from datetime import datetime

from cronsim import CronSim, CronSimError

for days in ("5-7", "fri-sun"):
    try:
        CronSim(f"0 3 * * {days}", datetime(2026, 3, 1))
        print("cronsim", days, "ok")
    except CronSimError as error:
        print("cronsim", days, f"CronSimError: {error}")
EOF
node -e '
const { CronExpressionParser } = require("cron-parser");
const { Cron } = require("croner");
const attempt = (name, days, parse) => {
  try {
    parse(`0 3 * * ${days}`);
    console.log(name, days, "ok");
  } catch (error) {
    console.log(name, days, error.message);
  }
};
for (const days of ["5-7", "fri-sun"]) {
  attempt("cron-parser", days, (text) => CronExpressionParser.parse(text));
  attempt("croner", days, (text) => new Cron(text, { paused: true }));
}')"
