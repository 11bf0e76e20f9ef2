# What a cross check has shown: in cross.txt @NAME,NAME@ is the upstream version of the first that is installed.
function upstream(version) {
    sub(/^[0-9]+:/, "", version)
    sub(/[-+].*/, "", version)
    return version
}
NR == FNR { version[$1] = upstream($2); next }
$1 == job {
    sub(/^[^ ]+ /, "")
    while (match($0, /@[^@]*@/)) {
        count = split(substr($0, RSTART + 1, RLENGTH - 2), name, ",")
        found = ""
        for (i = count; i > 0; i--) if (version[name[i]] != "") found = " " version[name[i]]
        $0 = substr($0, 1, RSTART - 1) found substr($0, RSTART + RLENGTH)
    }
    print
}
