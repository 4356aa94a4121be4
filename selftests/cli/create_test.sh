#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Mailboxes made, looked at and removed.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

create_is_silent_and_the_mailbox_stays() {
	good mbx create "$box"
	[ ! -s out ] || fail "words on stdout"
	stat_is "$box" lifetime persist
	stat_is "$box" named true
	stat_is "$box" dead false
}

create_gives_the_defaults_of_the_contract() {
	good mbx create "$box"
	stat_is "$box" max_msgs 1024
	stat_is "$box" max_bytes 1048576
	stat_is "$box" max_msg_size 65536
	stat_is "$box" overflow block
	stat_is "$box" mode 0600
}

create_takes_all_attributes() {
	good mbx create "$box" --max-msgs 7 --max-bytes 9K --max-msg-size 2k \
		--overflow drop-oldest --mode 0640
	stat_is "$box" max_msgs 7
	stat_is "$box" max_bytes 9216
	stat_is "$box" max_msg_size 2048
	stat_is "$box" overflow drop-oldest
	stat_is "$box" mode 0640
	good mbx create --overflow=reject "$other"
	stat_is "$other" overflow reject
}

create_prints_what_it_made_as_json() {
	good mbx create "$box" --json
	out_is_json
	out_field kind mailbox
	out_field name "$box"
	out_field created true
	good mbx create "$box" --json
	out_is_json
	out_field created false
}

a_mode_that_is_asked_for_is_exact() {
	umask 077
	good mbx create "$box" --mode 0666
	stat_is "$box" mode 0666
}

the_default_mode_is_less_the_umask() {
	umask 0277
	good mbx create "$box"
	stat_is "$box" mode 0400
}

create_leaves_an_existing_mailbox_as_it_is() {
	good mbx create "$box" --max-msgs 7
	good mbx create "$box"
	run mbx create "$box" --max-msgs 9
	status_is 0
	err_has "mailbox '$box' exists already and keeps its attributes"
	stat_is "$box" max_msgs 7
}

create_excl_fails_on_an_existing_name() {
	good mbx create "$box" --excl
	bad 1 "cannot create mailbox '$box': the name exists already; remove it with 'mbx rm $box'" \
		mbx create "$box" --excl
}

# limit_of OPTION: the largest value it takes.
limit_of() {
	case $1 in
	max-msg-size) mbx info --json | json_field msg_size_max ;;
	max-msgs) mbx info --json | json_field msgs_max ;;
	max-bytes) mbx info --json | json_field bytes_max ;;
	esac
}

create_refuses_attributes_beyond_the_limits() {
	for option in max-msg-size max-msgs max-bytes; do
		most=$(limit_of "$option")
		bad 2 "--$option is at most $most" \
			mbx create "$box" "--$option" $((most + 1))
	done
	for size in 0 -1 18446744073709551616 9Z ''; do
		bad 2 "--max-bytes: '$size'" mbx create "$box" --max-bytes "$size"
		bad 2 "--max-msg-size: '$size'" mbx create "$box" --max-msg-size "$size"
	done
	bad 1 "--max-bytes is less than --max-msg-size" \
		mbx create "$box" --max-bytes 10 --max-msg-size 11
	gone "$box" || fail "something was created"
}

create_takes_attributes_at_the_limits() {
	set --
	for option in max-msg-size max-msgs max-bytes; do
		set -- "$@" "--$option" "$(limit_of "$option")"
	done
	good mbx create "$box" "$@"
	stat_is "$box" max_msgs "$(limit_of max-msgs)"
}

a_malformed_name_is_told_why() {
	long=$(printf '%0256d' 0)
	for command in create send recv stat rm "region put" "region get" \
		"region stat" "region rm" "region wait" "region notify"; do
		operand=
		[ "$command" != "region put" ] || operand=/etc/passwd
		# shellcheck disable=SC2086 # two words, one or none
		bad 1 "'a//b': its name has an empty component" \
			mbx $command -- a//b $operand
	done
	bad 1 "its name begins with '/'" mbx create /a
	bad 1 "its name ends with '/'" mbx create a/
	bad 1 "its name has '.' or '..' as a component" mbx create a/../b
	bad 1 "its name is empty" mbx create ''
	bad 1 "its name is longer than 255 bytes" mbx create "$long"
}

the_longest_name_works() {
	long=$(printf '%0255d' 0)
	good mbx create "$long"
	good mbx stat --json "$long"
	out_is_json
	good mbx rm "$long"
}

