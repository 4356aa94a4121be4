#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Mailboxes and regions that live as long as a command.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

# own: $box owned by process $owner, running a command that does not end.
own() {
	start mbx create "$box" "$@" --owner -- sleep 1000
	owner=$pid
	wait_for has "$box" lifetime owner
}

the_mailbox_is_there_while_the_command_runs() {
	good mbx create "$box" --max-msgs 7 --owner -- mbx stat --json "$box"
	out_is_json
	out_field lifetime owner
	out_field max_msgs 7
	gone "$box" || fail "it is still there afterwards"
}

the_region_is_there_while_the_command_runs() {
	good mbx region create "$region" 10 --owner -- mbx stat --json "$region"
	out_is_json
	out_field lifetime owner
	gone "$region" || fail "it is still there afterwards"
}

the_exit_status_is_that_of_the_command() {
	run mbx create "$box" --owner -- sh -c 'exit 42'
	status_is 42
	run mbx region create "$region" 1 --owner -- sh -c 'kill -9 $$'
	status_is 137
}

a_command_that_cannot_run_is_told() {
	bad 127 "cannot run '/no/such/command': No such file or directory" \
		mbx create "$box" --owner -- /no/such/command
	bad 126 "cannot run '/etc/passwd': Permission denied" \
		mbx create "$box" --owner -- /etc/passwd
	gone "$box" || fail "the mailbox is still there"
}

an_existing_name_has_its_owner_already() {
	good mbx create "$box"
	bad 1 "the name exists already" mbx create "$box" --owner -- true
	good mbx region create "$region" 1
	bad 1 "the name exists already" mbx region create "$region" 1 --owner -- true
}

json_comes_before_the_command() {
	good mbx create "$box" --json --owner -- echo ready
	head -n 1 out >first
	[ "$(sed 1d out)" = ready ] || fail "not the words of the command"
	cp first out
	out_is_json
	out_field lifetime owner
}

the_command_does_not_hold_the_mailbox() {
	# What it leaves running must not keep the mailbox alive.
	good mbx create "$box" --owner -- sh -c 'sleep 1000 & echo $! >left'
	background=$(cat left)
	kill -0 "$background" || fail "nothing is left running"
	gone "$box" || fail "the mailbox is still there"
}

the_command_gets_usual_signals_and_umask() {
	umask 027
	script='umask; grep -E "^Sig(Blk|Ign)" /proc/self/status'
	sh -c "$script" >wanted
	good mbx create "$box" --mode 0666 --owner -- sh -c "$script"
	same_files out wanted
}

the_death_of_the_owner_is_told_to_waiting_receivers() {
	own
	for number in 1 2 3; do
		mbx recv "$box" >"got$number" 2>"err$number" &
		echo $! >"pid$number"
		background="$background $!"
	done
	wait_for has "$box" waiting_receivers 3
	kill -9 "$owner"
	for number in 1 2 3; do
		wait "$(cat "pid$number")"
		status=$?
		status_is 1
		grep -q "cannot receive from mailbox '$box': its owner has ended" \
			"err$number" || fail "$(cat "err$number")"
	done
	gone "$box" || fail "the name is still there"
}

the_death_of_the_owner_is_told_to_a_waiting_sender() {
	own --max-msgs 1
	good mbx send "$box" first
	start mbx send "$box" second 2>words
	wait_for has "$box" waiting_senders 1
	kill -9 "$owner"
	finish
	status_is 1
	grep -q "cannot send to mailbox '$box': its owner has ended" words || fail "$(cat words)"
}

the_death_of_the_owner_is_told_to_who_waits_on_a_region() {
	start mbx region create "$region" 10 --owner -- sleep 1000
	owner=$pid
	wait_for has "$region" lifetime owner
	start mbx region wait "$region" 2>words
	wait_for has "$region" waiters 1
	kill -9 "$owner"
	finish
	status_is 1
	grep -q "cannot wait on region '$region': its owner has ended" words || fail "$(cat words)"
}

the_command_ends_with_a_killed_owner() {
	start mbx create "$box" --owner -- sh -c 'echo $$ >child; exec sleep 1000'
	wait_for [ -s child ]
	background="$background $(cat child)"
	kill -9 "$pid"
	wait_for ended "$(cat child)"
}

the_end_of_the_command_ends_the_mailbox() {
	start mbx create "$box" --owner -- sh -c 'echo $$ >child; exec sleep 1000'
	wait_for [ -s child ]
	start mbx recv "$box" 2>words
	wait_for has "$box" waiting_receivers 1
	kill -9 "$(cat child)"
	finish
	status_is 1
	gone "$box" || fail "the name is still there"
}

a_follower_prints_what_came_before_the_owner_died() {
	own
	good mbx send "$box" one
	start mbx recv "$box" --follow >got 2>words
	good mbx send "$box" two
	wait_for has "$box" received 2
	kill -9 "$owner"
	finish
	status_is 1
	[ "$(cat got)" = "$(printf 'one\ntwo')" ] || fail "got '$(cat got)'"
}

run_tests \
	the_mailbox_is_there_while_the_command_runs \
	the_region_is_there_while_the_command_runs \
	the_exit_status_is_that_of_the_command \
	a_command_that_cannot_run_is_told \
	an_existing_name_has_its_owner_already \
	json_comes_before_the_command \
	the_command_does_not_hold_the_mailbox \
	the_command_gets_usual_signals_and_umask \
	the_death_of_the_owner_is_told_to_waiting_receivers \
	the_death_of_the_owner_is_told_to_a_waiting_sender \
	the_death_of_the_owner_is_told_to_who_waits_on_a_region \
	the_command_ends_with_a_killed_owner \
	the_end_of_the_command_ends_the_mailbox \
	a_follower_prints_what_came_before_the_owner_died
