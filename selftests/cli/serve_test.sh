#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Commands that serve requests, and how they answer: mbx serve, mbx reply.

# shellcheck disable=SC2016 # the scripts of servers expand for themselves

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=server.sh
. "$(dirname "$0")/server.sh"

a_command_need_not_read_its_request() {
	good mbx create "$box" --max-msg-size 2M
	large_file file 1
	serve --count 1 -- echo unread
	good mbx call "$box" --file file
	out_is unread
}

what_a_command_leaves_running_does_not_keep_the_caller() {
	good mbx create "$box"
	serve --count 1 -- sh -c 'sleep 1000 & echo $! >left; echo well'
	good mbx call "$box" x
	background="$background $(cat left)"
	out_is well
	kill -0 "$(cat left)" || fail "nothing is left running"
	wait "$server"
}

a_caller_that_has_gone_is_no_error() {
	good mbx create "$box"
	serve --verbose --count 2 -- sh -c '
		: >"in$MBX_TAG"
		[ "$MBX_TAG" = 0 ] || until [ -e go ]; do sleep 0.02; done; echo reply' >lines
	start mbx call "$box" --tag 1 x
	wait_for [ -e in1 ]
	kill -9 "$pid"
	finish
	: >go
	good mbx call "$box" x
	out_is reply
	wait "$server"
	status=$?
	status_is 0
	said_nothing
	grep -q 'tag=1 .* gone$' lines || fail "$(cat lines)"
}

commands_run_in_parallel_if_asked() {
	good mbx create "$box"
	# Each waits until the other runs.
	serve -P 2 --count 2 -- sh -c '
		: >"in$MBX_TAG"
		until [ -e in1 ] && [ -e in2 ]; do sleep 0.02; done
		echo "reply $MBX_TAG"'
	start mbx call "$box" --tag 1 x >got1
	good mbx call "$box" --tag 2 x
	out_is "reply 2"
	finish
	[ "$(cat got1)" = "reply 1" ] || fail "got '$(cat got1)'"
	wait "$server"
}

a_signal_lets_commands_finish_and_a_second_kills_them() {
	good mbx create "$box"
	serve -P 2 -- sh -c '
		: >"in$MBX_TAG"
		until [ -e "go$MBX_TAG" ]; do sleep 0.02; done
		echo finished'
	start mbx call "$box" --tag 1 x >got1
	one=$pid
	start mbx call "$box" --tag 2 x 2>words2
	wait_for [ -e in1 ]
	wait_for [ -e in2 ]
	kill -TERM "$server"
	: >go1
	wait "$one"
	status=$?
	status_is 0
	[ "$(cat got1)" = finished ] || fail "got '$(cat got1)'"
	stop_server INT
	finish
	status_is 1
	grep -q "exit status 137" words2 || fail "$(cat words2)"
	said_nothing
}

a_message_is_served_too() {
	good mbx create "$box"
	good mbx send "$box" --tag 1 note
	good mbx send "$box" bad
	serve --count 2 -- sh -c 'cat >>notes; echo "$MBX_CALL" >>notes; mbx reply x 2>>refused
		[ "$MBX_TAG" = 1 ] || exit 5'
	wait "$server"
	status=$?
	status_is 0
	[ "$(cat notes)" = "$(printf 'note0\nbad0')" ] || fail "got '$(cat notes)'"
	grep -q "cannot reply: the sender of this message wants no reply" refused ||
		fail "$(cat refused)"
	said "the command for message 1 from process"
	said "ended with status 5"
}

a_command_can_reply_before_it_ends() {
	good mbx create "$box"
	serve --json --count 3 -- sh -c '
		exec 3>&1
		case $MBX_TAG in
		0) mbx reply early reply --tag 9 --json >told ;;
		1) mbx reply --fail 7 ;;
		2) sed s/x/yy/ | mbx reply ;;
		esac
		until [ -e "go" ]; do sleep 0.02; done
		mbx reply again 2>again
		echo late' >served
	good mbx call "$box" x --json
	out_is_json
	out_field payload "early reply"
	out_field tag 9
	cp told out
	out_is_json
	out_field bytes 11
	out_field exit_status 0
	: >go
	bad 1 "failed: exit status 7" mbx call "$box" --tag 1
	good mbx call "$box" --tag 2 xx
	out_is yyx
	wait "$server"
	said_nothing
	grep -q "cannot reply: the request has been answered already" again || fail "$(cat again)"
	[ "$(grep -c '"outcome":"early"' served)" = 3 ] || fail "$(cat served)"
}

