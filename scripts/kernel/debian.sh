# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Debian's own kernels, for scripts/mkkernel, which sources this. Where the
# suite's compiler is needed to build modules, a chroot of it lies beside them.
# shellcheck disable=SC2154 # it sets cache, fragment_dir and recipe

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# "SUITE URI" of every bookworm suite in the machine's own apt sources, whether
# its package lists were read or not.
own_suites()
{
	# shellcheck disable=SC2016 # the format is apt's, not the shell's
	apt-get indextargets --no-release-info --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
		grep -E '^bookworm(-updates|-security)? ' | sort -u
}

# Prints a sources list: the suites of Debian 12, or another suite from the same
# mirror.
sources_list()
{
	local wanted=$1 suite uri

	while read -r suite uri; do
		case $wanted/$suite in
		bookworm/*) ;;
		*/bookworm) suite=$wanted ;;
		*)          continue ;;
		esac
		echo "deb [signed-by=$keyring] $uri $suite main"
	done < <(own_suites)
}

# Sets apt_options: a private apt that sees only the suite wanted and no
# installed package, so that nothing of another suite can ever get installed.
private_apt()
{
	local suite=$1 state=$2

	mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
	: >"$state/status"
	sources_list "$suite" >"$state/sources.list"
	[[ -s $state/sources.list ]] ||
		die "apt on this machine knows no bookworm mirror: is it Debian 12?"
	apt_options=(-q -o Dir::Etc::sourcelist="$state/sources.list"
		-o Dir::Etc::sourceparts=/dev/null
		-o Dir::State::Lists="$state/lists"
		-o Dir::State::status="$state/status"
		-o Dir::Cache="$state/cache"
		-o Acquire::Languages=none
		-o APT::Sandbox::User=root)
	say "reading the package lists of $suite"
	apt-get "${apt_options[@]}" update >&2
}

# The plain names that package $1 depends on.
depends()
{
	apt-cache "${apt_options[@]}" depends --no-recommends --no-suggests "$1" |
		sed -n 's/^ *Depends: \([^<]*\)$/\1/p'
}

# The headers a metapackage points at name the ABI: linux-headers-ABI.
debian_abi()
{
	depends linux-headers-amd64 |
		sed -n 's/^linux-headers-\([0-9].*\)$/\1/p' | head -1
}

debian_version()
{
	apt-cache "${apt_options[@]}" policy "$1" | sed -n 's/^ *Candidate: //p'
}

# linux-image-ABI has the kernel, its modules and their order in it, or depends on
# the three packages that have.
debian_packages()
{
	printf '%s\n' "linux-image-$1" "linux-headers-$1"
	depends "linux-image-$1" | grep -E '^linux-(base|binary|modules)-[0-9]' || true
	depends "linux-headers-$1" | grep -E '^linux-(headers|kbuild)-'
}

