"""The scripts of a toolchain image: compiler wrapper, check of links, headers and names of libraries. POSIX sh and awk."""

from collections.abc import Mapping

from ciforge.model.cross import TOOLS

COMPILER = f"""\
#!/bin/sh
# Compiles and links for the target of this image. The target is named here and asked of nobody: the
# compiler would name that of the machine.
tools={TOOLS} options=''
. "$tools/target"
case $0 in
    *c++) language=c++ ;;
    *) language=cc ;;
esac
links=yes compiles='' out=a.out last='' named=' '
for word; do
    case $last in
        -o) out=$word ;;
        -l) named="$named$word " ;;
    esac
    case $word in
        -c | -E | -S | -M | -MM | -fsyntax-only) links='' compiles=yes ;;
        -shared | -r | --version | -v | -V) links='' ;;
        -print-* | --print-* | --help) links='' ;;
        -dumpmachine) echo "$host"; exit ;;
        -l?*) named="$named${{word#-l}} " ;;
        -pthread) named="${{named}}pthread " ;;
    esac
    last=$word
done
if [ "$compiles" ] && [ -s "$tools/flags-$language" ]; then
    read -r flags <"$tools/flags-$language"
    # shellcheck disable=SC2086 # words, none of which has a space
    exec "$tools/zig/zig" clang $flags -Wno-unused-command-line-argument -isystem "$tools/sysroot/include" "$@" $options
fi
# lld has this option and zig refuses it: it shortens the table of symbols and no link depends on it.
skip=''
for word; do
    shift
    [ -z "$skip" ] || {{ skip=''; continue; }}
    case $word in
        -Wl,-retain-symbols-file | -Wl,--retain-symbols-file) skip=yes ;;
        -Wl,-retain-symbols-file[,=]* | -Wl,--retain-symbols-file[,=]*) ;;
        *) set -- "$@" "$word" ;;
    esac
done
cache=${{CIFORGE_ZIG_CACHE:-/var/tmp/ciforge-zig}}
# All at once: of an image, each file that is written is copied by itself, and waits for the disk.
if [ ! -d "$cache" ]; then
    work=$(mktemp -d "$cache.XXXXXX") && cp -R "$tools/cache/." "$work" && chmod -R a+rwX "$work" || exit
    mv -T "$work" "$cache" 2>/dev/null || rm -rf "$work"
fi
export ZIG_GLOBAL_CACHE_DIR="$cache" ZIG_LOCAL_CACHE_DIR="$cache"
# shellcheck disable=SC2086 # words
"$tools/zig/zig" "$language" -target "$target" -fno-sanitize=undefined -UNDEBUG -Wno-error=date-time -Wno-date-time \\
    -isystem "$tools/sysroot/include" "$@" $options -L"$tools/sysroot/lib" || exit
[ -z "$links" ] || [ ! -f "$out" ] || exec "$tools/bin/check-link" "$out" "$named"
"""
"""`-fno-sanitize=undefined` to `-Wno-date-time`: no compiler of a system checks overflows unasked, leaves out
assertions with `-O2`, or refuses `__DATE__`, as zig does.

What does not link goes to the clang within zig, by the flags that zig gives it, which takes half of the
time."""

FLAGS = """\
#!/bin/sh
# flags: of what zig prints about its call of clang, the flags that are the same for every file.
awk '$2 == "clang" {
    for (at = 3; at <= NF; at++) {
        word = $at
        if (word ~ /^-(o|MF|MT|MQ)$/) { at++; continue }
        if (word ~ /^-(c|MD|MV|O.|g.*)$/ || word ~ /^[^-].*[.](c|cpp)$/) continue
        if (word ~ /^-(Xclang|target|isystem|-param)$/) word = word " " $(++at)
        printf "%s%s", gap, word
        gap = " "
        if (word ~ /^-target /) found = 1
    }
    if (found) print ""
    exit
} END { exit !found }'
"""

CHECK_LINK = f"""\
#!/bin/sh
# check-link PROGRAM NAMES: whether a linker of the target would have found every function. The
# compiler links some libraries without being asked; here they have to be on the command line.
[ -s {TOOLS}/libraries ] || exit 0
readelf --dyn-syms -W "$1" 2>/dev/null | awk -v named="$2" '
    NR == FNR {{ home[$1] = $2; next }}
    $7 == "UND" && $5 == "GLOBAL" {{
        name = $8
        sub(/@.*/, "", name)
        if (!(name in home)) next
        count = split(home[name], libraries, ",")
        for (at = 1; at <= count; at++) if (index(named, " " libraries[at] " ")) next
        print "ld: error: undefined symbol: " name
        print ">>> lib" libraries[1] " has it, and -l" libraries[1] " is not on the command line"
        missing = 1
    }}
    END {{ exit missing }}' {TOOLS}/libraries - >&2 && exit
rm -f "$1"
exit 1
"""

LIBRARIES = """\
#!/bin/sh
# libraries FOLDER: a line for each name that libraries beside libc define: NAME LIBRARY[,LIBRARY...]
find "$1" -name 'lib*.so*' -type f | while read -r file; do
    name=${file##*/lib}
    readelf --dyn-syms -W "$file" | awk -v library="${name%%.so*}" '
        $7 != "UND" && ($5 == "GLOBAL" || $5 == "WEAK") { sub(/@.*/, "", $8); print $8, library }'
done | sort -u | awk '
    $2 == "c" || $2 == "ld" || $2 == "sys" { base[$1]; next }
    $2 == "thr" { $2 = "pthread,thr" }
    $1 in others { others[$1] = others[$1] "," $2; next }
    { others[$1] = $2 }
    END { for (name in others) if (!(name in base)) print name, others[name] }' | sort
"""

