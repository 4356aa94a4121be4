#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Received messages and where they go: signals, closed pipes, full disks.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

# follow: a receiver of $box in the background, that waits.
follow() {
	start mbx recv "$box" --follow >got 2>err
	wait_for has "$box" waiting_receivers 1
}

ends_cleanly_on() {
	good mbx create "$box"
	follow
	good mbx send "$box" one
	wait_for has "$box" received 1
	good mbx send "$box" two
	wait_for has "$box" waiting_receivers 1
	kill -"$1" "$pid"
	finish
	status_is 0
	[ "$(cat got)" = "$(printf 'one\ntwo')" ] || fail "got '$(cat got)'"
	[ ! -s err ] || fail "words on stderr"
}

sigint_ends_follow_cleanly() {
	ends_cleanly_on INT
}

sigterm_ends_follow_cleanly() {
	ends_cleanly_on TERM
}

a_signal_among_messages_loses_none() {
	good mbx create "$box"
	follow
	receiver=$pid
	seq 400 >numbers
	start mbx send "$box" --lines --file numbers
	wait_for [ -s got ]
	kill -INT "$receiver"
	finish
	wait "$receiver" || fail "status $?"
	run mbx recv "$box" --nonblock --count 400
	cat got out >all
	same_files all numbers
}

messages_appear_as_they_come() {
	good mbx create "$box"
	follow
	for word in one two three; do
		good mbx send "$box" "$word"
		wait_for grep -qx "$word" got
	done
}

follow_ends_when_nothing_comes_in_time() {
	good mbx create "$box"
	good mbx send "$box" one
	run mbx recv "$box" --follow --timeout 30ms
	status_is 3
	out_is one
}

a_signal_ends_a_plain_receive_as_signals_do() {
	good mbx create "$box"
	start mbx recv "$box"
	wait_for has "$box" waiting_receivers 1
	kill -TERM "$pid"
	finish
	status_is 143
}

a_killed_receiver_takes_nothing() {
	good mbx create "$box"
	follow
	kill -9 "$pid"
	finish
	good mbx send "$box" one
	stat_is "$box" msgs 1
}

raw_output_goes_to_a_file() {
	good mbx create "$box"
	printf 'a\0b' >wanted
	good mbx send "$box" --file wanted
	echo before >file
	good mbx recv "$box" -o file
	[ ! -s out ] || fail "words on stdout"
	same_files file wanted
}

json_output_goes_to_a_file() {
	good mbx create "$box"
	good mbx send "$box" one
	good mbx recv "$box" --json --output out.json
	cp out.json out
	out_is_json
	out_field payload one
}

an_output_file_that_cannot_be_made_takes_no_message() {
	good mbx create "$box"
	good mbx send "$box" one
	bad 1 "cannot create 'no/such/file': No such file or directory" \
		mbx recv "$box" -o no/such/file
	stat_is "$box" msgs 1
}

an_output_file_stays_if_there_is_no_mailbox() {
	echo content >file
	run mbx recv "$box" -o file
	status_is 1
	[ "$(cat file)" = content ] || fail "the file was emptied"
}

# kept: the file that a message was kept in, by the words on stderr.
kept() {
	sed -n "s/.* it is kept in '\(.*\)'\$/\1/p" err
}

a_message_for_a_full_disk_is_kept_in_a_file() {
	good mbx create "$box"
	printf 'a\0b' >wanted
	good mbx send "$box" next
	for options in --raw --json --verbose ''; do
		good mbx send "$box" --prio 1 --file wanted
		# shellcheck disable=SC2086 # none or one
		mbx recv "$box" --count 2 $options >/dev/full 2>err
		status=$?
		status_is 1
		err_has "cannot write to standard output: No space left on device"
		err_has "(3 bytes) was taken from mailbox '$box'"
		same_files "$(kept)" wanted
		stat_is "$box" msgs 1
	done
}

a_file_of_a_message_is_for_its_owner_only() {
	good mbx create "$box"
	good mbx send "$box" secret
	umask 0
	mbx recv "$box" >/dev/full 2>err
	[ "$(stat -c %a "$(kept)")" = 600 ] || fail "others can read it"
}

a_message_that_cannot_be_kept_is_told_to_be_lost() {
	good mbx create "$box"
	good mbx send "$box" one
	TMPDIR=/no/such/place mbx recv "$box" >/dev/full 2>err
	status=$?
	status_is 1
	err_has "was taken from mailbox '$box' and is lost"
	err_has "/no/such/place"
}

a_message_peeked_at_for_a_full_disk_stays() {
	good mbx create "$box"
	good mbx send "$box" one
	mbx recv --peek "$box" >/dev/full 2>err
	status=$?
	status_is 1
	! grep -q taken err || fail "it says that it was taken"
	stat_is "$box" msgs 1
}

a_closed_pipe_takes_no_message() {
	good mbx create "$box"
	good mbx send "$box" one
	mkfifo pipe
	# A writer whose reader is gone before it writes.
	{
		wait_for [ -e closed ]
		mbx recv "$box" 2>err
		echo $? >status
	} >pipe &
	background=$!
	: <pipe
	: >closed
	wait_for [ -s status ]
	[ "$(cat status)" = 1 ] || fail "status $(cat status)"
	[ ! -s err ] || fail "words on stderr"
	stat_is "$box" msgs 1
}

a_pipe_that_is_closed_while_waiting_ends_the_receiver() {
	good mbx create "$box"
	mkfifo pipe
	start sh -c "exec mbx recv '$box' --follow >pipe 2>err"
	exec 4<pipe
	wait_for has "$box" waiting_receivers 1
	exec 4<&-
	finish
	status_is 1
	[ ! -s err ] || fail "words on stderr"
	good mbx send "$box" one
	stat_is "$box" msgs 1
}

a_closed_output_is_told_and_the_message_kept() {
	good mbx create "$box"
	printf one >wanted
	good mbx send "$box" one
	mbx recv "$box" >&- 2>err
	status=$?
	status_is 1
	err_has "cannot write to standard output: Bad file descriptor"
	same_files "$(kept)" wanted
}

closed_standard_descriptors_do_not_become_the_mailbox() {
	good mbx create "$box"
	mbx create "$box" --json >&- 2>&- <&-
	mbx send "$box" --json one >&- 2>&- <&-
	mbx stat "$box" >&- 2>&- <&-
	stat_is "$box" sent 1
}

run_tests \
	sigint_ends_follow_cleanly \
	sigterm_ends_follow_cleanly \
	a_signal_among_messages_loses_none \
	messages_appear_as_they_come \
	follow_ends_when_nothing_comes_in_time \
	a_signal_ends_a_plain_receive_as_signals_do \
	a_killed_receiver_takes_nothing \
	raw_output_goes_to_a_file \
	json_output_goes_to_a_file \
	an_output_file_that_cannot_be_made_takes_no_message \
	an_output_file_stays_if_there_is_no_mailbox \
	a_message_for_a_full_disk_is_kept_in_a_file \
	a_file_of_a_message_is_for_its_owner_only \
	a_message_that_cannot_be_kept_is_told_to_be_lost \
	a_message_peeked_at_for_a_full_disk_stays \
	a_closed_pipe_takes_no_message \
	a_pipe_that_is_closed_while_waiting_ends_the_receiver \
	a_closed_output_is_told_and_the_message_kept \
	closed_standard_descriptors_do_not_become_the_mailbox
