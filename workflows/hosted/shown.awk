# A build's output for the screen: paths in the container become paths of the checkout, so that an
# error stands on its line there. make says in which folder names are to be understood.
function known(name,    line, found) {
    found = (getline line <(root "/" name)) >= 0
    close(root "/" name)
    return found
}
function tidy(name,    parts, kept, n, i, text) {
    n = split(name, parts, "/")
    kept = 0
    for (i = 1; i <= n; i++) {
        if (parts[i] == "..") kept = kept > 0 ? kept - 1 : 0
        else if (parts[i] != "." && parts[i] != "") stack[++kept] = parts[i]
    }
    text = ""
    for (i = 1; i <= kept; i++) text = text (i > 1 ? "/" : "") stack[i]
    return text
}
BEGIN { source = "/ciforge/src"; depth = 0 }
/Entering directory/ {
    folder = $0
    sub(/.*Entering directory ['`]/, "", folder)
    sub(/'$/, "", folder)
    if (index(folder, source) == 1) folders[++depth] = substr(folder, length(source) + 2)
}
/Leaving directory/ { if (depth > 0) depth-- }
{
    if (length($0) > 2000) $0 = substr($0, 1, 1999) "…"
    gsub(/\/ciforge\/src\//, "")
    if (depth > 0 && match($0, /^[A-Za-z0-9_.+\/-]+:[0-9]+:/)) {
        name = substr($0, 1, index($0, ":") - 1)
        place = tidy(folders[depth] "/" name)
        if (substr(name, 1, 1) != "/" && place != name && known(place))
            $0 = place substr($0, length(name) + 1)
    }
    print
    fflush()
}
