"""A backtrace of the programs that a signal ended in a step. Shell before its commands; its log has the frames."""

import attrs

from ciforge.model.job import Step
from ciforge.model.log_marks import BACKTRACE, CRASHED
from ciforge.model.project import Need

DEBUGGER = Need(name="gdb")
"""What a job needs that has such a step."""

_RESERVE = 30
"""Seconds of the time limit of a step that are left when the last question to gdb has to end."""

_HANDLER = """\
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char stack[65536];
static const int signals[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV };

static void crashed(int number)
{
	char self[16], how[16];
	pid_t asks;

	signal(number, SIG_DFL);
	snprintf(self, sizeof self, "%d", (int)getpid());
	snprintf(how, sizeof how, "%d", number);
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	asks = vfork();
	if (asks == 0) {
		execl("/bin/sh", "sh", PLACE "/ask", self, how, (char *)0);
		_exit(127);
	}
	while (asks > 0 && waitpid(asks, 0, 0) == -1 && errno == EINTR)
		;
	raise(number);
}

__attribute__((constructor)) static void begin(void)
{
	stack_t alternative = { .ss_sp = stack, .ss_size = sizeof stack };
	struct sigaction action = { .sa_handler = crashed, .sa_flags = SA_ONSTACK };
	unsigned i;

	sigaltstack(&alternative, 0);
	for (i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &action, 0);
}
"""
"""Loaded before other libraries in the second run: a program that gets such a signal waits until gdb has seen it."""

_ASK = """\
unset LD_PRELOAD
place=${0%/*}
for number in 1 2 3 none; do
    [ "$number" != none ] || exit 0
    mkdir "$place/$number" 2>/dev/null && break
done
program=$(readlink "/proc/$1/exe")
printf '%s %s\\n' "SIG$(kill -l "$2")" "${program##*/}" >"$place/$number/who"
timeout 60 gdb -nx -batch -iex 'set auto-load off' -p "$1" -ex 'bt 24' </dev/null 2>/dev/null |
    sed '1,/<signal handler called>/d' | head -c 65536 >"$place/$number/frames"
"""

_FRAMES = """\
/^#[0-9]/ && $0 != last {
    print
    last = $0
    name = $0
    sub(/^#[0-9]+ +/, "", name)
    sub(/^0x[0-9a-f]+ in /, "", name)
    sub(/ .*/, "", name)
    if ($NF ~ /^[^ ()]+:[0-9]+$/ && $(NF - 1) == "at" && name !~ /^(_*libc_start|_*pthread_kill|raise$|gsignal$|__GI_|abort$|__assert)/ && count < 4) {
        count++
        frames = frames (count > 1 ? ", called by " : "") name " (" $NF ")"
    }
}
END {
    if (count) print "@BACKTRACE@" how " in " program " at " frames
    else print "@BACKTRACE@" how " in " program ", whose frames have no file and line"
}
"""
"""The frames, of which gdb prints the first one twice, and a line that names the top four that have a file and a line."""

_SIGNALS = (
    r"[Ss]egmentation [Ff]ault|SEGFAULT|SIG(SEGV|BUS|ABRT|FPE|ILL)|Bus error|Abort(ed| trap)|Illegal instruction|"
    r"Floating point exception|core dumped|exit (status|code):? 1(32|34|35|36|39)|[Ss]ignal:? (4|6|7|8|11)([^0-9]|$)"
)
"""What shells, makes and test runners print of a program that such a signal ended."""