debian_fetch()
{
	local dir=$1 abi=$2 packages package

	mapfile -t packages < <(debian_packages "$abi")
	mkdir -p "$dir/debs"
	say "downloading ${packages[*]}"
	(cd "$dir/debs" && apt-get "${apt_options[@]}" download "${packages[@]}" >&2) ||
		die "the download failed: is the mirror reachable?"
	for package in "$dir"/debs/*.deb; do
		say "unpacking $(basename "$package")"
		dpkg -x "$package" "$dir/root"
	done
	rm -r "$dir/debs"
}

# The headers' Makefile names /usr/src; here they lie elsewhere. Their links are
# relative and stay right.
debian_relocate_headers()
{
	sed -i "s@/usr/src/@$1/usr/src/@g" "$1/usr/src/linux-headers-$2/Makefile"
}

# The first of the paths that exists.
first_of()
{
	local path

	for path in "$@"; do
		[[ ! -e $path ]] || { printf '%s\n' "$path"; return; }
	done
	die "none of these is there: $*"
}

debian_finish()
{
	local dir=$1 abi=$2 root=$1/root modules image

	modules=$(first_of "$root"{,/usr}"/lib/modules/$abi/kernel")
	modules=${modules%/kernel}
	image=$(first_of "$root/boot/vmlinuz-$abi" "$modules/vmlinuz")
	# depmod wants BASE/lib/modules
	[[ -d $root/lib ]] || ln -s usr/lib "$root/lib"
	if [[ $modules == "$root"/usr/lib/* && ! -e $root/lib/modules/$abi/kernel ]]; then
		mkdir -p "$root/lib/modules/$abi"
		rm -rf "$root/lib/modules/$abi"
		ln -s "$modules" "$root/lib/modules/$abi"
	fi
	say "indexing the modules of $abi"
	/sbin/depmod -b "$root" "$abi"
	debian_relocate_headers "$root" "$abi"
	ln -sfn "$modules" "$dir/modules"
	ln -sfn "$image" "$dir/image"
	ln -sfn "$root/usr/src/linux-headers-$abi" "$dir/kdir"
	echo "$abi" >"$dir/release"
}

# What sid's headers are built with, and what the suite's own tools among them
# are linked with.
chroot_packages()
{
	echo make
	{
		depends "linux-headers-$1"
		depends "linux-headers-$1" | grep '^linux-kbuild-' | while read -r kbuild; do
			depends "$kbuild"
		done
	} | grep -v '^linux-'
}

as_root()
{
	if ((EUID == 0)); then
		"$@"
	else
		need sudo
		sudo "$@"
	fi
}

# install_chroot FOLDER SUITE URI PACKAGE...
install_chroot()
{
	local new=$1 suite=$2 uri=$3
	shift 3

	# What it mounts goes with it, even if it is killed.
	as_root unshare --mount \
		debootstrap --variant=minbase --keyring="$keyring" "$suite" "$new" "$uri" &&
		as_root "$fragment_dir/enter" "$new" -- env DEBIAN_FRONTEND=noninteractive \
			apt-get -q -y install --no-install-recommends "$@"
}

# Makes $dir/chroot. Nothing of it is ever started but the compiler and make.
debian_chroot()
{
	local dir=$1 suite=$2 state=$3 abi=$4 new=$1/chroot.new log=$1/chroot.log packages uri

	need debootstrap
	uri=$(sed -n 's/.*\] \([^ ]*\) .*/\1/p' "$state/sources.list" | head -n 1)
	mapfile -t packages < <(chroot_packages "$abi")
	say "making a chroot of $suite with ${packages[*]}"
	install_chroot "$new" "$suite" "$uri" "${packages[@]}" >"$log" 2>&1 || {
		tail -n 30 "$log" >&2
		as_root rm -rf "$new"
		die "no chroot of $suite could be made; the whole log is in $log"
	}
	as_root rm -rf "$new"/var/cache/apt "$new"/var/lib/apt/lists "$new"/usr/share/{doc,man,locale}
	# whoever called us builds with it
	as_root chown -R "$(id -u):$(id -g)" "$new"
	mv "$new" "$dir/chroot"
}

make_debian()
{
	local flavour=$1 suite=$2 state=$cache/apt-$1 abi version dir

	private_apt "$suite" "$state"
	abi=$(debian_abi)
	[[ -n $abi ]] || die "$suite has no linux-headers-amd64"
	version=$(debian_version "linux-image-$abi")
	dir=$cache/$flavour-$version-r$recipe
	if ! is_ready "$dir"; then
		rm -rf "$dir"
		mkdir -p "$dir"
		debian_fetch "$dir" "$abi"
		debian_finish "$dir" "$abi"
		[[ $suite == bookworm* ]] || debian_chroot "$dir" "$suite" "$state" "$abi"
		touch "$dir/complete"
	fi
	ln -sfn "$(basename "$dir")" "$cache/$flavour.current"
	say "$flavour is ready: $abi ($version)"
}
