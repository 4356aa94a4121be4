#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Requests and their replies, as their callers see them: mbx call.

# shellcheck disable=SC2016 # the scripts of servers expand for themselves

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=server.sh
. "$(dirname "$0")/server.sh"

a_call_prints_what_the_command_prints() {
	good mbx create "$box"
	serve -- sh -c 'echo "$MBX_TAG $MBX_PRIO $MBX_CALL $MBX_UID $MBX_GID"; cat'
	good mbx call "$box" --tag 7 --prio 3 two words
	out_is "7 3 1 $(id -u) $(id -g)
two words"
	printf 'from stdin\n' | mbx call "$box" --raw >out || fail "status $?"
	[ "$(tail -n 1 out)" = "from stdin" ] || fail "not what stdin had"
	stop_server INT
	said_nothing
	stat_is "$box" received 2
	stat_is "$box" calls 0
}

json_tells_of_the_reply() {
	good mbx create "$box"
	mbx serve "$box" --json --count 3 -- sh -c 'printf "%s" "$MBX_PID $MBX_SEQ"; exit "$MBX_TAG"' \
		>served &
	server=$!
	background="$background $server"
	start mbx call "$box" --json x >got
	caller=$pid
	finish
	status_is 0
	cp got out
	out_is_json
	out_field mailbox "$box"
	out_field failed false
	out_field error 0
	out_field exit_status 0
	out_field uid "$(id -u)"
	out_field payload "$caller 0"
	out_field encoding utf-8
	run mbx call "$box" --json --tag 255 x
	status_is 1
	err_has "the server of mailbox '$box' reports that the request failed: exit status 255"
	out_is_json
	out_field failed true
	out_field error 0
	out_field exit_status 255
	good mbx send "$box" x
	wait "$server"
	status=$?
	status_is 0
	cp served out
	out_is_json
	out_field outcome answered
	out_field pid "$caller"
	[ "$(grep -c '"exit_status":255,"outcome":"failed"' out)" = 1 ] || fail "no failure"
	[ "$(grep -c '"outcome":"message"' out)" = 1 ] || fail "no message"
}

large_requests_and_replies_of_all_bytes_pass() {
	good mbx create "$box" --max-msg-size 2M
	large_file file 1
	serve --verbose --count 3 -- cat >lines
	good mbx call "$box" --file file -o copy
	same_sums file copy
	good mbx call "$box" --file /dev/null --raw
	[ ! -s out ] || fail "a reply of nothing is something"
	printf '\000\377\n\r' >few
	good mbx call "$box" --file few --raw
	same_files out few
	wait "$server"
	status=$?
	status_is 0
	grep -q ' len=1048576 status=0 answered$' lines || fail "no line about it"
}

a_failing_command_fails_the_call() {
	good mbx create "$box"
	serve -- sh -c 'cat; read -r word <&0; exit 3'
	run mbx call "$box" partial
	status_is 1
	out_is partial
	err_has "the server of mailbox '$box' reports that the request failed: exit status 3"
	stop_server
	serve -- sh -c 'kill -9 $$'
	bad 1 "failed: exit status 137" mbx call "$box" x
	stop_server
	said_nothing
	serve --count 1 -- /no/such/command
	bad 1 "failed: exit status 127" mbx call "$box" x
	wait "$server"
	said "cannot run '/no/such/command': No such file or directory"
}

the_death_of_the_server_is_told_at_once() {
	good mbx create "$box"
	# Also if something it has started lives on.
	serve -- sh -c 'sleep 1000 & echo $! >left; wait'
	start mbx call "$box" x 2>words
	wait_for [ -s left ]
	background="$background $(cat left)"
	kill -9 "$server"
	finish
	status_is 1
	[ "$(cat words)" = "mbx: no reply from mailbox '$box': the server died before it answered" ] ||
		fail "$(cat words)"
	stat_is "$box" calls 0
	kill -0 "$(cat left)" || fail "nothing lives on"
}

the_end_of_an_owner_is_told_to_all_callers() {
	serve --owner -- sh -c ': >serving; sleep 1000'
	wait_for has "$box" lifetime owner
	bad 1 "cannot create mailbox '$box': the name exists already" \
		mbx serve "$box" --owner -- true
	start mbx call "$box" one 2>words1
	one=$pid
	wait_for [ -e serving ]
	start mbx call "$box" two 2>words2
	wait_for has "$box" calls 2
	kill -9 "$server"
	finish
	status_is 1
	wait "$one"
	status=$?
	status_is 1
	grep -q "the server died before it answered" words1 || fail "$(cat words1)"
	grep -q "its owner died before the request was answered" words2 || fail "$(cat words2)"
	gone "$box" || fail "the name is still there"
}

a_request_that_nobody_takes_times_out_and_is_withdrawn() {
	good mbx create "$box"
	bad 3 "no reply from mailbox '$box' until the timeout" \
		mbx call "$box" --timeout 20ms x
	stat_is "$box" withdrawn 1
	stat_is "$box" msgs 0
}

a_reply_that_is_too_large_fails_the_call_and_nothing_else() {
	good mbx create "$box"
	serve --count 3 -- sh -c 'case $MBX_TAG in
		0) mbx reply 12345 2>words || echo $? >>words; cat ;;
		1) dd if=/dev/zero bs=1048576 count=17 2>/dev/null ;;
		*) cat ;; esac'
	bad 1 "reports that the request failed: the message is too large" \
		mbx call "$box" --max-reply 4 12345
	grep -q "cannot reply: the caller has no room for 5 bytes" words || fail "$(cat words)"
	said "does not get its reply of 5 bytes: it has no room for that"
	bad 1 "failed: the message is too large" mbx call "$box" --tag 1 x
	good mbx call "$box" --tag 2 --max-reply 4 1234
	out_is 1234
	wait "$server"
}

a_call_that_finds_no_room_is_told() {
	good mbx create "$box" --overflow reject --max-msgs 1 --max-msg-size 10
	good mbx send "$box" x
	bad 3 "cannot call mailbox '$box': it is full" mbx call "$box" x
	bad 1 "a message there has at most 10" mbx call "$box" 12345678901
	bad 1 "cannot open mailbox '$other': no such name; create it with" \
		mbx call "$other" x
}

a_request_that_was_dropped_is_told() {
	good mbx create "$box" --overflow drop-oldest --max-msgs 1
	start mbx call "$box" x 2>words
	wait_for has "$box" msgs 1
	good mbx send "$box" y
	finish
	status_is 1
	grep -q "or the request was dropped to make room" words || fail "$(cat words)"
}

wrong_usage_is_told() {
	bad 2 "too few operands, it takes {NAME | --pid PID} [TEXT...]" mbx call
	for options in "--file x word" "--raw --json" "--wait-bound" "--max-reply 17M"; do
		# shellcheck disable=SC2086 # lists of words
		bad 2 "see 'mbx call --help'" mbx call $options "$box"
	done
}

run_tests \
	a_call_prints_what_the_command_prints \
	json_tells_of_the_reply \
	large_requests_and_replies_of_all_bytes_pass \
	a_failing_command_fails_the_call \
	the_death_of_the_server_is_told_at_once \
	the_end_of_an_owner_is_told_to_all_callers \
	a_request_that_nobody_takes_times_out_and_is_withdrawn \
	a_reply_that_is_too_large_fails_the_call_and_nothing_else \
	a_call_that_finds_no_room_is_told \
	a_request_that_was_dropped_is_told \
	wrong_usage_is_told
