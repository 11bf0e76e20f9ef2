#!/bin/sh
# Which jobs run: reads lines `schedule WORD CRON` and `PART JOB WHEN RUNNER`, and says for each part of the
# workflow which of its jobs do, as a matrix.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
table=$(cat)
# With the platform, whether it may fail, and the name of its artifact.
rows=$(printf '%s\n' "$table" | awk 'NR == FNR { platform[$1] = $5; may_fail[$1] = $7; next }
    $1 != "schedule" {
        artifact = $2
        gsub("/", ",", artifact)
        print $0, platform[$2], may_fail[$2], artifact
    }' "$here/jobs.txt" -)
when=$(printf '%s\n' "$table" | awk -v "cron=${CIFORGE_SCHEDULE:-}" '
    $1 == "schedule" { word = $2; sub(/^schedule [^ ]* /, ""); if ($0 == cron) print word }')

# Whether every file that the pull request changes is of no matter to the builds. A moved file is
# two: the one that went and the one that came. A name that git quotes matches no pattern. Where
# HEAD is no merge of the pull request, the files that it changes are not known.
unneeded() {
    [ "$GITHUB_EVENT_NAME" = pull_request ] && [ -n "${CIFORGE_IGNORE:-}" ] || return 1
    git rev-parse --verify --quiet 'HEAD^2' >/dev/null || return 1
    files=$(git --no-replace-objects -c core.quotePath=off diff-tree -r --name-only --no-renames \
        --ignore-submodules=none 'HEAD^1' HEAD) || return 1
    [ -n "$files" ] || return 1
    printf '%s\n' "$files" | {
        set -f
        while IFS= read -r file; do
            matters=yes
            for pattern in $CIFORGE_IGNORE; do
                # shellcheck disable=SC2254
                case $file in $pattern) matters= ;; esac
            done
            [ -z "$matters" ] || exit 1
        done
    }
}

wanted() { # JOB WHEN
    case $GITHUB_EVENT_NAME in
    workflow_dispatch) named "$1" ;;
    schedule) case ",$2," in *",$when,"*) return 0 ;; *) return 1 ;; esac ;;
    *) case ",$2," in *,commit,*) return 0 ;; *) return 1 ;; esac ;;
    esac
}

# A whole id, a release, a distribution, or a pattern of the shell; nothing names all.
named() {
    [ -n "${CIFORGE_WANTED:-}" ] || return 0
    # shellcheck disable=SC2254
    for word in $CIFORGE_WANTED; do
        case $1 in $word | */$word | */$word/* | */$word-*/*) return 0 ;; esac
    done
    return 1
}

set -f
count=0
parts=$(printf '%s\n' "$rows" | awk '!seen[$1]++ { print $1 }')
nothing=
! unneeded || nothing=yes
for part in $parts; do
    matrix=
    while read -r group job events runner platform may_fail artifact; do
        if [ "$group" != "$part" ] || [ -n "$nothing" ] || ! wanted "$job" "$events"; then
            continue
        fi
        matrix="$matrix${matrix:+,}{\"job\":\"$job\",\"artifact\":\"$artifact\",\"runner\":\"$runner\""
        matrix="$matrix,\"platform\":\"$platform\",\"may_fail\":$may_fail}"
        count=$((count + 1))
    done <<END
$rows
END
    printf '%s=[%s]\n' "$part" "$matrix" >>"$GITHUB_OUTPUT"
done
printf '%s\n' "$count of $(printf '%s\n' "$rows" | wc -l) jobs run"
# What ran nothing has checked nothing, unless the project says that there was nothing to check.
if [ "$count" -eq 0 ] && [ -z "$nothing" ]; then
    case $GITHUB_EVENT_NAME in
    workflow_dispatch)
        printf "No job is named '%s'; these are there:\n" \
            "$(printf '%s' "${CIFORGE_WANTED:-}" | tr '\n\r' '  ')"
        ;;
    *) printf '%s\n' "No job runs with the event '$GITHUB_EVENT_NAME'; these are there:" ;;
    esac
    printf '%s\n' "$rows" | awk '{ print $2 }'
    exit 1
fi
