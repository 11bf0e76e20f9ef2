"""What a step has beyond the recipe's: a terminal, a locale, several tries. Shell before its commands; its log says so."""

import shlex

import attrs

from ciforge.model.job import Step
from ciforge.model.log_marks import retry_mark
from ciforge.model.project import StepChange

_TERMINAL = """\
if [ -z "${CIFORGE_TTY:-}" ]; then
    case $(script --version 2>/dev/null) in
    *util-linux*) ;;
    *)
        echo 'tty: this system has no script(1) of util-linux: add its package to dependencies' >&2
        exit 1
        ;;
    esac
    echo 'ciforge: this step has a terminal'
    export CIFORGE_TTY=yes "TERM=${TERM:-xterm}"
    exec script -qec "/bin/sh -e '$0'" /dev/null
fi
unset CIFORGE_TTY
stty -onlcr rows 24 columns 80 || :
"""
"""The script of the step starts itself again in a pseudo-terminal; `-e` hands its exit status on."""

_LOCALE = """\
LC_ALL={locale}
export LC_ALL
# musl takes any name. glibc lists a locale with its charset in small letters, without the hyphen.
case $(ls /lib/ld-musl-* 2>/dev/null) in
?*) ;;
*)
    listed=$(printf '%s\\n' {locale} | sed 's/[.]UTF-8/.utf8/')
    if ! locale -a 2>/dev/null | grep -qxF -e {locale} -e "$listed"; then
        LOCPATH=${{TMPDIR:-/tmp}}/ciforge-locale
        export LOCPATH
        mkdir -p "$LOCPATH"
        # Status 1 is a warning about the locale's own text; what counts is whether it is there.
        localedef -i {language} -f UTF-8 "$LOCPATH/"{locale} >/dev/null 2>&1 || :
        if [ ! -d "$LOCPATH/"{locale} ]; then
            echo 'locale: '{locale}' is not here and cannot be made: add locales to dependencies' >&2
            exit 1
        fi
    fi
    ;;
esac
echo 'ciforge: this step has the locale '{locale}
"""
_TRIES = """\
if [ -z "${{CIFORGE_TRY:-}}" ]; then
    export CIFORGE_TRY=1
    while :; do
        code=0
        /bin/sh -e "$0" || code=$?
        [ "$code" -ne 0 ] || break
        [ "$CIFORGE_TRY" -lt {tries} ] || exit "$code"
        CIFORGE_TRY=$((CIFORGE_TRY + 1))
        echo "{mark}"
    done
    [ "$CIFORGE_TRY" -eq 1 ] || echo "$CIFORGE_TRY" >"/ciforge/records/$(id -un)/{name}.tries"
    exit 0
fi
"""
"""The script of the step runs itself until it passes; if not at once, a record says at which try."""

_SETUID = "echo 'ciforge: this job may run setuid programs'\n"


def commands(step: Step, change: StepChange) -> str:
    """The commands of a step, after those for its locale."""
    prefix = _SETUID if step.setuid else ""
    if change.locale:
        language = shlex.quote(change.locale.partition(".")[0])
        prefix += _LOCALE.format(locale=shlex.quote(change.locale), language=language)
    return prefix + step.run


def with_tries(step: Step, tries: int) -> Step:
    """The step, tried up to `tries` times; nothing is put back between them. Its commands are its whole script."""
    if tries == 1:
        return step
    mark = retry_mark(f"{step.name} ended with exit code $code", 0)
    again = _TRIES.format(name=step.name, tries=tries, mark=mark)
    return attrs.evolve(step, run=again + step.run, tries=tries)


def in_terminal(run: str) -> str:
    """The commands of a step, in a pseudo-terminal. They are its whole script, folder included."""
    return _TERMINAL + run
