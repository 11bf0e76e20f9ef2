"""The script of `smoke: installed`: does what was installed start?"""

SMOKE = r"""
if [ -n "${CIFORGE_TOKEN:-}" ]; then
    echo 'This is no container, so nothing is started that could be the own of the machine.'
    exit 0
fi
# Each installed program starts with --version and with --help, for at most 5 s. What it answers does not
# matter: only an error of the loader, or a signal, is a failure.
said=$(mktemp)
programs=0 failed=0
while read -r kind _ _ _ path; do
    case $kind,$path in file,*/bin/* | file,*/sbin/* | file,*/games/*) ;; *) continue ;; esac
    if [ ! -f "$path" ] || [ ! -x "$path" ]; then continue; fi
    programs=$((programs + 1))
    for word in --version --help; do
        code=0
        timeout 5 "$path" "$word" </dev/null >"$said" 2>&1 || code=$?
        # 124 and 143: it was still running, as a server does.
        if [ "$code" -gt 128 ] && [ "$code" -ne 143 ] && [ "$code" -lt 193 ]; then
            printf '%s %s was ended by signal %s\n' "$path" "$word" "$((code - 128))"
        elif [ "$code" -ne 0 ] && grep -E 'error while loading shared libraries|symbol lookup error|Error loading shared library|Error relocating|ld-elf.so|ld.so: ' "$said"; then
            printf '%s cannot start\n' "$path"
        else
            continue
        fi
        failed=$((failed + 1))
        break
    done
done </ciforge/records/manifest.txt
rm -f "$said"
printf '%s of %s installed programs start\n' "$((programs - failed))" "$programs"
[ "$failed" -eq 0 ]
"""
