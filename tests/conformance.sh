#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# One test of tests/conformance/: a rule of docs/language.md. A program with lines `// expect: Pnnnn
# LINE:COLUMN` breaks the rule and is checked as those of tests/messages/ are; any other one shows
# it, and is run as those of tests/golden/ are.
set -u
kind=golden
grep -q '^// expect: P' "$1" && kind=messages
exec bash "tests/$kind.sh" "$1"
