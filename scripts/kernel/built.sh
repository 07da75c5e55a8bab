# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Kernels that are built here from linux-source-6.1, for scripts/mkkernel, which
# sources this. Each is tinyconfig plus debug.config, and another fragment where
# it differs from the debug kernel.
# shellcheck disable=SC2154 # mkkernel sets cache and fragment_dir

# Lines in the log of one full build: only for saying how far it is.
build_steps=2350

# The configuration of a flavour; what stands in a later file holds.
fragments()
{
	printf '%s\n' "$fragment_dir/debug.config"
	[[ $1 == debug ]] || printf '%s\n' "$fragment_dir/$1.config"
}

fragment_hash() { fragments "$1" | xargs -d '\n' cat | sha256sum | cut -c1-12; }

source_version()
{
	dpkg-query -W -f '${Version}' linux-source-6.1 2>/dev/null ||
		die "linux-source-6.1 is missing: run scripts/setup"
}

# Its name follows from what it is made of.
built_folder() { printf '%s/%s-%s-%s\n' "$cache" "$1" "$(source_version)" "$(fragment_hash "$1")"; }

built_unpack()
{
	local dir=$1

	# An interrupted build goes on where it was: unpacked is marked too.
	[[ -e $dir/unpacked || -e $dir/linux/vmlinux.o ]] && return
	say "unpacking linux-source-6.1"
	rm -rf "$dir/linux"
	tar -C "$dir" -xf /usr/src/linux-source-6.1.tar.xz
	mv "$dir/linux-source-6.1" "$dir/linux"
	touch "$dir/unpacked"
}

built_configure()
{
	local flavour=$1 tree=$2 files

	mapfile -t files < <(fragments "$flavour")
	make -s -C "$tree" tinyconfig >/dev/null
	(cd "$tree" && scripts/kconfig/merge_config.sh -m .config "${files[@]}") >/dev/null 2>&1
	make -s -C "$tree" olddefconfig >/dev/null 2>&1
	built_check_config "$flavour" "$tree/.config"
}

# The lines that hold: of two for one symbol, the last.
wanted_lines()
{
	fragments "$1" | xargs -d '\n' cat | awk '
		/^CONFIG_/                { symbol = $0; sub(/=.*/, "", symbol) }
		/^# CONFIG_.* is not set/ { symbol = $2 }
		symbol                    { line[symbol] = $0; symbol = "" }
		END                       { for (symbol in line) print line[symbol] }'
}

# Kconfig drops what it can't have without a word: name every such symbol.
built_check_config()
{
	local flavour=$1 config=$2 line symbol lost=()

	while read -r line; do
		case $line in
		CONFIG_*)
			grep -qxF "$line" "$config" || lost+=("$line") ;;
		*)
			symbol=${line#\# }
			symbol=${symbol%% *}
			! grep -q "^$symbol=" "$config" || lost+=("$line") ;;
		esac
	done < <(wanted_lines "$flavour")
	((${#lost[@]} == 0)) && return
	say "the kernel's configuration didn't take these lines of $fragment_dir:"
	printf '  %s\n' "${lost[@]}" >&2
	die "look up what they depend on in the Kconfig files under $(dirname "$config")"
}

progress()
{
	local flavour=$1 log=$2 start=$SECONDS

	# sleep must not hold the caller's output open after we are gone
	while sleep 20 >/dev/null 2>&1; do
		say "$flavour: $((SECONDS - start)) s, step $(wc -l <"$log") of about $build_steps"
	done
}

built_compile()
{
	local flavour=$1 tree=$2 log=$3 ticker flags=() rc=0

	say "building the $flavour kernel (about 10 minutes on 2 cores), log in $log"
	progress "$flavour" "$log" &
	ticker=$!
	# shellcheck disable=SC2064 # the pid of now
	trap "kill $ticker 2>/dev/null" EXIT
	# amfs alone is to be looked at.
	[[ $flavour != kcsan ]] || flags+=(KCSAN_SANITIZE=n)
	# A caller's "make -s" must not make this one silent: its lines are counted.
	env -u MAKEFLAGS -u MFLAGS KBUILD_BUILD_USER=amfs KBUILD_BUILD_HOST=amfs \
		make -C "$tree" -j"${MKKERNEL_JOBS:-$(nproc)}" "${flags[@]}" bzImage modules \
		>"$log" 2>&1 || rc=$?
	kill "$ticker" 2>/dev/null || true
	trap - EXIT
	((rc == 0)) && return
	tail -n 30 "$log" >&2
	die "the build failed (status $rc), the whole log is in $log"
}

# Modules need headers, Makefiles, scripts and objtool of the tree; the rest
# is 1.5 GB.
built_prune()
{
	local tree=$1

	rm -rf "$tree"/Documentation "$tree"/samples "$tree"/tools/{testing,perf} \
		"$tree"/drivers "$tree"/sound
	find "$tree" \( -path "$tree/scripts" -o -path "$tree/tools/objtool" \) -prune -o \
		-type f \( -name '*.c' -o -name '*.S' -o -name '*.o' -o -name '*.a' \
			-o -name '*.cmd' -o -name '*.dts*' \) -print0 | xargs -0 rm -f
}

built_finish()
{
	local dir=$1 tree=$1/linux release

	release=$(cat "$tree/include/config/kernel.release")
	mkdir -p "$dir/root/lib/modules/$release"
	# modprobe finds out there what is built in
	cp "$tree"/modules.builtin* "$tree/modules.order" "$dir/root/lib/modules/$release/"
	/sbin/depmod -b "$dir/root" "$release"
	cp "$tree/arch/x86/boot/bzImage" "$dir/bzImage"
	ln -sfn "$dir/root/lib/modules/$release" "$dir/modules"
	ln -sfn "$dir/bzImage" "$dir/image"
	ln -sfn "$tree" "$dir/kdir"
	echo "$release" >"$dir/release"
}

make_built()
{
	local flavour=$1 dir start=$SECONDS

	[[ -e /usr/src/linux-source-6.1.tar.xz ]] ||
		die "linux-source-6.1 is missing: run scripts/setup"
	dir=$(built_folder "$flavour")
	mkdir -p "$dir"
	built_unpack "$dir"
	built_configure "$flavour" "$dir/linux"
	built_compile "$flavour" "$dir/linux" "$dir/build.log"
	built_finish "$dir"
	# A pruned tree can't be built again, so it is only pruned when done with.
	touch "$dir/complete"
	built_prune "$dir/linux"
	say "$flavour is ready: $(cat "$dir/release"), $((SECONDS - start)) s"
}
