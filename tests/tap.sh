# SPDX-License-Identifier: MIT
# What scripts share that run commands and look at what came of it. A command's output is in ./out and ./err. The
# script ends with tap_end.
count=0 failures=0 status='' command=''

result() { # result GOOD? NAME: tells it, with the last command's output if it is bad
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $count - $2"
    else
        failures=$((failures + 1))
        echo "not ok $count - $2"
        { echo "command: $command" && echo "exit: $status" && cat out err; } 2>/dev/null |
            head -40 | sed 's/^/# /'
    fi
}
exits() { # exits CODE NAME COMMAND...: it ends with that code
    local expected=$1 name=$2
    shift 2
    command="$*"
    timeout 120 "$@" >out 2>err </dev/null
    status=$?
    [ $status -eq "$expected" ]
    result $? "$name"
}
says() { # says FILE TEXT NAME
    grep -qF -- "$2" "$1"
    result $? "$3"
}
not_says() { # not_says FILE TEXT NAME
    ! grep -qF -- "$2" "$1"
    result $? "$3"
}
matches() { # matches FILE PATTERN NAME
    grep -q -- "$2" "$1"
    result $? "$3"
}
silent() { # silent FILE NAME
    [ ! -s "$1" ]
    result $? "$2"
}
tap_end() {
    echo "1..$count"
    [ $failures -eq 0 ]
}
