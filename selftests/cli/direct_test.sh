#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The mailboxes of processes.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

# own WORD...: a process $pid that receives from its own mailbox.
own() {
	mbx recv --direct "$@" >"$work/got" 2>"$work/said" &
	pid=$!
	background="$background $pid"
}

got_is() {
	[ "$(cat "$work/got")" = "$1" ] || fail "got '$(cat "$work/got")', not '$1'"
}

a_message_reaches_a_process() {
	own --json --count 2
	good mbx send --pid "$pid" --wait-bound --timeout 20s --prio 2 --tag 5 two words
	printf 'stdin' | mbx send --pid "$pid" || fail "status $?"
	finish
	status_is 0
	cp got out
	out_is_json
	out_field process "$pid"
	out_field payload "two words"
	out_field prio 2
	out_field tag 5
	grep -q '"payload":"stdin"' got || fail "$(cat got)"
}

send_prints_json_of_the_process() {
	own
	good mbx send --pid "$pid" --wait-bound --json x
	out_is_json
	out_field process "$pid"
	out_field sent 1
	finish
	got_is x
}

a_process_is_waited_for_until_it_binds() {
	start sh -c 'until [ -e go ]; do sleep 0.02; done; exec mbx recv --direct >got'
	bad 1 "cannot open mailbox of process '$pid': it has bound none; --wait-bound" \
		mbx send --pid "$pid" x
	bad 3 "process $pid had bound no mailbox until the timeout" \
		mbx send --pid "$pid" --wait-bound --timeout 20ms x
	bad 3 "process $pid had bound no mailbox until the timeout" \
		mbx call --pid "$pid" --wait-bound --timeout 20ms x
	receiver=$pid
	start mbx send --pid "$receiver" --wait-bound x
	: >go
	finish
	status_is 0
	pid=$receiver
	finish
	got_is x
}

a_process_that_ended_is_told() {
	start true
	finish
	bad 1 "cannot open mailbox of process '$pid': there is no such process, or it has ended" \
		mbx send --pid "$pid" x
	bad 1 "there is no such process" mbx call --pid "$pid" --wait-bound x
	bad 1 "there is no such process" mbx stat --pid "$pid"
}

stat_shows_the_mailbox_of_a_process() {
	own --mode 0602 --max-msg-size 5
	wait_for has --pid="$pid" waiting_receivers 1
	good mbx stat --pid "$pid" --json
	out_is_json
	out_field process "$pid"
	out_field direct true
	out_field named false
	out_field mode 0602
	out_field max_msg_size 5
	good mbx stat --pid "$pid"
	out_has "mailbox of process $pid"
	bad 1 "cannot send 6 bytes to mailbox of process '$pid': a message there has at most 5; 'mbx recv --direct --max-msg-size' sets that" \
		mbx send --pid "$pid" 123456
	good mbx send --pid "$pid" 12345
	finish
	got_is 12345
}

the_mode_of_a_process_mailbox_decides() {
	need_user
	own
	wait_for has --pid="$pid" waiting_receivers 1
	run as_user alice "mbx send --pid $pid x"
	status_is 1
	err_has "cannot open mailbox of process '$pid': its mode does not allow that"
	own --mode 0602 --json
	wait_for has --pid="$pid" waiting_receivers 1
	run as_user alice "mbx send --pid $pid hello"
	status_is 0
	finish
	cp got out
	out_field payload hello
	out_field uid "$(id -u alice)"
}

a_receiver_of_its_own_mailbox_times_out() {
	run mbx recv --direct --timeout 20ms
	status_is 3
	err_has "mailbox of process '"
	err_has "' had no message until the timeout"
	run mbx recv --direct --nonblock
	status_is 3
	err_has "' has no message"
}

a_process_can_be_called() {
	mbx serve --direct --max-msg-size 2M --count 2 -- cat &
	pid=$!
	background="$background $pid"
	large_file file 1
	good mbx call --pid "$pid" --wait-bound --file file -o copy
	same_sums file copy
	good mbx call --pid "$pid" --json hello
	out_is_json
	out_field process "$pid"
	out_field pid "$pid"
	out_field payload hello
	finish
	status_is 0
}

the_death_of_a_called_process_is_told_at_once() {
	start mbx serve --direct -- sh -c ': >serving; sleep 1000'
	server=$pid
	start mbx call --pid "$server" --wait-bound x 2>words1
	one=$pid
	wait_for [ -e serving ]
	start mbx call --pid "$server" y 2>words2
	wait_for has --pid="$server" calls 2
	kill -9 "$server"
	finish
	status_is 1
	wait "$one"
	status=$?
	status_is 1
	grep -qF "no reply from mailbox of process '$server': the server died before it answered" \
		words1 || fail "$(cat words1)"
	grep -qF "cannot call mailbox of process '$server': there is no such process, or it has ended" \
		words2 || fail "$(cat words2)"
}

a_receiver_that_does_not_answer_resets_the_caller() {
	own --verbose
	bad 1 "the server died before it answered" mbx call --pid "$pid" --wait-bound x
	finish
	status_is 0
	grep -q ' call$' got || fail "$(cat got)"
}

wrong_usage_is_told() {
	bad 2 "too few operands, it takes {NAME | --pid PID} [TEXT...]" mbx send
	bad 2 "too few operands, it takes {NAME | --direct}" mbx recv
	bad 2 "too few operands, it takes {NAME... | --pid PID}" mbx stat
	for options in "send --wait-bound" "send --pid 1 --create" \
		"send --pid 1 --wait-bound --nonblock" "recv --direct" "recv --mode 600" \
		"recv --max-msg-size 1" "stat --pid 1" "send --pid 0" "call --pid x" \
		"stat --pid -1" "send --pid 4294967296"; do
		# shellcheck disable=SC2086 # lists of words
		bad 2 "--help'" mbx $options "$box"
	done
	bad 2 "--max-msg-size is at most 16777216 bytes" mbx recv --direct --max-msg-size 17M
}

run_tests \
	a_message_reaches_a_process \
	send_prints_json_of_the_process \
	a_process_is_waited_for_until_it_binds \
	a_process_that_ended_is_told \
	stat_shows_the_mailbox_of_a_process \
	the_mode_of_a_process_mailbox_decides \
	a_receiver_of_its_own_mailbox_times_out \
	a_process_can_be_called \
	the_death_of_a_called_process_is_told_at_once \
	a_receiver_that_does_not_answer_resets_the_caller \
	wrong_usage_is_told
