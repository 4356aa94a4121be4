#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Regions: files put in and got out, waiting and notifying.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

create_makes_a_zeroed_region_that_stays() {
	good mbx region create "$region" 5
	[ ! -s out ] || fail "words on stdout"
	stat_is "$region" lifetime persist
	stat_is "$region" bytes 5
	stat_is "$region" slots 1
	stat_is "$region" mode 0600
	good mbx region get "$region"
	printf '\0\0\0\0\0' >wanted
	same_files out wanted
}

create_takes_size_slots_and_mode() {
	good mbx region create "$region" 12K --slots 64 --mode 0640 --json
	out_is_json
	out_field created true
	out_field bytes 12288
	out_field slots 64
	out_field mode 0640
}

create_leaves_an_existing_region_as_it_is() {
	good mbx region create "$region" 10
	good mbx region create "$region" 10 --json
	out_field created false
	run mbx region create "$region" 10 --mode 0666
	status_is 0
	err_has "region '$region' exists already and keeps its mode"
	stat_is "$region" mode 0600
}

create_tells_the_shape_of_an_existing_region() {
	good mbx region create "$region" 10
	bad 1 "cannot create region '$region': it exists, with 10 bytes and 1 slots" \
		mbx region create "$region" 11
	bad 1 "it exists, with 10 bytes and 1 slots; remove it with 'mbx region rm $region'" \
		mbx region create "$region" 10 --slots 2
	bad 1 "the name exists already" mbx region create --excl "$region" 10
}

create_refuses_sizes_that_are_none() {
	for size in 0 -1 18446744073709551616 1.5K x ''; do
		bad 2 "SIZE: '$size'" mbx region create -- "$region" "$size"
	done
	bad 2 "--slots: '0'" mbx region create --slots 0 "$region" 1
	bad 2 "--slots is at most 64" mbx region create --slots 65 "$region" 1
	bad 1 "the region is larger than the module allows; 'mbx info' shows" \
		mbx region create "$region" 9223372036854775808
	gone "$region" || fail "there is a region"
}

put_and_get_hand_over_a_file() {
	printf 'a\0b\377\n' >file
	good mbx region put "$region" file --create
	stat_is "$region" bytes 5
	good mbx region get "$region"
	same_files out file
	good mbx region get "$region" -o copy
	same_files copy file
}

put_and_get_hand_over_a_large_file() {
	large_file file 9
	good mbx region put "$region" file --create
	good mbx region get "$region" -o copy
	same_sums copy file
}

put_reads_standard_input() {
	echo hello | mbx region put "$region" - --create || fail "put"
	stat_is "$region" bytes 6
	good mbx region get "$region"
	out_is hello
}

put_reads_a_file_of_no_size() {
	good mbx region put "$region" /proc/version --create
	good mbx region get "$region"
	same_files out /proc/version
}

put_reads_on_from_where_standard_input_is() {
	printf 'one\ntwo\n' >file
	{
		dd bs=4 count=1 2>/dev/null
		mbx region put "$region" - --create
	} <file >first
	[ "$(cat first)" = one ] || fail "read '$(cat first)'"
	good mbx region get "$region"
	out_is two
}

put_leaves_zeros_behind_a_shorter_file() {
	printf 123456 >file
	good mbx region put "$region" file --create
	printf ab >file
	good mbx region put "$region" file
	good mbx region get "$region"
	printf 'ab\0\0\0\0' >wanted
	same_files out wanted
	printf c | mbx region put "$region" - || fail "put"
	good mbx region get "$region"
	printf 'c\0\0\0\0\0' >wanted
	same_files out wanted
}

put_at_an_offset_leaves_the_rest_alone() {
	printf 123456 >file
	good mbx region put "$region" file --create
	printf ab >file
	good mbx region put "$region" file --offset 2
	good mbx region get "$region"
	out_is 12ab56
	good mbx region put "$region" file --offset 0
	good mbx region get "$region"
	out_is abab56
	bad 1 "file does not fit into region '$region', which has 6 bytes" \
		mbx region put "$region" file --offset 5
	bad 1 "does not fit" mbx region put "$region" file --offset 7
	bad 1 "does not fit" mbx region put "$region" file --offset 9223372036854775807
}

