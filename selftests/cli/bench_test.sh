#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mbx bench: what it measures, not what comes out. One round each.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

# quick WORD...: measures so that it takes no longer than it must.
quick() {
	good mbx bench --rounds 1 "$@"
}

list_tells_measures_and_mechanisms() {
	good mbx bench --list
	for word in pair roundtrip notify memory-idle pipe eventfd mbx mbx-call; do
		out_has "  $word "
	done
}

a_measure_has_a_heading_and_a_line_for_each_mechanism() {
	quick --mechanism pipe --mechanism mbx poll
	out_has "poll: send a message"
	[ "$(grep -c '^  pipe ' out)" = 2 ] || fail "not two sizes of pipe"
	[ "$(grep -c '^  mbx .* of the best peer$' out)" = 2 ] || fail "mbx is not compared"
	[ "$(wc -l <out)" = 5 ] || fail "more than that"
}

every_mechanism_of_mbx_goes_there_and_back() {
	quick --mechanism mbx --mechanism mbx-ioctl --mechanism mbx-rw \
		--mechanism mbx-direct --mechanism mbx-call \
		--mechanism mbx-region roundtrip
	for name in mbx mbx-ioctl mbx-rw mbx-direct mbx-call mbx-region; do
		[ "$(grep -c "^  $name .* ns" out)" = 4 ] || fail "not measured: $name"
	done
}

json_has_a_value_and_its_samples() {
	good mbx bench --rounds 3 --json --mechanism mbx-region notify
	out_is_json
	grep -v '"mechanism":"harness"' out >line
	cp line out
	out_field measure notify
	out_field mechanism mbx-region
	out_field batch 1
	out_field unit ns
	grep -q '"samples":\[-\?[0-9.]*,-\?[0-9.]*,-\?[0-9.]*\]' out || fail "not three samples"
}

what_is_not_allowed_is_told_and_the_rest_measured() {
	need_user
	run as_user alice "mbx bench --rounds 1 --mechanism mq --mechanism pipe stream"
	status_is 0
	grep -q '^  mq .* not measured: Invalid argument' out || fail "mq measured"
	grep -q '^  pipe .* ns' out || fail "pipe not measured"
}

as_many_rounds_as_are_allowed_are_made() {
	good mbx bench --counted --rounds 100 --json --mechanism futex notify
	grep '"mechanism":"futex"' out | sed 's/.*"samples":\[//' | tr , '\n' >samples
	[ "$(wc -l <samples)" = 500 ] || fail "not 500 samples"
}

no_queue_is_left_behind() {
	quick --mechanism sysv --mechanism mq --mechanism mbx stream
	[ "$(wc -l </proc/sysvipc/msg)" = 1 ] || fail "a queue of System V"
	[ -z "$(ls /dev/mqueue)" ] || fail "a queue of POSIX"
}

unknown_words_are_wrong_usage() {
	bad 2 "'frobnicate' is not a measure" mbx bench frobnicate
	bad 2 "--mechanism: 'frobnicate' is not a mechanism" \
		mbx bench --mechanism frobnicate
	bad 2 "--rounds: '101' is not from 1 to 100" mbx bench --rounds 101
}

run_tests \
	list_tells_measures_and_mechanisms \
	a_measure_has_a_heading_and_a_line_for_each_mechanism \
	every_mechanism_of_mbx_goes_there_and_back \
	json_has_a_value_and_its_samples \
	what_is_not_allowed_is_told_and_the_rest_measured \
	as_many_rounds_as_are_allowed_are_made \
	no_queue_is_left_behind \
	unknown_words_are_wrong_usage