odd_names_work_and_are_escaped_in_json() {
	odd=$(printf 'a "b\\c\n\001\377d')
	good mbx create --json "$odd"
	out_is_json
	good mbx rm --json "$odd"
	out_is_json
}

rm_takes_the_name_at_once() {
	good mbx create "$box"
	good mbx rm "$box"
	gone "$box" || fail "the name is still there"
	good mbx create --excl "$box"
}

rm_removes_several_and_goes_on_after_a_failure() {
	good mbx create "$box"
	good mbx create "$other"
	bad 1 "cannot remove mailbox 'cli/missing': no such name" \
		mbx rm "$box" cli/missing "$other"
	gone "$box" || fail "the first is still there"
	gone "$other" || fail "the last is still there"
}

rm_prints_json() {
	good mbx create "$box"
	good mbx create "$other"
	good mbx rm --json "$box" "$other"
	out_is_json
	out_field removed "$box"
	[ "$(wc -l <out)" = 2 ] || fail "not two lines"
}

rm_leaves_regions_alone() {
	good mbx region create "$region" 1
	bad 1 "cannot remove mailbox '$region': it is a region; see 'mbx region --help'" \
		mbx rm "$region"
	good mbx create "$box"
	bad 1 "cannot remove region '$box': it is a mailbox" mbx region rm "$box"
}

stat_shows_counters_of_mailboxes_and_regions() {
	good mbx create "$box"
	good mbx region create "$region" 100
	good mbx send "$box" hello
	good mbx stat "$box" "$region"
	out_has "mailbox $box"
	out_has "region $region"
	grep -qx '  msgs *1' out || fail "no message counted"
	grep -qx '  bytes *5' out || fail "no bytes counted"
}

stat_prints_a_line_of_json_for_each() {
	good mbx create "$box"
	good mbx region create "$region" 100
	good mbx stat --json "$box" "$region"
	out_is_json
	[ "$(wc -l <out)" = 2 ] || fail "not two lines"
	out_field kind mailbox
	grep -q '"kind":"region"' out || fail "no region"
}

stat_goes_on_after_a_missing_name() {
	good mbx create "$box"
	run mbx stat cli/missing "$box"
	status_is 1
	err_has "cannot open object 'cli/missing': no such name; create it with 'mbx create"
	out_has "mailbox $box"
}

stat_counts_who_waits() {
	good mbx create "$box" --max-msgs 1
	start mbx recv "$box" >/dev/null
	wait_for has "$box" waiting_receivers 1
	good mbx send "$box" x
	finish
	good mbx send "$box" x
	start mbx send "$box" y
	wait_for has "$box" waiting_senders 1
}

info_tells_features_limits_and_quota() {
	good mbx info
	grep -qx '  feature *mailbox' out || fail "no mailboxes"
	grep -qx '  feature *region' out || fail "no regions"
	grep -qx '  abi_version *[0-9]*' out || fail "no ABI version"
	grep -qx '  msg_size_max *16777216' out || fail "no limits"
	grep -qx '  quota_objects *[0-9]*' out || fail "no quota"
}

info_counts_what_the_user_has() {
	before=$(mbx info --json | json_field used_objects)
	good mbx create "$box"
	good mbx info --json
	out_is_json
	out_field used_objects $((before + 1))
}

run_tests \
	create_is_silent_and_the_mailbox_stays \
	create_gives_the_defaults_of_the_contract \
	create_takes_all_attributes \
	create_prints_what_it_made_as_json \
	a_mode_that_is_asked_for_is_exact \
	the_default_mode_is_less_the_umask \
	create_leaves_an_existing_mailbox_as_it_is \
	create_excl_fails_on_an_existing_name \
	create_refuses_attributes_beyond_the_limits \
	create_takes_attributes_at_the_limits \
	a_malformed_name_is_told_why \
	the_longest_name_works \
	odd_names_work_and_are_escaped_in_json \
	rm_takes_the_name_at_once \
	rm_removes_several_and_goes_on_after_a_failure \
	rm_prints_json \
	rm_leaves_regions_alone \
	stat_shows_counters_of_mailboxes_and_regions \
	stat_prints_a_line_of_json_for_each \
	stat_goes_on_after_a_missing_name \
	stat_counts_who_waits \
	info_tells_features_limits_and_quota \
	info_counts_what_the_user_has