put_of_what_does_not_fit_changes_nothing() {
	printf 123 >file
	good mbx region put "$region" file --create
	printf abcd >file
	bad 1 "file does not fit into region '$region', which has 3 bytes; remove it with" \
		mbx region put "$region" file
	bad 1 "standard input does not fit" mbx region put "$region" - </dev/zero
	good mbx region get "$region"
	out_is 123
	good mbx region stat --json "$region"
	out_has '"seq":[1]'
}

put_of_a_missing_file_creates_nothing() {
	bad 1 "cannot open 'missing': No such file" mbx region put --create "$region" missing
	bad 1 "cannot read '/': Is a directory" mbx region put --create "$region" /
	bad 1 "it is empty, and a region has at least one byte" \
		mbx region put --create "$region" - </dev/null
	bad 1 "cannot open region '$region': no such name; create it with 'mbx region create $region SIZE'" \
		mbx region put "$region" /proc/version
	gone "$region" || fail "there is a region"
}

put_prints_json() {
	printf 123 >file
	good mbx region put "$region" file --create --slots 3 --slot 2 --json
	out_is_json
	out_field region "$region"
	out_field bytes 3
	out_field slot 2
	out_field seq 1
	out_field woken 0
}

get_prints_a_part() {
	printf 123456 >file
	good mbx region put "$region" file --create
	good mbx region get "$region" --offset 2 --length 3
	out_is 345
	good mbx region get "$region" --offset 4
	out_is 56
	good mbx region get "$region" --offset 6
	out_is ""
	bad 1 "--offset is beyond the end of region '$region', which has 6 bytes" \
		mbx region get "$region" --offset 7
	bad 1 "--length goes beyond the end" mbx region get "$region" --offset 4 --length 3
	bad 2 "--length: '0'" mbx region get "$region" --length 0
}

get_prints_json() {
	printf 'a"\0' >file
	good mbx region put "$region" file --create
	good mbx region get "$region" --json
	out_is_json
	out_field bytes 3
	out_field seq 1
	out_field encoding utf-8
	printf '\377' >file
	good mbx region put "$region" file
	good mbx region get "$region" --json --length 1
	out_is_json
	out_field payload "/w=="
	out_field encoding base64
}

get_wait_wakes_when_something_is_put() {
	good mbx region create "$region" 3
	start mbx region get "$region" --wait >got
	wait_for has "$region" waiters 1
	printf new >file
	good mbx region put "$region" file --json
	out_field woken 1
	finish
	status_is 0
	[ "$(cat got)" = new ] || fail "got '$(cat got)'"
}

get_wait_need_not_wait_if_it_has_moved_already() {
	good mbx region create "$region" 3
	printf new >file
	good mbx region put "$region" file
	good mbx region get "$region" --wait --seq 0 --timeout 0
	out_is new
	bad 3 "region '$region' had not moved until the timeout" \
		mbx region get "$region" --wait --seq 1 --timeout 20ms
}

wait_prints_the_slot_that_moved() {
	good mbx region create "$region" 1 --slots 8
	start mbx region wait "$region" --slot 5 --slot 7 >got
	wait_for has "$region" waiters 1
	good mbx region notify "$region" --slot 6
	stat_is "$region" waiters 1
	good mbx region notify "$region" --slot 7 --json
	out_is_json
	out_field woken 1
	finish
	status_is 0
	[ "$(cat got)" = "slot 7 seq 1" ] || fail "got '$(cat got)'"
}

wait_prints_json() {
	good mbx region create "$region" 1
	good mbx region notify "$region"
	good mbx region wait "$region" --seq 0 --json
	out_is_json
	out_has '"moved":[{"slot":0,"seq":1}]'
}

wait_would_block_with_status_3() {
	good mbx region create "$region" 1
	bad 3 "region '$region' has not moved" mbx region wait --nonblock --seq 0 "$region"
	bad 3 "region '$region' had not moved until the timeout" \
		mbx region wait --timeout 20ms "$region"
	good mbx region wait --nonblock --seq 4294967295 "$region"
	out_is "slot 0 seq 0"
}