NAMES = f"""\
#!/bin/sh
# names LIBRARY: makes the library of the names on standard input. It defines them and nothing else:
# enough to link with, and nothing of it ever runs. A line is TYPE NAME, TYPE being function or object.
# Names that an earlier call gave the library stay.
CIFORGE_ZIG_CACHE={TOOLS}/cache
export CIFORGE_ZIG_CACHE
work=$(mktemp -d) || exit
library={TOOLS}/sysroot/lib/lib$1.so
{{
    cat
    [ ! -e "$library" ] || readelf --dyn-syms -W "$library" |
        awk '$7 != "UND" && $5 == "GLOBAL" {{ print ($4 == "OBJECT" ? "object" : "function"), $8 }}'
}} | sort -u | awk '{{
    printf "\\t.globl %s\\n\\t.type %s,%%%s\\n\\t.balign 16\\n%s:\\n\\t.space 16\\n", $2, $2, $1, $2
    # A program that is not position-independent copies objects, for which they need a size.
    printf "\\t.size %s,16\\n", $2
}}' >"$work/names.s"
{TOOLS}/bin/cc -c "$work/names.s" -o "$work/names.o" &&
    {TOOLS}/bin/cc -shared -nostdlib -Wl,-soname,"lib$1.so" "$work/names.o" -o "$library"
code=$?
rm -rf "$work"
exit "$code"
"""

SYSROOT = f"""\
#!/bin/sh
# sysroot: takes the headers, pkg-config files and names of libraries from the list of files on
# standard input, which those of the machine's packages are.
tools={TOOLS}
mkdir -p "$tools/sysroot/lib/pkgconfig"
while read -r file; do
    case $file in
        /usr/include/*-linux-*/*) place=${{file#/usr/include/*-linux-*/}} ;;
        /usr/include/*) place=${{file#/usr/include/}} ;;
        *.pc)
            sed -e "s|^prefix *=.*|prefix=$tools/sysroot|" -e 's|^exec_prefix *=.*|exec_prefix=${{prefix}}|' \\
                -e 's|^libdir *=.*|libdir=${{prefix}}/lib|' -e 's|^includedir *=.*|includedir=${{prefix}}/include|' \\
                -e '/^Cflags/s/ *-D_[A-Z_]*SOURCE\\(=[0-9]*L*\\)*//g' \\
                "$file" >"$tools/sysroot/lib/pkgconfig/${{file##*/}}"
            continue
            ;;
        */lib*.so)
            name=${{file##*/lib}}
            [ -e "$file" ] && readelf --dyn-syms -W "$file" | awk '
                $7 != "UND" && $7 ~ /^[0-9]+$/ && ($5 == "GLOBAL" || $5 == "WEAK") {{
                    sub(/@.*/, "", $8)
                    if (!seen[$8]++ && $8 !~ /^_(init|fini|end|edata|_bss_start)$/)
                        print ($4 == "OBJECT" ? "object" : "function"), $8
                }}' | "$tools/bin/names" "${{name%.so}}"
            continue
            ;;
        *) continue ;;
    esac
    [ -f "$file" ] || continue
    mkdir -p "$tools/sysroot/include/$(dirname "$place")"
    cp -L "$file" "$tools/sysroot/include/$place"
done
"""

WARM = f"""\
#!/bin/sh
# warm: compiles the target's start files and compiler runtime, once for this image, and keeps a
# program of the target to compare others with.
set -e
tools={TOOLS}
. "$tools/target"
CIFORGE_ZIG_CACHE=$tools/cache
export CIFORGE_ZIG_CACHE
mkdir -p "$tools/cache"
# Not above the compiler: there zig names its own files by relative paths, which are part of a key of
# the cache, so that a job in any other folder would compile them again.
work=$(mktemp -d)
cd "$work"
echo "compiling the runtime of $target: once, up to a few minutes"
printf '#include <stdio.h>\\nint main(void) {{ return puts("") < 0; }}\\n' >sample.c
cc=$tools/bin/cc
"$cc" sample.c -o "$tools/sample"
"$cc" -g -O2 sample.c -o optimized
for language in cc c++; do
    file=flags.c
    [ "$language" = cc ] || file=flags.cpp
    echo "int flags_$$;" >"$file"
    ZIG_VERBOSE_CC=1 "$tools/bin/$language" -O2 -c "$file" -o flags.o 2>verbose
    "$tools/bin/flags" <verbose >"$tools/flags.new"
    mv "$tools/flags.new" "$tools/flags-$language"
done
"$cc" -O2 -fPIC -c sample.c -o sample.o
"$cc" -shared sample.o -o sample.so
cd "$tools"
rm -rf "$work"
bin/libraries cache >libraries.new
mv libraries.new libraries
chmod -R a+rwX cache
"""

CROSS_SCRIPTS: Mapping[str, str] = {
    "cc": COMPILER,
    "ar": f'#!/bin/sh\nexec {TOOLS}/zig/zig ar "$@"\n',
    "ranlib": f'#!/bin/sh\nexec {TOOLS}/zig/zig ranlib "$@"\n',
    "check-link": CHECK_LINK,
    "flags": FLAGS,
    "libraries": LIBRARIES,
    "names": NAMES,
    "sysroot": SYSROOT,
    "warm": WARM,
}
"""By their names in the folder `bin` of the toolchain."""