_SCRIPT = """\
if [ -z "${CIFORGE_BACKTRACE:-}" ] && [ "$(uname -s)" = Linux ]; then
    CIFORGE_BACKTRACE=$(mktemp -d "${TMPDIR:-/tmp}/ciforge-backtrace.XXXXXX")
    export CIFORGE_BACKTRACE DEBUGINFOD_URLS=
    trap 'rm -rf "$CIFORGE_BACKTRACE"' 0
    place=$CIFORGE_BACKTRACE top=$PWD code=0 began=$(date +%s)
    signals='@SIGNALS@'
    left() { echo $((@SECONDS@ - ($(date +%s) - began))); }
    short() {
        seconds=$(left)
        [ "$seconds" -lt "$1" ] || seconds=$1
        [ "$seconds" -gt 0 ] || return 1
        shift
        timeout -k 5 "$seconds" "$@"
    }
    # libtool calls the program of its script `lt-NAME`.
    shown() { LC_ALL=C awk -v how="$1" -v program="${2#lt-}" '@FRAMES@' "$3"; }

    mkfifo "$place/output" "$place/copy"
    : >"$place/began" >"$place/cores"
    { LC_ALL=C grep -a -m 1 -E "$signals" >"$place/signal" || :; cat >/dev/null; } <"$place/copy" &
    search=$!
    tee "$place/copy" <"$place/output" &
    copy=$!
    (
        ulimit -S -c 524288 2>/dev/null || :
        exec /bin/sh -e "$0"
    ) >"$place/output" 2>&1 || code=$?
    # What the step left running may keep the pipe open: tee then waits in read(0, ...). In write(1, ...), it waits for
    # the reader of the log, for which it has the end of the output.
    count=0
    while kill -0 "$copy" 2>/dev/null && [ "$count" -lt 20 ]; do
        sleep 0.1 2>/dev/null || sleep 1
        { read -r call first rest <"/proc/$copy/syscall"; } 2>/dev/null || first=
        case $first in '' | 0x0) count=$((count + 1)) ;; esac
    done
    kill "$copy" 2>/dev/null || :
    wait "$search" || :
    [ "$code" -ne 0 ] || exit 0

    pattern=$(cat /proc/sys/kernel/core_pattern 2>/dev/null) || pattern=
    case $pattern in '|'*) pattern= ;; esac
    case $pattern in /*) folder=${pattern%/*}/ ;; *) folder=$top ;; esac
    name=$(printf '%s\\n' "${pattern##*/}" | sed 's/%%/%/g; s/%[a-zA-Z]/*/g')
    [ -z "$name" ] || find "$folder" "${TMPDIR:-/tmp}" -xdev -type f -newer "$place/began" -name "$name*" >"$place/cores" 2>/dev/null || :
    count=0
    while IFS= read -r core; do
        [ "$(od -An -tx1 -N17 "$core" | tr -d ' \\n' | cut -c1-8,33-34)" = 7f454c4604 ] || continue
        count=$((count + 1))
        if [ "$count" -le 3 ]; then
            program=$(short 60 gdb -nx -batch -iex 'set auto-load off' -c "$core" -ex 'info proc mappings' </dev/null 2>/dev/null |
                awk '$NF ~ /^[/]/ { print $NF; exit }') || :
            short 60 gdb -nx -batch -iex 'set auto-load off' "$program" "$core" -ex 'bt 24' </dev/null 2>/dev/null |
                head -c 65536 >"$place/frames" || :
            how=$(sed -n 's/^Program terminated with signal \\([A-Z]*\\).*/\\1/p' "$place/frames")
            echo "ciforge: a core file of ${program##*/}:"
            shown "${how:-a signal}" "${program##*/}" "$place/frames"
        fi
        rm -f "$core"
    done 2>/dev/null <"$place/cores"
    if [ "$count" -gt 0 ]; then
        echo '@CRASHED@'
        exit "$code"
    fi

    [ -s "$place/signal" ] || find "$top" -xdev -type f -newer "$place/began" \\( -name '*.log' -o -name testlog.txt \\) \\
        -exec grep -a -m 1 -h -E "$signals" {} + 2>/dev/null | head -n 1 >"$place/signal" || :
    case $code in 132 | 134 | 135 | 136 | 139) echo "exit code $code" >>"$place/signal" ;; esac
    [ -s "$place/signal" ] || exit "$code"
    limit=$(($(date +%s) - began))
    limit=$((2 * limit + 60))
    cat >"$place/crash.c" <<'ciforge_handler'
@HANDLER@ciforge_handler
    cat >"$place/ask" <<'ciforge_ask'
@ASK@ciforge_ask
    # CC may have arguments.
    for compiler in "${CC:-cc}" cc gcc clang none; do
        $compiler -w -shared -fPIC "-DPLACE=\\"$place\\"" -o "$place/crash.so" "$place/crash.c" >/dev/null 2>&1 && break
    done
    if [ "$compiler" = none ]; then
        echo 'ciforge: no backtrace: this host writes no plain core file, and no compiler made the handler of a second run'
        exit "$code"
    fi
    echo 'ciforge: no core file is here, so the step runs once more, and gdb looks at programs that get a signal'
    export LD_PRELOAD="$place/crash.so" CIFORGE_TRY=1
    short "$limit" /bin/sh -e "$0" >/dev/null 2>&1 || :
    unset LD_PRELOAD
    for number in 1 2 3; do
        [ -s "$place/$number/who" ] || continue
        read -r how program <"$place/$number/who"
        shown "$how" "$program" "$place/$number/frames"
    done
    if [ -s "$place/1/who" ]; then
        echo '@CRASHED@'
    else
        echo 'ciforge: no backtrace: no program got a signal in the second run'
    fi
    exit "$code"
fi
"""
"""The script of the step runs itself; if that fails, it asks gdb. Its exit status is that of the first run."""


def with_backtrace(step: Step) -> Step:
    """The step with the backtraces of programs that crash; its commands are its whole script."""
    values = {
        "SIGNALS": _SIGNALS, "FRAMES": _FRAMES, "HANDLER": _HANDLER, "ASK": _ASK,
        "BACKTRACE": BACKTRACE, "CRASHED": CRASHED, "SECONDS": str(max(step.timeout - _RESERVE, 1)),
    }  # fmt: skip
    script = _SCRIPT
    for word, text in values.items():
        script = script.replace(f"@{word}@", text)
    return attrs.evolve(step, run=script + step.run, backtrace=True)
