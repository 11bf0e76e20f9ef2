# result.json as local runs have it; standard input has the reason.
function quoted(text,    out, i, c) {
    if (text !~ /[\\"\001-\037\177]/) return "\"" text "\""
    out = ""
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == "\\" || c == "\"") c = "\\" c
        else if (c in code) c = sprintf("\\u%04x", code[c])
        out = out c
    }
    return "\"" out "\""
}
function value(name,    line) {
    line = ""
    if ((getline line <(home "/" name)) < 0) line = ""
    close(home "/" name)
    return line
}
function maybe(text) { return text == "" ? "null" : quoted(text) }
function key(name, text) { printf ",\n \"%s\": %s", name, text }
function list(name, brackets) {
    if (n == 0) { key(name, brackets); return }
    key(name, substr(brackets, 1, 1) "\n")
    for (i = 1; i <= n; i++) printf "%s%s", item[i], (i < n ? ",\n" : "\n")
    printf " %s", substr(brackets, 2, 1)
    n = 0
}
BEGIN {
    for (i = 1; i < 32; i++) code[sprintf("%c", i)] = i
    code[sprintf("%c", 127)] = 127
    if ((getline reason) <= 0) reason = ""
    printf "{\n \"v\": 3"
    key("job", quoted(job))
    key("status", quoted(status))
    key("failed_step", maybe(failed))
    key("reason", quoted(reason))
    key("limit", maybe(reached))
    key("proves", quoted(value("proves")))
    key("signal", "null")
    key("started", quoted(started))
    key("seconds", seconds ".0")
    while ((getline line <(home "/ran")) > 0) {
        split(line, part, " ")
        item[++n] = "  {\n   \"name\": " quoted(part[1]) \
            ",\n   \"exit_code\": " (part[3] == "-" ? "null" : part[3]) \
            ",\n   \"seconds\": " part[4] ".0,\n   \"started\": " quoted(part[2]) "\n  }"
    }
    list("steps", "[]")
    while ((getline line <(home "/tail")) > 0) item[++n] = "  " quoted(line)
    list("tail", "[]")
    key("allow_failure", allow)
    key("image", quoted(value("image-id")))
    key("base", quoted(value("base-id")))
    key("lacks", value("lacks") ? value("lacks") : "[\"disk limit\"]")
    while ((getline line <(home "/packages")) > 0) {
        at = index(line, " ")
        if (at > 1 && at < length(line))
            item[++n] = "  " quoted(substr(line, 1, at - 1)) ": " quoted(substr(line, at + 1))
    }
    list("packages", "{}")
    while ((getline line <(home "/names")) > 0) item[++n] = "  " quoted(line)
    list("artifacts", "[]")
    printf ",\n \"source\": "
    if (value("digest") == "") printf "null"
    else {
        printf "{\n  \"repo\": %s,\n  \"origin\": %s", quoted(repo), quoted(origin)
        printf ",\n  \"revision\": %s,\n  \"branch\": %s,\n  \"changes\": %d", \
            quoted(value("revision")), quoted(ENVIRON["GITHUB_REF_NAME"]), value("changes")
        printf ",\n  \"patch\": \"\",\n  \"digest\": %s\n }", quoted(value("digest"))
    }
    key("box", "\"\"")
    key("proven_by", "\"\"")
    key("attempt", ENVIRON["GITHUB_RUN_ATTEMPT"] ~ /^[1-9][0-9]*$/ ? ENVIRON["GITHUB_RUN_ATTEMPT"] : 0)
    print "\n}"
}
