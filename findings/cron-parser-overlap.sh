#!/bin/sh
# cron-parser 5.10.6 (npm), cronsim 2.8 (PyPI)
#
# Guess: a list in a cron field is a set; a value that two of its elements name counts once.
# What happens: cron-parser refuses the expression with "duplicate values found". cronsim accepts it, as cron does.
# Why it matters: "1-59/20,21" names minute 21 twice, which crontab(5) allows. A tool in Node that shows or checks such
# a schedule calls it invalid.

. "$(dirname "$0")/lib.sh"
python_packages cronsim==2.8
node_packages cron-parser@5.10.6

same "cronsim" "01:01 01:21 01:41" "$(python3 - <<'EOF'
from datetime import datetime
from itertools import islice

from cronsim import CronSim

print(*(f"{t:%H:%M}" for t in islice(CronSim("1-59/20,21 * * * *", datetime(2026, 3, 1, 1, 0)), 3)))
EOF
)"
same "cron-parser" "CronMinute Validation error, duplicate values found: 21" "$(node -e '
const { CronExpressionParser } = require("cron-parser");
try {
  CronExpressionParser.parse("1-59/20,21 * * * *");
} catch (error) {
  console.log(error.message);
}')"
