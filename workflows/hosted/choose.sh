#!/bin/sh
# Which jobs run: reads lines `schedule WORD CRON` and `PART JOB WHEN RUNNER`, and says for each part of the
# workflow which of its jobs do, as a matrix.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
table=$(cat)
# With the platform, whether it may fail, its image, and the name of its artifact.
rows=$(printf '%s\n' "$table" | awk 'NR == FNR { image[$1] = $2 " " $3; platform[$1] = $5; may_fail[$1] = $7; next }
    $1 != "schedule" {
        artifact = $2
        gsub("/", ",", artifact)
        print $0, platform[$2], may_fail[$2], image[$2], artifact
    }' "$here/jobs.txt" -)
when=$(printf '%s\n' "$table" | awk -v "cron=${CIFORGE_SCHEDULE:-}" '
    $1 == "schedule" { word = $2; sub(/^schedule [^ ]* /, ""); if ($0 == cron) print word }')

# Whether all files that the pull request changes are ignored; a moved file is two. They are known only if HEAD is
# a merge of it.
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

# image_key IMAGE USERS PLATFORM: the name of an image in the cache, by what it is made from and the week.
week=$(date -u +%G-W%V)
image_key() {
    digest=$(cat "$here/images/$1.Dockerfile" "$here/users/$2.Dockerfile" 2>/dev/null | sha256sum | cut -c 1-16)
    printf 'ciforge-%s-%s-%s-%s' "$1" "${3#*/}" "$week" "$digest" | tr / -
}

set -f
count=0
images=' ' kept='' kept_count=0
parts=$(printf '%s\n' "$rows" | awk '!seen[$1]++ { print $1 }')
nothing=
! unneeded || nothing=yes
for part in $parts; do
    matrix=
    while read -r group job events runner platform may_fail image users artifact; do
        if [ "$group" != "$part" ] || [ -n "$nothing" ] || ! wanted "$job" "$events"; then
            continue
        fi
        count=$((count + 1))
        matrix="$matrix${matrix:+,}{\"job\":\"$job\",\"artifact\":\"$artifact\",\"runner\":\"$runner\""
        image=$(image_key "$image" "$users" "$platform")
        matrix="$matrix,\"platform\":\"$platform\",\"may_fail\":$may_fail,\"image\":\"$image\"}"
        case $images in *" $image "*) continue ;; esac
        case $platform in linux/amd64 | linux/386 | linux/arm64) ;; *) continue ;; esac
        [ "$kept_count" -lt 256 ] || continue # as many as a matrix has
        images="$images$image " kept_count=$((kept_count + 1))
        kept="$kept${kept:+,}{\"job\":\"$job\",\"runner\":\"$runner\",\"image\":\"$image\"}"
    done <<END
$rows
END
    printf '%s=[%s]\n' "$part" "$matrix" >>"$GITHUB_OUTPUT"
done
printf 'images=[%s]\n' "$kept" >>"$GITHUB_OUTPUT"
printf '%s\n' "$count of $(printf '%s\n' "$rows" | wc -l) jobs run"
# A run without a job is an error, unless the project ignores all changes.
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
