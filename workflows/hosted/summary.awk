# The job on the run's page, in Markdown; the reason is on standard input.
function plain(text) {
    text = escaped(text)
    gsub(/[`|*_\[\]\\]/, "\\\\&", text)
    return text
}
function escaped(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    return text
}
BEGIN {
    if ((getline reason) <= 0) reason = ""
    allowed = allow == "true" && (status == "failed" || status == "timed-out")
    printf "### %s: %s%s\n\n", plain(job), status, allowed ? ", which is allowed" : ""
    if (reason != "") printf "%s\n\n", plain(reason)
    if ((getline proves <(home "/proves")) > 0) printf "It %s.\n\n", plain(proves)
    print "| step | seconds | |\n|---|---:|---|"
    while ((getline line <(home "/ran")) > 0) {
        split(line, part, " ")
        result = part[3] == "0" ? "passed" : part[3] == "-" ? "exit code unknown" : "exit code " part[3]
        printf "| %s | %s | %s |\n", plain(part[1]), part[4], result
    }
    n = 0
    while ((getline line <(home "/tail")) > 0) text[++n] = line
    if (n > 0) {
        printf "\n<details open><summary>The last lines of %s</summary>\n\n<pre>\n", plain(failed)
        for (i = 1; i <= n; i++) print escaped(text[i])
        print "</pre>\n</details>"
    }
    print ""
}
