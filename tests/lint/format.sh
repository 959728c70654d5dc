#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Layout by clang-format, scripts by shellcheck.
set -eu
cd "$(dirname "$0")/../.."
sources=$(git ls-files -co --exclude-standard '*.c' '*.h')
# shellcheck disable=SC2086 # our names have no blanks
clang-format --dry-run -Werror $sources
scripts=$(git ls-files -co --exclude-standard '*.sh' check demo .ci/run)
# shellcheck disable=SC2086
shellcheck $scripts
echo "$(echo "$sources" | wc -l) sources, $(echo "$scripts" | wc -l) scripts"
