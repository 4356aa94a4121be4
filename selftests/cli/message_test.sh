#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Messages sent and received: payloads, order, selection, waiting.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

words_are_one_message_joined_by_blanks() {
	good mbx create "$box"
	good mbx send "$box" hello big world
	good mbx recv "$box"
	printf 'hello big world\n' >wanted
	same_files out wanted
}

options_may_stand_behind_the_name_and_end_at_two_dashes() {
	good mbx create "$box"
	good mbx send "$box" --prio 3 -- --prio 9
	good mbx recv "$box" -v
	out_has " prio=3 "
	out_has "--prio 9"
}

standard_input_is_one_message() {
	good mbx create "$box"
	printf 'one\ntwo\n' | mbx send "$box" || fail "send"
	stat_is "$box" msgs 1
	good mbx recv "$box"
	printf 'one\ntwo\n' >wanted
	same_files out wanted
}

a_file_is_one_message() {
	good mbx create "$box"
	printf 'a\0b\377\n\n' >file
	good mbx send "$box" --file file
	good mbx recv "$box" --raw
	same_files out file
	good mbx send "$box" -f - <file
	good mbx recv "$box" -r
	same_files out file
}

a_file_of_no_size_is_read_all_the_same() {
	good mbx create "$box"
	good mbx send "$box" -f /proc/version
	good mbx recv "$box" -r
	same_files out /proc/version
}

all_bytes_pass_unchanged() {
	awk 'BEGIN { for (i = 0; i < 256; i++) printf "\\%03o", i }' >escapes
	# shellcheck disable=SC2059 # it is a format
	printf "$(cat escapes)" >bytes
	[ "$(wc -c <bytes)" = 256 ] || fail "not 256 bytes"
	good mbx create "$box"
	good mbx send "$box" <bytes
	good mbx recv --raw "$box"
	same_files out bytes
	good mbx send "$box" <bytes
	good mbx recv --json "$box"
	out_is_json
	out_field encoding base64
	json_field payload <out | base64 -d >decoded
	same_files decoded bytes
}

an_empty_message_is_a_message() {
	good mbx create "$box"
	good mbx send "$box" </dev/null
	stat_is "$box" msgs 1
	good mbx recv --json "$box"
	out_is_json
	out_field len 0
	out_field payload ""
	good mbx send "$box" ''
	good mbx recv --raw "$box"
	[ ! -s out ] || fail "it has bytes"
}

text_gets_a_newline_only_if_it_has_none() {
	good mbx create "$box"
	printf 'with\n' | mbx send "$box"
	printf 'without' | mbx send "$box"
	good mbx recv "$box" --count 2
	printf 'with\nwithout\n' >wanted
	same_files out wanted
}

the_largest_message_passes() {
	good mbx create "$box" --max-msg-size 16M
	large_file big 16
	good mbx send "$box" --file big
	good mbx recv "$box" -o copy
	[ ! -s out ] || fail "words on stdout"
	same_sums copy big
}

a_message_larger_than_can_be_is_refused() {
	good mbx create "$box" --max-msg-size 16M
	truncate -s 16777217 big
	bad 1 "big is larger than a message can be (16777216 bytes)" \
		mbx send "$box" --file big
	stat_is "$box" msgs 0
}

an_endless_input_is_refused() {
	good mbx create "$box" --max-msg-size 16M
	bad 1 "standard input is larger than a message can be" \
		mbx send "$box" </dev/zero
}

a_message_larger_than_the_mailbox_allows_tells_both_sizes() {
	good mbx create "$box" --max-msg-size 4
	bad 1 "cannot send 5 bytes to mailbox '$box': a message there has at most 4" \
		mbx send "$box" 12345
	good mbx send "$box" 1234
}

higher_priority_comes_first_and_order_holds_within_one() {
	good mbx create "$box"
	for each in 0:a 5:b 31:c 5:d 0:e; do
		good mbx send "$box" --prio "${each%:*}" "${each#*:}"
	done
	good mbx recv "$box" --count 5
	out_is "$(printf 'c\nb\nd\na\ne')"
}

