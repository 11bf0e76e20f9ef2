# Lines for people, as a local run keeps them: no escape sequences or control characters, the last
# state of a line that was written over, runs of the same line as one.
function unfold() {
    if (same == 1) print last
    if (same > 1) print "… the same line " same " more times"
    same = 0
}
{
    gsub(/\033\][^\007\033]*(\007|\033\\)/, "")
    # As strings: a slash in brackets is read in two ways.
    gsub("\033\\[[0-?]*[ -/]*[@-~]", "")
    gsub("\033[ -/]*[0-~]", "")
    sub(/\r+$/, "")
    sub(/^.*\r/, "")
    gsub(/[\013\014]/, " ")
    gsub(/[\001-\010\016-\037\177]/, "")
    while ((at = index($0, "\t")) > 0)
        $0 = substr($0, 1, at - 1) sprintf("%" (8 - (at - 1) % 8) "s", "") substr($0, at + 1)
    if (length($0) > 2000) $0 = substr($0, 1, 1999) "…"
    if ($0 == last && $0 != "") { same++; next }
    unfold()
    last = $0
    print
}
END { unfold() }
