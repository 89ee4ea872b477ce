# SPDX-License-Identifier: MIT
# Names each function longer than `limit` lines: "FILE:NAME lines". A function goes from a line at
# column 0 that ends in `) {` (or a lone `{`) to the `}` at column 0.
FNR == 1 { inside = 0; head = "" }
!inside && /^[A-Za-z_].*\(/ { head = $0 }
!inside && /^([A-Za-z_ \t].*\) \{|\{)$/ && head != "" { inside = 1; start = FNR }
inside && /^}/ {
    if (FNR - start + 1 > limit) {
        name = head
        sub(/\(.*/, "", name)
        sub(/.*[ *]/, "", name)
        print FILENAME ":" name " " FNR - start + 1 " lines"
    }
    inside = 0
    head = ""
}
