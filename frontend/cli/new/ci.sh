#!/bin/sh
# All that a change has to pass.
set -e
cd "$(dirname "$0")"
prism check
prism test
prism test --simulate
prism verify
