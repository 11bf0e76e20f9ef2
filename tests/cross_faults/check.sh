# Compiles and links each file here, and prints for each: fault NAME accepted|refused MILLISECONDS, then what was said.
mkdir -p out
for file in *.c; do
    name=${file%.c}
    libs=$(sed -n 's|^/\* LIBS: \(.*\) \*/$|\1|p' "$file")
    began=$(date +%s%N)
    # shellcheck disable=SC2086
    if $CC -Wall "$file" -o "out/$name" $libs >out/log 2>&1; then became=accepted; else became=refused; fi
    echo "fault $name $became $((($(date +%s%N) - began) / 1000000))"
    [ "$became" = accepted ] || sed 's/^/| /' out/log
done
