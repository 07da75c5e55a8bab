# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# How the demo shows commands and judges what they did. A step is a heading
# and what follows it until the next; it holds if each of its checks does.

work=$(mktemp -d)
out=$work/out			# what the last command printed
behind_out=$work/behind.out	# likewise the one in the background
behind_result=$work/behind	# "STATUS MICROSECONDS" once that has ended
rc=0				# exit status of the last command
took=0				# the microseconds that it needed

steps=0
title=
bad=0				# checks of this step that failed
failed=()			# headings of the steps that didn't hold

# show_time MICROSECONDS
show_time()
{
	if (($1 < 1000000)); then
		printf '%d.%d ms' $(($1 / 1000)) $(($1 % 1000 / 100))
	else
		printf '%d.%02d s' $(($1 / 1000000)) $(($1 % 1000000 / 10000))
	fi
}

show_output() { sed 's/^./   &/' "$out"; }

end_step()
{
	((!bad)) || failed+=("$steps. $title")
	bad=0
}

# step TITLE
step()
{
	end_step
	steps=$((steps + 1))
	title=$1
	printf '\n%d. %s\n' "$steps" "$title"
}

note() { printf '   # %s\n' "$*"; }

# run COMMAND: as if a person had typed it into this very shell
run()
{
	local from

	printf '   $ %s\n' "$1"
	rc=0
	from=${EPOCHREALTIME/[.,]/}
	eval "$1" >"$out" 2>&1 </dev/null || rc=$?
	took=$((${EPOCHREALTIME/[.,]/} - from))
	show_output
}

# run_behind COMMAND: the same with a "&"
run_behind()
{
	local from

	printf '   $ %s &\n' "$1"
	rm -f "$behind_result"
	from=${EPOCHREALTIME/[.,]/}
	(
		rc=0
		eval "$1" >"$behind_out" 2>&1 </dev/null || rc=$?
		echo "$rc $((${EPOCHREALTIME/[.,]/} - from))" >"$behind_result.new"
		mv "$behind_result.new" "$behind_result"
	) &
	behind=$!
}

still_behind() { [[ ! -e $behind_result ]]; }

# To be judged as if it had been run now.
run_wait()
{
	printf '   $ wait\n'
	wait "$behind" || true
	read -r rc took <"$behind_result" || rc=255 took=0
	cp "$behind_out" "$out"
	show_output
}

# verdict EXPECTED SHOW COMMAND...: COMMAND tells whether it is as expected, SHOW
# is evaluated and prints what there is when it isn't
verdict()
{
	local expected=$1 show=$2

	shift 2
	if "$@"; then
		printf '   ok: %s\n' "$expected"
	else
		printf '   FAILED: expected: %s, got: %s\n' "$expected" "$(eval "$show")"
		bad=$((bad + 1))
	fi
}

# expect STATUS [REGEX...]: how the last command ended, and what is in its output
expect()
{
	local status=$1 regex wanted="status $1" right=1

	shift
	((rc == status)) || right=0
	for regex; do
		wanted+=", a line like \"$regex\""
		grep -qE -- "$regex" "$out" || right=0
	done
	if ((right)); then
		printf '   ok (%s)\n' "$(show_time "$took")"
		return
	fi
	printf '   FAILED: expected: %s, got: status %d after %s\n' "$wanted" "$rc" \
		"$(show_time "$took")"
	bad=$((bad + 1))
}

# expect_without REGEX: of the last output
expect_without()
{
	local unwanted=$1

	# shellcheck disable=SC2016 # verdict evaluates it
	verdict "no line like \"$unwanted\"" 'grep -E -- "$unwanted" "$out"' lacks "$unwanted" "$out"
}

lacks() { ! grep -qE -- "$1" "$2"; }

# expect_seconds FROM TO: what the last command needed
expect_seconds()
{
	verdict "an end after $1 to $2 seconds" "show_time $took" \
		between "$took" $(($1 * 1000000)) $(($2 * 1000000))
}

between() { (($1 >= $2 && $1 <= $3)); }

# wait_until SECONDS COMMAND...: whether it came true so soon
wait_until()
{
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		((SECONDS < end)) || return 1
		sleep 0.1
	done
}

# show_logs FILE...: what may tell why a step failed
show_logs()
{
	local file

	for file; do
		printf '\n---- the end of %s\n' "$file"
		tail -n 40 "$file" || true
	done
	printf '\n---- the end of the kernel log\n'
	dmesg | tail -n 30
}

# Prints the summary; its status is the demo's.
sum_up()
{
	local heading

	end_step
	if ((${#failed[@]} == 0)); then
		printf '\ndemo: %d steps held\n' "$steps"
		return
	fi
	printf '\ndemo: %d of %d steps failed:\n' "${#failed[@]}" "$steps"
	for heading in "${failed[@]}"; do
		printf '  %s\n' "$heading"
	done
	return 1
}
