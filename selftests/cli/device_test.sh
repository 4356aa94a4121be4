#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The tool where something is missing: the module, the device node, permission.
# Takes the module out and puts it back, so nobody else must be using it.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

device=/dev/mbx
parameters=/etc/mbx/params

loaded() {
	grep -q '^mbx ' /proc/modules
}

load() {
	loaded && return
	if [ -e /lib/mbx.ko ]; then
		# shellcheck disable=SC2046 # a list of words
		insmod /lib/mbx.ko $(cat "$parameters" 2>/dev/null)
	else
		modprobe mbx
	fi
	chmod 0666 "$device"
}

make_node() {
	rm -f "$device"
	# shellcheck disable=SC2046 # two numbers
	mknod -m 0666 "$device" c $(tr : ' ' </sys/class/misc/mbx/dev)
}

# Puts all back, whatever the test has done. A node made by hand would stay when
# the module goes: the kernel makes it, and takes away what it has made.
restore() {
	clean_up
	! loaded || rmmod mbx || make_node
	loaded || rm -f "$device"
	load
}

need_root() {
	[ "$(id -u)" = 0 ] || skip "only root can take the module out"
	trap restore EXIT
}

# each_command_fails SENTENCE
each_command_fails() {
	printf x >file
	bad 1 "$1" mbx info
	bad 1 "cannot create mailbox '$box': $1" mbx create "$box"
	bad 1 "cannot open mailbox '$box': $1" mbx send "$box" x
	bad 1 "cannot open mailbox '$box': $1" mbx recv "$box"
	bad 1 "cannot open object '$box': $1" mbx stat "$box"
	bad 1 "cannot remove mailbox '$box': $1" mbx rm "$box"
	bad 1 "cannot create region '$region': $1" mbx region create "$region" 1
	bad 1 "cannot open region '$region': $1" mbx region put "$region" file
	bad 1 "cannot open region '$region': $1" mbx region put --create "$region" file
	bad 1 "cannot open region '$region': $1" mbx region get "$region"
	bad 1 "cannot open region '$region': $1" mbx region wait "$region"
	bad 1 "cannot open region '$region': $1" mbx region notify "$region"
	bad 1 "cannot open region '$region': $1" mbx region stat "$region"
	bad 1 "cannot remove region '$region': $1" mbx region rm "$region"
	good mbx bench --rounds 1 --mechanism mbx poll
	out_has "not measured: $1"
}

without_the_module_each_command_says_how_to_load_it() {
	need_root
	rmmod mbx || fail "the module can't be taken out"
	each_command_fails "the module is not loaded; as root run 'modprobe mbx'"
}

without_the_module_help_and_version_work() {
	need_root
	rmmod mbx || fail "the module can't be taken out"
	good mbx --help
	good mbx --version
	good mbx send --help
}

a_node_left_by_an_unloaded_module_is_told_as_that() {
	need_root
	# Made by hand, it stays when the module goes.
	make_node
	numbers=$(tr : ' ' </sys/class/misc/mbx/dev)
	rmmod mbx || fail "the module can't be taken out"
	rm -f "$device"
	# shellcheck disable=SC2086 # two numbers
	mknod -m 0666 "$device" c $numbers
	bad 1 "the module is not loaded; as root run 'modprobe mbx'" mbx info
}

without_the_node_each_command_says_how_to_make_it() {
	need_root
	rm "$device"
	each_command_fails "the module is loaded, but /dev/mbx is missing; as root run 'mknod"
}

the_advice_for_a_missing_node_is_right() {
	need_root
	rm "$device"
	run mbx info
	sed -n "s/.*as root run '\(.*\)'\$/\1/p" err >advice
	sh ./advice || fail "the advice failed: $(cat advice)"
	good mbx info
}

a_node_of_another_device_is_told() {
	need_root
	rm "$device"
	mknod -m 0666 "$device" c 1 3
	run mbx info
	status_is 1
	err_has "cannot ask the module: "
	err_has "/dev/mbx is not the device of the loaded module; as root remove it and run 'mknod"
}

