# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the demo's guest has to mount: folders, images, an NFS server, and two
# servers that swallow whatever is sent to them. $work is a folder of ours.

: "${work:?}"

map=/etc/amfs/data.map

# Addresses that are reserved for documentation: nobody answers there. What is
# sent to them goes to a device that drops it.
dead_server=192.0.2.2
late_server=192.0.2.3

make_people()
{
	mkdir -p /srv/people/ann /srv/people/bob
	printf 'Dear Bob,\nthe key is under the mat.\nAnn\n' >/srv/people/ann/letter.txt
	echo 'Who is Ann?' >/srv/people/bob/diary.txt
}

make_images()
{
	mkdir -p /srv/images "$work/tools"
	printf '#!/bin/sh\necho "hello from squashfs"\n' >"$work/tools/hello"
	chmod 755 "$work/tools/hello"
	mksquashfs "$work/tools" /srv/images/tools.img -quiet -no-progress >/dev/null
	truncate -s 16M /srv/images/disk.img
	mkfs.ext4 -q -E lazy_itable_init=1 /srv/images/disk.img
}

make_map()
{
	mkdir -p "${map%/*}" /data
	cat >"$map" <<-END
	# key    options                           location
	ann      -fstype=bind                      :/srv/people/ann
	bob      -fstype=bind                      :/srv/people/bob
	scratch  -fstype=tmpfs -size=16m           :tmpfs
	disk     -fstype=ext4,noatime              :/srv/images/disk.img
	tools    -fstype=squashfs                  :/srv/images/tools.img
	docs     -fstype=nfs4 -ro                  127.0.0.1:/docs
	dead     -fstype=nfs4                      $dead_server:/docs
	late     -fstype=nfs4 -ro                  $late_server:/docs
	all      /ann -fstype=bind :/srv/people/ann   /spare -fstype=tmpfs :tmpfs
	END
}

make_dead_network()
{
	ip link add dummy0 type dummy
	ip address add 192.0.2.1/24 dev dummy0
	ip link set dummy0 up
}

# All that has to be there before rpc.nfsd can be called. NFSv4 alone needs
# neither rpcbind nor statd.
prepare_nfs_server()
{
	mkdir -p /srv/export/docs /run/rpc_pipefs
	echo 'Read me: this came by NFS.' >/srv/export/docs/readme.txt
	modprobe -a nfsd nfsv4
	mount -t nfsd nfsd /proc/fs/nfsd
	# the least that is allowed
	echo 10 >/proc/fs/nfsd/nfsv4gracetime
	mount -t rpc_pipefs rpc_pipefs /run/rpc_pipefs
	rpc.mountd -N 2 -N 3
}

# The server takes seconds, and is left to work while the first steps are shown;
# "wait $nfs_server" before it is needed. The overlay that the guest runs on
# can't be exported.
make_world()
{
	mount -t tmpfs srv /srv
	prepare_nfs_server &
	# shellcheck disable=SC2034 # for those who source this
	nfs_server=$!
	make_people
	make_images
	make_map
	make_dead_network
}
