#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sourced by ./check and ./demo: the packages they need, and how those get here.

packages_for_build() {
	echo gcc libc6-dev meson ninja-build pkg-config python3 git libgnutls28-dev libevent-dev \
		libcurl4-gnutls-dev libsqlite3-dev libmicrohttpd-dev libjansson-dev libcbor-dev \
		libsystemd-dev libseccomp-dev libssl-dev libcmocka-dev scdoc
}

packages_for_tests() {
	echo clang clang-format libclang-rt-14-dev llvm shellcheck python3-pytest gnutls-bin \
		openssl curl faketime strace procps systemd
}

# packages_missing PACKAGE...: prints those that are not installed
packages_missing() {
	for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' ||
			printf '%s ' "$package"
	done
}

# packages_install DRY_RUN PACKAGE...: installs what is missing, as root or through sudo
packages_install() {
	dry_run=$1
	shift
	missing=$(packages_missing "$@")
	[ -n "$missing" ] || return 0
	if [ "$dry_run" = yes ]; then
		echo "would install: $missing"
		return 0
	fi
	as_root=
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || {
			echo "these packages are missing, and this is neither root nor is there sudo: $missing" >&2
			return 1
		}
		as_root=sudo
	fi
	echo "installing: $missing"
	export DEBIAN_FRONTEND=noninteractive
	$as_root apt-get update -q >/dev/null
	# shellcheck disable=SC2086 # a list of words
	$as_root apt-get install -q -y --no-install-recommends $missing >/dev/null
}