a_reply_to_a_caller_that_has_gone_is_told() {
	good mbx create "$box"
	serve --count 1 -- sh -c ': >in; until [ -e go ]; do sleep 0.02; done
		mbx reply x 2>words || echo $? >>words'
	start mbx call "$box" x
	wait_for [ -e in ]
	kill -9 "$pid"
	finish
	: >go
	wait "$server"
	[ "$(cat words)" = "mbx: cannot reply: the caller no longer waits
1" ] || fail "$(cat words)"
}

a_reply_after_the_end_of_the_server_is_told() {
	good mbx create "$box"
	serve -- sh -c 'trap "" TERM; echo $$ >child; until [ -e go ]; do sleep 0.02; done
		mbx reply x 2>words; : >over'
	start mbx call "$box" x 2>/dev/null
	wait_for [ -s child ]
	background="$background $(cat child)"
	kill -9 "$server"
	finish
	status_is 1
	: >go
	wait_for [ -e over ]
	grep -q "cannot reply: 'mbx serve' has ended" words || fail "$(cat words)"
}

a_reply_without_a_request_is_told() {
	bad 1 "there is no request to answer: 'mbx reply' is for a command that 'mbx serve' runs" \
		mbx reply x
	MBX_REPLY=99 bad 1 "MBX_REPLY is not the descriptor" mbx reply x
	MBX_REPLY=no bad 1 "there is no request to answer" mbx reply x
}

a_server_of_a_missing_mailbox_is_told() {
	bad 1 "cannot open mailbox '$box': no such name" mbx serve "$box" -- cat
	serve --create --mode 0620 --max-msg-size 5 -- cat
	wait_for has "$box" mode 0620
	stat_is "$box" max_msg_size 5
	good mbx call "$box" 12345
	stop_server
	stat_is "$box" lifetime persist
}

the_owner_of_a_served_mailbox_is_missed() {
	start mbx create "$box" --owner -- sleep 1000
	owner=$pid
	wait_for has "$box" lifetime owner
	serve -- cat
	good mbx call "$box" x
	kill -9 "$owner"
	wait "$server"
	status=$?
	status_is 1
	said "cannot receive from mailbox '$box': its owner has ended"
}

wrong_usage_is_told() {
	bad 2 "too few operands, it takes {NAME | --direct} -- COMMAND..." mbx serve "$box"
	bad 2 "too few operands" mbx serve --direct
	for options in "reply --file x" "reply --fail 1 --tag 1" \
		"reply --tag 9223372036854775808" "serve --create --owner x" \
		"serve --direct --create" "serve --direct --owner" "serve --mode 600 x" \
		"serve --max-msg-size 1 x" "serve -v --json x" "serve -P 1025 x" \
		"serve --create --max-msg-size 17M x"; do
		# shellcheck disable=SC2086 # lists of words
		bad 2 "--help'" mbx $options "$box"
	done
	bad 2 "--fail: '0' is not an exit status from 1 to 255" mbx reply --fail 0
	bad 2 "--fail: '256' is not an exit status from 1 to 255" mbx reply --fail 256
}

run_tests \
	a_command_need_not_read_its_request \
	what_a_command_leaves_running_does_not_keep_the_caller \
	a_caller_that_has_gone_is_no_error \
	commands_run_in_parallel_if_asked \
	a_signal_lets_commands_finish_and_a_second_kills_them \
	a_message_is_served_too \
	a_command_can_reply_before_it_ends \
	a_reply_to_a_caller_that_has_gone_is_told \
	a_reply_after_the_end_of_the_server_is_told \
	a_reply_without_a_request_is_told \
	a_server_of_a_missing_mailbox_is_told \
	the_owner_of_a_served_mailbox_is_missed \
	wrong_usage_is_told