json_of_a_message_has_everything() {
	good mbx create "$box"
	good mbx send "$box" --prio 7 --tag 18446744073709551615 'say "hi"'
	good mbx recv --json "$box"
	out_is_json
	out_field mailbox "$box"
	out_field prio 7
	out_field tag 18446744073709551615
	out_field uid "$(id -u)"
	out_field gid "$(id -g)"
	out_field len 8
	out_field encoding utf-8
	out_field deliveries 1
	out_field write false
	out_has '"payload":"say \"hi\""'
	for key in seq time_ns pid; do
		[ "$(json_field "$key" <out)" -ge 0 ] || fail "no $key"
	done
}

verbose_prints_a_line_about_each_message() {
	good mbx create "$box"
	good mbx send "$box" --prio 2 --tag 0x10 hello
	good mbx recv -v "$box"
	head -n 1 out | grep -qE "^# seq=[0-9]+ prio=2 tag=16 pid=[0-9]+ uid=$(id -u) gid=$(id -g) len=5 time=[0-9]+\.[0-9]{9} deliveries=1\$" ||
		fail "the line is malformed"
	[ "$(tail -n 1 out)" = hello ] || fail "no payload"
}

send_prints_json() {
	good mbx create "$box"
	good mbx send --json "$box" hello
	out_is_json
	out_field mailbox "$box"
	out_field sent 1
	out_field bytes 5
}

lines_are_messages_of_their_own() {
	good mbx create "$box"
	printf 'one\n\nthree' | mbx send --lines "$box" --json >out || fail "send"
	out_is_json
	out_field sent 3
	out_field bytes 8
	good mbx recv "$box" --count 3 --json
	[ "$(sed -n 's/.*"len":\([0-9]*\).*/\1/p' out | tr '\n' ' ')" = "3 0 5 " ] ||
		fail "not the lengths of the lines"
}

many_lines_go_in_batches_and_keep_their_order() {
	good mbx create "$box" --max-msgs 10000
	seq 5000 >numbers
	good mbx send "$box" --lines --file numbers
	stat_is "$box" msgs 5000
	good mbx recv "$box" --count 5000
	same_files out numbers
}

a_line_longer_than_the_buffer_passes() {
	good mbx create "$box" --max-msg-size 1M --max-bytes 4M
	{
		echo short
		dd if=/dev/zero bs=300000 count=1 2>/dev/null | tr '\0' x
		echo
		echo last
	} >file
	good mbx send "$box" --lines --file file
	good mbx recv "$box" --count 3
	same_files out file
}

lines_that_do_not_fit_tell_where_they_ended() {
	good mbx create "$box" --max-msgs 3
	seq 5 >numbers
	bad 3 "line 4 of numbers and all after it were not sent" \
		mbx send "$box" --lines --nonblock --file numbers
	stat_is "$box" msgs 3
	good mbx rm "$box"
	good mbx create "$box" --max-msg-size 2
	printf '1\n22\n333\n4\n' >numbers
	bad 1 "line 3 of numbers and all after it were not sent" \
		mbx send "$box" --lines --file numbers
	err_has "cannot send 3 bytes"
	stat_is "$box" msgs 2
}

lines_arrive_as_they_are_written() {
	good mbx create "$box"
	mkfifo pipe
	start mbx send "$box" --lines --file pipe
	exec 4>pipe
	echo first >&4
	wait_for has "$box" msgs 1
	echo second >&4
	wait_for has "$box" msgs 2
	exec 4>&-
	finish
	status_is 0
}

send_create_makes_a_missing_mailbox() {
	good mbx send "$box" --create hello
	good mbx send "$box" --create world
	stat_is "$box" msgs 2
	stat_is "$box" lifetime persist
}

