# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the checks written in bash share. Sourcing it goes to the top of the
# checkout.
set -euo pipefail

# shellcheck disable=SC2034 # for those who source this
check_name=$(basename "$0")
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/amfs/check
cd "$top"
# "make -j check" is no reason for our makes to complain of a missing job server.
unset MAKEFLAGS MFLAGS MAKELEVEL
export LC_ALL=C.UTF-8

say() { printf '%s\n' "$*"; }
die() { say "$*"; exit 1; }

need()
{
	local tool

	for tool in "$@"; do
		command -v "$tool" >/dev/null || die "$tool is missing: scripts/setup installs it"
	done
}

# files PATHSPEC...: what git knows or could be told of, and exists. No
# ":!PATHSPEC" here: git 2.39 drops what it shouldn't where all others begin alike.
files()
{
	local file

	git ls-files -co --exclude-standard --deduplicate -- "$@" | while IFS= read -r file; do
		[[ $file == build/* || ! -f $file ]] || printf '%s\n' "$file"
	done
}

# files_but REGEX PATHSPEC...: those whose path doesn't match
files_but() { files "${@:2}" | grep -vE -- "$1" || true; }

# scripts REGEX: those whose first line names an interpreter like this
scripts()
{
	local file first

	files . | while IFS= read -r file; do
		[[ ! -L $file ]] || continue
		first=
		IFS= read -rn 80 first <"$file" 2>/dev/null || true
		[[ ! $first =~ ^\#\!.*$1 ]] || printf '%s\n' "$file"
	done
}

# How programs are compiled here; the Makefile may add to it. Some sources
# define _GNU_SOURCE by themselves, as nothing.
# shellcheck disable=SC2034 # for those who source this
user_flags=(-std=c11 -D_GNU_SOURCE= -Iinclude/uapi -Isrc/daemon -Isrc/ctl)
user_sources() { files_but '^src/kernel/' 'src/*.c' 'scripts/*.c'; }

# each_file SALT COMMAND...: run COMMAND FILE for each file read from stdin,
# several at a time. A file that was clean isn't looked at again until its
# contents or SALT (versions, configuration) change.
each_file()
{
	local salt running=0 rc=0 sum file stamp jobs

	salt=$(sha256sum <<<"$1" | cut -c1-16)
	shift
	jobs=$(nproc)
	mkdir -p "$cache/clean"
	find "$cache/clean" -type f -mtime +30 -delete
	while read -r sum file; do
		stamp=$cache/clean/$check_name-$salt-$sum-${file//\//,}
		[[ ! -e $stamp ]] || continue
		if ((running >= jobs)); then
			wait -n || rc=1
			running=$((running - 1))
		fi
		(
			if output=$("$@" "$file" 2>&1); then
				: >"$stamp"
			else
				say "$output"
				exit 1
			fi
		) &
		running=$((running + 1))
	done < <(xargs -r -d '\n' sha256sum --)
	while ((running > 0)); do
		wait -n || rc=1
		running=$((running - 1))
	done
	return "$rc"
}
