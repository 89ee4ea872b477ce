# SPDX-License-Identifier: MIT
# Reads the table of tests/tidy/includes.txt, then names every quoted include that it does not allow.
# A file belongs to the longest folder of the table that its path begins with.
function folder_of(path,    parts, n, i, try, best) {
    n = split(path, parts, "/")
    for (i = 1; i < n; i++) {
        try = i == 1 ? parts[1] : try "/" parts[i]
        if (try in allowed)
            best = try
    }
    return best
}
BEGIN {
    while ((getline line < table) > 0) {
        if (line ~ /^#/ || line == "")
            continue
        colon = index(line, ":")
        allowed[substr(line, 1, colon - 1)] = " " substr(line, colon + 1) " "
    }
}
FNR == 1 {
    from = folder_of(FILENAME)
    if (from == "" && FILENAME !~ /^tests\//)
        print FILENAME ": its folder is not in " table
}
/^#[ ]*include "/ && from != "" {
    name = $0
    sub(/^#[ ]*include "/, "", name)
    sub(/".*/, "", name)
    if (name !~ /\//)
        next # sched.h, which each runtime has for itself
    to = folder_of(name)
    if (to != from && index(allowed[from], " " to " ") == 0)
        print FILENAME ":" FNR ": " from " may not include " name
}