send_create_leaves_no_mailbox_without_a_message() {
	bad 1 "cannot open 'missing': No such file or directory" \
		mbx send "$box" --create --file missing
	bad 1 "Is a directory" mbx send "$box" --create --file /
	bad 1 "larger than a message can be" mbx send "$box" --create </dev/zero
	gone "$box" || fail "there is a mailbox"
}

a_missing_mailbox_is_told_with_what_would_help() {
	bad 1 "cannot open mailbox '$box': no such name; create it with 'mbx create $box'" \
		mbx send "$box" x
	bad 1 "cannot open mailbox '$box': no such name; create it with 'mbx create $box'" \
		mbx recv "$box"
}

a_region_is_no_mailbox() {
	good mbx region create "$region" 1
	bad 1 "cannot open mailbox '$region': it is a region" mbx send "$region" x
	bad 1 "cannot open mailbox '$region': it is a region" mbx recv "$region"
	bad 1 "cannot create mailbox '$region': it is a region" \
		mbx create "$region" --max-msgs 1
	good mbx region rm "$region"
}

an_empty_mailbox_would_block_with_status_3() {
	good mbx create "$box"
	bad 3 "mailbox '$box' has no message" mbx recv --nonblock "$box"
	bad 3 "mailbox '$box' had no message until the timeout" \
		mbx recv --timeout 50ms "$box"
	bad 3 "had no message until the timeout" mbx recv --timeout 0 "$box"
}

a_full_mailbox_would_block_with_status_3() {
	good mbx create "$box" --max-msgs 1
	good mbx send "$box" --nonblock x
	bad 3 "cannot send to mailbox '$box': it is full" mbx send -n "$box" y
	bad 3 "cannot send to mailbox '$box': it was full until the timeout" \
		mbx send --timeout 0.05 "$box" y
	stat_is "$box" msgs 1
}

a_mailbox_that_rejects_does_not_let_wait() {
	good mbx create "$box" --max-msgs 1 --overflow reject
	good mbx send "$box" x
	bad 3 "it is full" mbx send "$box" y
}

a_mailbox_that_drops_keeps_the_last() {
	good mbx create "$box" --max-msgs 1 --overflow drop-oldest
	good mbx send "$box" x
	good mbx send "$box" y
	stat_is "$box" dropped 1
	good mbx recv "$box"
	out_is y
}

a_timeout_does_not_stop_what_need_not_wait() {
	good mbx create "$box"
	good mbx send --timeout 0 "$box" x
	good mbx recv --timeout 0 "$box"
	out_is x
}

a_waiting_receiver_gets_the_message() {
	good mbx create "$box"
	start mbx recv "$box" >got
	wait_for has "$box" waiting_receivers 1
	good mbx send "$box" hello
	finish
	status_is 0
	[ "$(cat got)" = hello ] || fail "got '$(cat got)'"
}

a_waiting_sender_goes_on_when_there_is_room() {
	good mbx create "$box" --max-msgs 1
	good mbx send "$box" first
	start mbx send "$box" second --timeout 1m
	wait_for has "$box" waiting_senders 1
	good mbx recv "$box"
	out_is first
	finish
	status_is 0
	good mbx recv "$box"
	out_is second
}

a_receiver_can_select_by_tag() {
	good mbx create "$box"
	good mbx send "$box" --tag 1 one
	good mbx send "$box" --tag 2 two
	good mbx recv "$box" --tag 2
	out_is two
	bad 3 "mailbox '$box' has no such message" mbx recv -n --tag 2 "$box"
	bad 3 "mailbox '$box' has no such message" mbx recv -n --tag 0 "$box"
	stat_is "$box" msgs 1
}

a_receiver_can_select_by_priority() {
	good mbx create "$box"
	good mbx send "$box" --prio 3 three
	bad 3 "no such message" mbx recv -n --min-prio 4 "$box"
	good mbx recv -n --min-prio 3 "$box"
	out_is three
}

