"""The script that asks a container what it has: POSIX sh, offline, as the unprivileged user."""

from ciforge.render.paths import SOURCE

SECONDS = 4
"""After which the script ends itself, whatever it has not answered: one is left for the index."""

ASK = f"""\
# Each argument is a question, each line that is printed an answer that repeats it.
export LC_ALL=C
( sleep {SECONDS}; kill -TERM $$ ) >/dev/null 2>&1 &
watch=$!
trap 'kill $watch 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 0' HUP INT TERM
work=$(mktemp -d) || exit 0
cd "$work" || exit 0
cc=${{CC:-cc}}
command -v $cc >/dev/null 2>&1 || cc=gcc
command -v $cc >/dev/null 2>&1 || cc=clang

# Whether a program of one line compiles, or with -c gone also links.
compiles() {{ printf '%b' "$1" >p.c; shift; $cc -Werror=implicit-function-declaration p.c -o p "$@" >/dev/null 2>&1; }}

# Headers that have the word, those that a person would include first; not the kernel's.
mentions() {{
    cd /usr/include && find . \\( -name linux -o -name c++ -o -name 'asm*' -o -name bits \\
        -o -name 'llvm*' -o -name 'clang*' -o -name rdma -o -name drm \\) -prune \\
        -o -name '*.h' -print 2>/dev/null | xargs grep -lwF -- "$1" 2>/dev/null |
        sed -e 's|^\\./||' -e 's|^[a-z0-9_]*-linux-[a-z0-9_]*/||' |
        awk '{{ print gsub("/", "/"), length($0), $0 }}' | sort -n -k 1,1 -k 2,2 |
        sed 's/^[0-9]* [0-9]* //' | head -n 8
    cd "$work" || exit 0
}}

declared() {{
    for header in $(mentions "$1"); do
        use="#include <$header>\\nint main(void) {{ return (void *)$1 == 0; }}\\n"
        if compiles "$use" -c; then echo "$2 $1 in $header"; return; fi
        if compiles "$use" -c -D_GNU_SOURCE; then echo "$2 $1 gnu $header"; return; fi
    done
    if linked "$1"; then echo "$2 $1 undeclared"; else echo "$2 $1 nowhere"; fi
}}

linked() {{ name=$1; shift; compiles "char $name();\\nint main(void) {{ return $name(); }}\\n" "$@"; }}

# Libraries that have the word, the shortest names first; a compiler's own are large and never meant.
havers() {{
    ls /usr/lib/*.so /usr/lib/*/*.so /usr/lib64/*.so /usr/local/lib/*.so 2>/dev/null |
        grep -v -e LLVM -e clang -e lldb | xargs grep -lF -- "$1" 2>/dev/null |
        sed 's|.*/lib||; s|\\.so$||' | awk '{{ print length($0), $0 }}' | sort -n |
        sed 's/^[0-9]* //' | head -n 6
}}

# Whether one of the libraries that follow has a symbol; then says so.
found_in() {{
    wanted=$1; shift
    for library; do
        if linked "$wanted" "-l$library"; then
            echo "symbol $wanted library $library"
            last=$library
            return 0
        fi
    done
    return 1
}}

# What lacks one function of a library lacks others, too. Some of libc's own are text for the
# linker, which no search finds.
last=
symbol() {{
    if linked "$1"; then echo "symbol $1 libc"; return; fi
    found_in "$1" $last m resolv crypt || found_in "$1" $(havers "$1") || echo "symbol $1 nowhere"
}}

# First in the source, then in the system.
lies() {{
    found=$(find {SOURCE} -xdev -path "*/$2" -type f 2>/dev/null | sort | head -n 1)
    if [ -n "$found" ]; then echo "$1 $2 source ${{found#{SOURCE}/}}"; return; fi
    found=$(find /usr/include /usr/local/include /opt -xdev -path "*/$2" 2>/dev/null | sort | head -n 1)
    if [ -n "$found" ]; then echo "$1 $2 at $found"; else echo "$1 $2 nowhere"; fi
}}

library() {{
    for shape in "lib$1.so" "lib$1.a" "lib$1.so.*"; do
        found=$(find /usr/lib /usr/lib64 /lib /usr/local/lib /opt -name "$shape" 2>/dev/null | sort | head -n 1)
        if [ -n "$found" ]; then echo "library $1 at $found"; return; fi
    done
    echo "library $1 nowhere"
}}

tool() {{
    found=$(find /usr/bin /usr/sbin /bin /sbin /usr/local /usr/games /opt -xdev -maxdepth 3 \\
        -name "$1" -perm -100 2>/dev/null | sort | head -n 1)
    if [ -n "$found" ]; then echo "tool $1 at $found"; else echo "tool $1 nowhere"; fi
}}

for question; do
    what=${{question%% *}} name=${{question#* }}
    case $what in
        function|name) declared "$name" "$what" ;;
        symbol) symbol "$name" ;;
        header) lies header "$name" ;;
        library) library "$name" ;;
        tool) tool "$name" ;;
    esac
done
"""
