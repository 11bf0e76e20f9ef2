#!/bin/sh
# Reads lines `schedule WORD CRON` and `PART JOB WHEN RUNNER`, and prints for each part of the workflow a matrix
# of those of its jobs that run.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
table=$(cat)
# With what jobs.txt says of the job, and the name of its artifact.
rows=$(printf '%s\n' "$table" | awk 'NR == FNR { image[$1] = $2 " " $3 " " $4 " " $9; platform[$1] = $6; may_fail[$1] = $8; next }
    $1 != "schedule" {
        artifact = $2
        gsub("/", ",", artifact)
        print $0, platform[$2], may_fail[$2], image[$2], artifact
    }' "$here/jobs.txt" -)
when=commit
[ "$GITHUB_EVENT_NAME" != schedule ] || when=$(printf '%s\n' "$table" | awk -v "cron=${CIFORGE_SCHEDULE:-}" '
    $1 == "schedule" { word = $2; sub(/^schedule [^ ]* /, ""); if ($0 == cron) print word }')

wanted() { # JOB WHEN
    case $GITHUB_EVENT_NAME:",$2," in
    workflow_dispatch:*) named "$1" ;;
    *",$when,"*) ;;
    *) return 1 ;;
    esac
}

# A whole id, a release, a distribution, or a pattern of the shell; nothing names all.
named() {
    # shellcheck disable=SC2254
    for word in ${CIFORGE_WANTED:-$1}; do
        case $1 in $word | */$word | */$word/* | */$word-*/*) return 0 ;; esac
    done
    return 1
}

# image_key IMAGE USERS FOLDERS PLATFORM: the name of a kept image, by what it is made from and the week.
week=$(date -u +%G-W%V)
image_key() {
    digest=$(cat "$here/images/$1.Dockerfile" "$here/users/$2.Dockerfile" "$here/folders/$3.Dockerfile" 2>/dev/null |
        sha256sum | cut -c 1-16)
    printf 'ciforge-%.64s-%s-%s-%s' "$1" "${4#*/}" "$week" "$digest" | tr -c A-Za-z0-9_.- -
}

# Results of compilers belong to a job and the branch that it is for.
branch=$(printf '%s' "${GITHUB_BASE_REF:-${GITHUB_REF_NAME:-}}" | sha256sum | cut -c 1-16)

# entry IMAGE: the job as an element of a matrix.
entry() {
    printf '{"job":"%s","artifact":"%s","runner":"%s","platform":"%s","may_fail":%s,"image":"%s","ccache":"%s"}' \
        "$job" "$artifact" "$runner" "$platform" "$may_fail" "$1" "$cache"
}

set -f
count=0
images=' ' kept='' kept_count=0
parts=$(printf '%s\n' "$rows" | awk '!seen[$1]++ { print $1 }')
# A pull request that changes only ignored files builds nothing; they are known only if HEAD is a merge of it.
nothing=
if [ "$GITHUB_EVENT_NAME" = pull_request ] && [ -n "${CIFORGE_IGNORE:-}" ] &&
    git rev-parse --verify --quiet 'HEAD^2' >/dev/null && sh "$here/ignored.sh" 'HEAD^1'; then nothing=yes; fi
for part in $parts; do
    matrix=
    while read -r group job events runner platform may_fail image users folders ccache artifact; do
        if [ "$group" != "$part" ] || [ -n "$nothing" ] || ! wanted "$job" "$events"; then
            continue
        fi
        count=$((count + 1))
        image=$(image_key "$image" "$users" "$folders" "$platform")
        cache=
        [ "$ccache" != ccache ] || cache=ciforge-ccache-$branch-$job:
        matrix="$matrix${matrix:+,}$(entry "$image")"
        # An image is kept once, and only where no emulation is needed.
        case $platform,$images in
        *" $image "*) image= ;;
        linux/amd64,* | linux/386,* | linux/arm64,*) images="$images$image " ;;
        *) image= ;;
        esac
        if [ -z "$image$cache" ] || [ "$kept_count" -ge 256 ]; then continue; fi # as many as a matrix has
        kept="$kept${kept:+,}$(entry "$image")" kept_count=$((kept_count + 1))
    done <<END
$rows
END
    echo "$part=[$matrix]" >>"$GITHUB_OUTPUT"
done
echo "caches=[$kept]" >>"$GITHUB_OUTPUT"
echo "$count of $(printf '%s\n' "$rows" | wc -l) jobs run"
# A run without a job is an error, unless the project ignores all changes.
if [ "$count" -eq 0 ] && [ -z "$nothing" ]; then
    reason="runs with the event '$GITHUB_EVENT_NAME'"
    [ "$GITHUB_EVENT_NAME" != workflow_dispatch ] ||
        reason="is named '$(printf '%s' "${CIFORGE_WANTED:-}" | tr '\n\r' '  ')'"
    printf '%s\n' "No job $reason; these are there:"
    printf '%s\n' "$rows" | awk '{ print $2 }'
    exit 1
fi
