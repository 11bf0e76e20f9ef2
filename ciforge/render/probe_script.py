"""The script that asks a container what it has: POSIX sh, offline, as the unprivileged user."""

from ciforge.render.paths import SOURCE

SECONDS = 4
"""After which the script ends itself, whatever it has not answered: one is left for the index."""

ASK = f"""\
# Each argument is a question, WHAT NAME [HEADER]; each line that is printed an answer that repeats the first two.
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

# Whether a program of some lines compiles, or with -c gone also links.
compiles() {{
    printf '%b' "$1" >p.c; shift
    $cc ${{CPPFLAGS-}} -Werror=implicit-function-declaration p.c -o p "$@" >/dev/null 2>&1
}}

# Without a compiler that works nothing is known about names.
works() {{ [ -n "${{working-}}" ] || {{ compiles 'int main(void) {{ return 0; }}\\n' && working=yes || working=no; }}; [ $working = yes ]; }}

# Where the compiler looks for headers; the longest folders first, as they may lie in each other.
folders() {{
    [ -z "${{dirs-}}" ] || return 0
    dirs=$($cc ${{CPPFLAGS-}} -E -v -x c /dev/null 2>&1 >/dev/null |
        sed -n '/search starts here/,/^End of search/s|^ \\(/[^ ]*\\).*|\\1|p' | awk '{{ print length($0), $0 }}' |
        sort -rn | sed 's/^[0-9]* //')
    [ -n "$dirs" ] || dirs='/usr/local/include /usr/include'
    for dir in $dirs; do echo "s|^$dir/*||;t"; done >strip
}}

# Which header has which of the words, in one pass; those of the kernel and of the compiler's own parts left out.
index() {{
    folders
    for word; do echo "$word"; done >words
    for dir in $dirs; do
        for other in $dirs; do case $dir in "$other"/*) continue 2 ;; esac; done
        find "$dir" \\( -name linux -o -name c++ -o -name 'llvm*' -o -name 'clang*' -o -name rdma -o -name drm \\
            -o -name '*intrin.h' \\) -prune -o -name '*.h' -print 2>/dev/null
    done | xargs grep -HowF -f words -- 2>/dev/null | sort -u >index.txt
}}

# The path of a part of a header from bits/ or asm/ on.
part='s|.*/\\(bits/.*\\)|\\1|p; s|.*/\\(asm[^/]*/.*\\)|\\1|p'

# The headers that have the word, as they are included: those with a line that defines or declares it first,
# of these the ones that a person would include. What only a part in bits/ or asm/ has, headers with that part have.
mentions() {{
    awk -v word="$1" 'substr($0, length($0) - length(word)) == ":" word {{ print substr($0, 1, length($0) - length(word) - 1) }}' \\
        index.txt >all
    [ -s all ] || return 0
    grep -e '/bits/' -e '/asm[^/]*/' all >parts
    if [ -s parts ]; then
        sed -n "$part" parts | head -n 4 >names
        # A part may be a part of another one, as bits/fcntl-linux.h is of bits/fcntl.h.
        for dir in $dirs; do find "$dir/bits" -name '*.h' -print; done 2>/dev/null | xargs grep -lF -f names -- 2>/dev/null |
            sed -n "$part" | head -n 4 >more
        cat more >>names
        for dir in $dirs; do find "$dir" \\( -name bits -o -name linux -o -name c++ -o -name 'asm*' \\) -prune -o -name '*.h' -print; done \\
            2>/dev/null | xargs grep -lF -f names -- 2>/dev/null | sort -u >holders
        grep -v -e '/bits/' -e '/asm[^/]*/' all >whole
        cat whole holders >all
    fi
    xargs grep -lE -- "define[[:space:]]+$1([[:space:](]|\\$)|[ *]$1[[:space:]]*[[(;,]|struct[[:space:]]+$1[[:space:]]*\\{{" <all 2>/dev/null >first
    {{ sed -f strip first | sed 's/^/0 /'; sed -f strip all | sed 's/^/1 /'; }} |
        awk '!seen[$2]++ {{ name = $2; print $1, gsub("/", "/", name), length($2), $2 }}' |
        sort -n -k 1,1 -k 2,2 -k 3,3 | sed 's/^[0-9]* [0-9]* [0-9]* //'
}}

# Whether a name can be used after a header: as a function, variable, constant, macro or type; with its members.
usable() {{
    case $1 in
        struct) use="int size_of(void) {{ return sizeof(struct $2); }}" ;;
        type) use="extern $2 *used;" ;;
        complete) use="int size_of(void) {{ return sizeof($2); }}" ;;
        *) use="#ifndef $2\\nint size_of(void) {{ return sizeof($2); }}\\n#endif\\nint used;" ;;
    esac
    header=$3; shift 3
    compiles "#include <$header>\\n$use\\n" -c "$@"
}}

# What the index of all headers says about a name.
declared() {{
    for header in $(mentions "$1"); do
        try "$1" "$2" "$header" && return
    done
    case $2 in function|name)
        if linked "$1"; then echo "$2 $1 undeclared"; return; fi ;;
    esac
    if [ "$2" != function ] && [ ! -s all ]; then lacking="$lacking $2:$1"; return; fi
    echo "$2 $1 nowhere"
}}

# Names that no header has at all, not even those that a person would not include. A word that every
# system has tells that the search works.
absent() {{
    {{ echo EOF; for question; do echo "${{question#*:}}"; done; }} >words
    find $dirs -name '*.h' -print 2>/dev/null | xargs grep -hwF -f words -- >lines 2>/dev/null
    for question; do
        how=absent name=${{question#*:}}
        if grep -qwF -- "$name" lines || ! grep -qwF EOF lines; then how=nowhere; fi
        echo "${{question%%:*}} $name $how"
    done
}}

# Whether one header declares a name; then says so.
try() {{
    [ -n "$3" ] || return 1
    if usable "$2" "$1" "$3"; then echo "$2 $1 in $3"
    elif usable "$2" "$1" "$3" -D_GNU_SOURCE; then echo "$2 $1 gnu $3"
    else return 1; fi
}}

linked() {{ name=$1; shift; compiles "char $name();\\nint main(void) {{ return $name(); }}\\n" "$@"; }}

# Libraries that have the word, the shortest names first; a compiler's own are large and never meant.
havers() {{
    libraries=$(ls /usr/lib/*.so /usr/lib/*/*.so /usr/lib64/*.so /usr/local/lib/*.so /usr/pkg/lib/*.so 2>/dev/null)
    # Where no name without a version is, one with it can be linked.
    [ -n "$libraries" ] || libraries=$(ls /usr/lib/*.so.* /usr/local/lib/*.so.* 2>/dev/null)
    echo "$libraries" | grep -v -e LLVM -e clang -e lldb | xargs grep -lF -- "$1" 2>/dev/null |
        sed 's|.*/lib||; s|\\.so[.0-9]*$||' | awk '{{ print length($0), $0 }}' | sort -n |
        sed 's/^[0-9]* //' >having
    head -n 6 having
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

# Whether a header has the name as a macro; then says so.
is_macro() {{
    wanted=$1; shift
    for header; do
        if compiles "#include <$header>\\n#ifndef $wanted\\n#error\\n#endif\\n" -c; then
            echo "symbol $wanted macro $header"
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
    {{ [ -n "$2" ] && is_macro "$1" "$2"; }} || found_in "$1" $last m resolv crypt || found_in "$1" $(havers "$1")
}}

# First in the source, then in the system.
lies() {{
    found=$(find {SOURCE} -xdev -path "*/$2" -type f 2>/dev/null | sort | head -n 1)
    if [ -n "$found" ]; then echo "$1 $2 source ${{found#{SOURCE}/}}"; return; fi
    folders
    found=$(find $dirs /usr/include /usr/local/include /usr/pkg/include /opt -xdev -path "*/$2" 2>/dev/null | sort | head -n 1)
    if [ -n "$found" ]; then echo "$1 $2 at $found"; else echo "$1 $2 nowhere"; fi
}}

library() {{
    for shape in "lib$1.so" "lib$1.a" "lib$1.dylib" "lib$1.so.*"; do
        found=$(find /usr/lib /usr/lib64 /lib /usr/local/lib /usr/pkg/lib /opt -name "$shape" 2>/dev/null | sort | head -n 1)
        if [ -n "$found" ]; then echo "library $1 at $found"; return; fi
    done
    echo "library $1 nowhere"
}}

module() {{
    found=$(find /usr/lib /usr/lib64 /usr/share /usr/libdata /usr/local /usr/pkg /opt -path "*/pkgconfig/$1.pc" 2>/dev/null | sort | head -n 1)
    if [ -n "$found" ]; then echo "module $1 at $found"; else echo "module $1 nowhere"; fi
}}

tool() {{
    found=$(find /usr/bin /usr/sbin /bin /sbin /usr/local /usr/pkg /usr/games /opt -xdev -maxdepth 3 \\
        -name "$1" -perm -100 2>/dev/null | sort | head -n 1)
    if [ -n "$found" ]; then echo "tool $1 at $found"; else echo "tool $1 nowhere"; fi
}}

# First what takes one look; then, of what is left, all names together.
left= words= untried=
for question; do
    set -f
    set -- $question
    set +f
    [ -n "${{2-}}" ] || continue
    case $1 in
        header) lies header "$2" ;;
        library) library "$2" ;;
        module) module "$2" ;;
        tool) tool "$2" ;;
        symbol)
            works && {{ symbol "$2" "${{3-}}" || {{
                left="$left $1:$2" words="$words $2"
                [ "$(grep -c '' having)" -le 6 ] || untried="$untried $2 "
            }}; }} ;;
        function|name|type|complete|struct)
            works && {{ try "$2" "$1" "${{3-}}" || {{ left="$left $1:$2" words="$words $2"; }}; }} ;;
    esac
done
[ -n "$left" ] || exit 0
lacking=
index $words
for question in $left; do
    what=${{question%%:*}} name=${{question#*:}}
    if [ "$what" != symbol ]; then declared "$name" "$what"
    elif ! is_macro "$name" $(mentions "$name"); then
        case $untried in *" $name "*) ;; *) echo "symbol $name nowhere" ;; esac
    fi
done
[ -z "$lacking" ] || absent $lacking
"""