notify_moves_several_slots_at_once() {
	good mbx region create "$region" 1 --slots 4
	good mbx region notify "$region" --slot 1 --slot 3
	[ ! -s out ] || fail "words on stdout"
	good mbx region notify "$region" --slot 3
	good mbx region stat "$region" --json
	out_has '"seq":[0,1,0,2]'
}

a_slot_that_is_not_there_is_told() {
	good mbx region create "$region" 1 --slots 4
	printf x >file
	for command in "wait --nonblock --seq 0" notify "get --wait"; do
		# shellcheck disable=SC2086 # lists of words
		bad 1 "region '$region' has no slot 4, only 0 to 3" \
			mbx region $command --slot 4 "$region"
	done
	bad 1 "has no slot 63" mbx region put --slot 63 "$region" file
	good mbx region get "$region"
	printf '\0' >wanted
	same_files out wanted
}

stat_shows_attributes_and_sequences() {
	good mbx region create "$region" 1 --slots 2
	good mbx region notify "$region" --slot 1
	good mbx region stat "$region"
	out_has "region $region"
	grep -qx '  bytes *1' out || fail "no size"
	grep -qx '  seq\[0\] *0' out || fail "no first slot"
	grep -qx '  seq\[1\] *1' out || fail "no second slot"
	good mbx region stat "$region" --json
	out_is_json
	out_field kind region
}

rm_takes_the_name_and_leaves_the_holders() {
	good mbx region create "$region" 3
	start mbx region get "$region" --wait >got
	wait_for has "$region" waiters 1
	good mbx region rm "$region" --json
	out_is_json
	out_field removed "$region"
	gone "$region" || fail "the name is still there"
	kill -0 "$pid" || fail "the holder has ended"
}

a_mailbox_is_no_region() {
	good mbx create "$box"
	bad 1 "cannot open region '$box': it is a mailbox; see 'mbx --help'" \
		mbx region get "$box"
	bad 1 "it is a mailbox" mbx region put "$box" /proc/version
	bad 1 "it is a mailbox" mbx region stat "$box"
	bad 1 "it is a mailbox" mbx region create "$box" 1
	good mbx rm "$box"
}

a_full_disk_is_told() {
	printf 123 >file
	good mbx region put "$region" file --create
	for options in "" --json; do
		# shellcheck disable=SC2086 # none or one
		mbx region get "$region" $options >/dev/full 2>err
		status=$?
		status_is 1
		err_has "cannot write to standard output: No space left on device"
	done
	run mbx region get "$region" -o /dev/full
	status_is 1
	err_has "cannot write to /dev/full: No space left on device"
}

a_closed_pipe_ends_get_silently() {
	truncate -s 1M file
	good mbx region put "$region" file --create
	mkfifo pipe
	start sh -c "exec mbx region get '$region' >pipe 2>err"
	: <pipe
	finish
	status_is 1
	[ ! -s err ] || fail "words on stderr"
}

run_tests \
	create_makes_a_zeroed_region_that_stays \
	create_takes_size_slots_and_mode \
	create_leaves_an_existing_region_as_it_is \
	create_tells_the_shape_of_an_existing_region \
	create_refuses_sizes_that_are_none \
	put_and_get_hand_over_a_file \
	put_and_get_hand_over_a_large_file \
	put_reads_standard_input \
	put_reads_a_file_of_no_size \
	put_reads_on_from_where_standard_input_is \
	put_leaves_zeros_behind_a_shorter_file \
	put_at_an_offset_leaves_the_rest_alone \
	put_of_what_does_not_fit_changes_nothing \
	put_of_a_missing_file_creates_nothing \
	put_prints_json \
	get_prints_a_part \
	get_prints_json \
	get_wait_wakes_when_something_is_put \
	get_wait_need_not_wait_if_it_has_moved_already \
	wait_prints_the_slot_that_moved \
	wait_prints_json \
	wait_would_block_with_status_3 \
	notify_moves_several_slots_at_once \
	a_slot_that_is_not_there_is_told \
	stat_shows_attributes_and_sequences \
	rm_takes_the_name_and_leaves_the_holders \
	a_mailbox_is_no_region \
	a_full_disk_is_told \
	a_closed_pipe_ends_get_silently