without_permission_for_the_node_the_mode_is_advised() {
	need_root
	need_user
	chmod 0600 "$device"
	as_user alice "mbx send '$box' x" >out 2>err
	status=$?
	status_is 1
	err_has "cannot open mailbox '$box': no permission for /dev/mbx; its mode should be 0666: as root run 'chmod 0666 /dev/mbx'"
	as_user alice "mbx info" >out 2>err
	status=$?
	status_is 1
	err_has "no permission for /dev/mbx"
	as_user alice "mbx rm '$box'" >out 2>err
	err_has "no permission for /dev/mbx"
}

the_mode_of_a_mailbox_is_not_taken_for_that_of_the_node() {
	need_user
	good mbx create "$box" --mode 0602
	as_user alice "mbx recv '$box'" >out 2>err
	status=$?
	status_is 1
	err_has "cannot open mailbox '$box': its mode does not allow that; its owner decides"
	as_user alice "mbx send '$box' hello" || fail "sending is allowed"
	as_user alice "mbx stat '$box'" >out || fail "looking is allowed"
	good mbx recv "$box" -v
	out_has " uid=$(id -u alice) "
}

only_the_owner_removes() {
	need_user
	good mbx create "$box" --mode 0666
	good mbx region create "$region" 1 --mode 0666
	as_user alice "mbx rm '$box'" 2>err
	status=$?
	status_is 1
	err_has "cannot remove mailbox '$box': only its owner and root may"
	as_user alice "mbx region rm '$region'" 2>err
	status=$?
	status_is 1
	err_has "cannot remove region '$region': only its owner and root may"
	stat_is "$box" named true
}

a_region_to_read_cannot_be_written() {
	need_user
	printf secret >file
	good mbx region put "$region" file --create --mode 0604
	as_user alice "mbx region get '$region'" >out || fail "reading is allowed"
	out_is secret
	as_user alice "echo x | mbx region put '$region' -" 2>err
	status=$?
	status_is 1
	err_has "cannot open region '$region': its mode does not allow that"
	as_user alice "mbx region notify '$region'" 2>err
	status=$?
	status_is 1
	good mbx region get "$region"
	out_is secret
}

restore_quota() {
	echo "$quota" >/sys/module/mbx/parameters/quota_objects
	clean_up
}

a_used_up_quota_is_told_with_where_to_look() {
	need_user
	quota=$(cat /sys/module/mbx/parameters/quota_objects)
	trap restore_quota EXIT
	echo 1 >/sys/module/mbx/parameters/quota_objects
	as_user alice "mbx create '$box'" || fail "one is allowed"
	as_user alice "mbx create '$other'" 2>err
	status=$?
	status_is 1
	err_has "cannot create mailbox '$other': the user's quota"
	err_has "'mbx info' shows it, and root can raise it in /sys/module/mbx/parameters"
	as_user alice "mbx region create '$region' 1" 2>err
	status=$?
	status_is 1
	err_has "cannot create region '$region': the user's quota"
}

the_module_stays_while_a_mailbox_exists() {
	need_root
	good mbx create "$box"
	! rmmod mbx 2>/dev/null || fail "the module was taken out"
	stat_is "$box" named true
}

run_tests \
	without_the_module_each_command_says_how_to_load_it \
	without_the_module_help_and_version_work \
	a_node_left_by_an_unloaded_module_is_told_as_that \
	without_the_node_each_command_says_how_to_make_it \
	the_advice_for_a_missing_node_is_right \
	a_node_of_another_device_is_told \
	without_permission_for_the_node_the_mode_is_advised \
	the_mode_of_a_mailbox_is_not_taken_for_that_of_the_node \
	only_the_owner_removes \
	a_region_to_read_cannot_be_written \
	a_used_up_quota_is_told_with_where_to_look \
	the_module_stays_while_a_mailbox_exists