a_receiver_can_select_by_sender() {
	good mbx create "$box"
	good mbx send "$box" other
	start mbx send "$box" mine
	mine=$pid
	finish
	bad 3 "no such message" mbx recv -n --from 1 "$box"
	good mbx recv "$box" --from "$mine" --json
	out_field payload mine
	out_field pid "$mine"
}

peek_leaves_messages_where_they_are() {
	good mbx create "$box"
	good mbx send "$box" one
	good mbx send "$box" --prio 1 two
	good mbx recv --peek "$box"
	out_is two
	good mbx recv --peek --count 10 "$box"
	out_is "$(printf 'two\none')"
	good mbx recv --peek --count 10 --min-prio 1 "$box"
	out_is two
	stat_is "$box" msgs 2
	stat_is "$box" received 0
}

peek_shows_messages_of_all_sizes_whole() {
	good mbx create "$box" --max-msg-size 1M --max-bytes 4M
	for size in 10 100000 3 1000000 5000 1; do
		dd if="$(command -v mbx)" of=part bs="$size" count=1 2>/dev/null
		good mbx send "$box" --file part
		cat part >>wanted
	done
	good mbx recv --peek --count 1024 --raw "$box"
	same_sums out wanted
	stat_is "$box" msgs 6
}

peek_of_an_empty_mailbox_would_block() {
	good mbx create "$box"
	bad 3 "has no message" mbx recv --peek -n --count 5 "$box"
	bad 3 "until the timeout" mbx recv --peek --timeout 20ms "$box"
}

receiving_goes_on_until_the_count() {
	good mbx create "$box"
	good mbx send "$box" one
	start mbx recv "$box" --count 2 >got
	wait_for has "$box" waiting_receivers 1
	good mbx send "$box" two
	finish
	status_is 0
	[ "$(cat got)" = "$(printf 'one\ntwo')" ] || fail "got '$(cat got)'"
}

a_count_that_is_not_reached_prints_what_came() {
	good mbx create "$box"
	good mbx send "$box" one
	run mbx recv "$box" --count 2 --timeout 20ms
	status_is 3
	out_is one
	err_has "until the timeout"
}

run_tests \
	words_are_one_message_joined_by_blanks \
	options_may_stand_behind_the_name_and_end_at_two_dashes \
	standard_input_is_one_message \
	a_file_is_one_message \
	a_file_of_no_size_is_read_all_the_same \
	all_bytes_pass_unchanged \
	an_empty_message_is_a_message \
	text_gets_a_newline_only_if_it_has_none \
	the_largest_message_passes \
	a_message_larger_than_can_be_is_refused \
	an_endless_input_is_refused \
	a_message_larger_than_the_mailbox_allows_tells_both_sizes \
	higher_priority_comes_first_and_order_holds_within_one \
	json_of_a_message_has_everything \
	verbose_prints_a_line_about_each_message \
	send_prints_json \
	lines_are_messages_of_their_own \
	many_lines_go_in_batches_and_keep_their_order \
	a_line_longer_than_the_buffer_passes \
	lines_that_do_not_fit_tell_where_they_ended \
	lines_arrive_as_they_are_written \
	send_create_makes_a_missing_mailbox \
	send_create_leaves_no_mailbox_without_a_message \
	a_missing_mailbox_is_told_with_what_would_help \
	a_region_is_no_mailbox \
	an_empty_mailbox_would_block_with_status_3 \
	a_full_mailbox_would_block_with_status_3 \
	a_mailbox_that_rejects_does_not_let_wait \
	a_mailbox_that_drops_keeps_the_last \
	a_timeout_does_not_stop_what_need_not_wait \
	a_waiting_receiver_gets_the_message \
	a_waiting_sender_goes_on_when_there_is_room \
	a_receiver_can_select_by_tag \
	a_receiver_can_select_by_priority \
	a_receiver_can_select_by_sender \
	peek_leaves_messages_where_they_are \
	peek_shows_messages_of_all_sizes_whole \
	peek_of_an_empty_mailbox_would_block \
	receiving_goes_on_until_the_count \
	a_count_that_is_not_reached_prints_what_came
