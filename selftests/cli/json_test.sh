#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The JSON of the tool, and first the checker that all its tests rely on.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

the_checker_takes_what_is_valid() {
	cat >lines <<-'END'
		{}
		{"a":1}
		{"a":-0.5e+10,"b":[],"c":[1,[2],{"d":null}],"e":true,"f":false}
		{"":"\"\\\/\b\f\n\r\t\u00e9 ä€"}
	END
	json_check lines || fail "refused"
}

the_checker_refuses_what_is_not() {
	while read -r line; do
		printf '%s\n' "$line" >line
		! json_check line >/dev/null || fail "taken: $line"
	done <<-'END'
		[]
		1
		{
		{}}
		{} {}
		{"a"}
		{"a":}
		{"a":1,}
		{a:1}
		{"a":01}
		{"a":+1}
		{"a":1.}
		{"a":"x}
		{"a":"\x"}
		{"a":"\u12"}
		{"a":[1,]}
		{"a":[1 2]}
		{"a":tru}
		{"a":1 "b":2}
	END
	printf '{"a":"\001"}\n' >line
	! json_check line >/dev/null || fail "a control character was taken"
	: >line
	! json_check line >/dev/null || fail "nothing was taken"
}

every_command_prints_valid_json() {
	printf content >file
	good mbx create "$box" --json
	cat out >all
	for words in "info" "send $box x" "recv $box --peek" "recv $box" "stat $box" \
		"region create $region 10" "region put $region file" \
		"region get $region" "region wait $region --seq 0" \
		"region notify $region" "region stat $region" "stat $region" \
		"region rm $region" "rm $box"; do
		# shellcheck disable=SC2086 # lists of words
		good mbx $words --json
		[ "$(wc -l <out)" = 1 ] || fail "not one line: mbx $words --json"
		cat out >>all
	done
	cp all out
	out_is_json
}

every_payload_gives_valid_json() {
	good mbx create "$box"
	for bytes in 'plain' '\0' '\001\037\177' '"quoted" \\ and /' '\303\244' \
		'\377\376' '\355\240\200' 'cut off \342\202' '\n\r\t\b\f' ''; do
		# shellcheck disable=SC2059 # it is a format
		printf "$bytes" | mbx send "$box" || fail "send"
	done
	good mbx recv "$box" --count 10 --json
	out_is_json
	[ "$(wc -l <out)" = 10 ] || fail "not ten lines"
	[ "$(grep -c '"encoding":"base64"' out)" = 3 ] ||
		fail "not the three that are not UTF-8 in base64"
}

errors_are_words_also_with_json() {
	bad 1 "cannot open mailbox '$box': no such name" mbx recv --json "$box"
	bad 1 "cannot open object '$box': no such name" mbx stat --json "$box"
	good mbx create "$box"
	bad 3 "has no message" mbx recv --json --nonblock "$box"
}

run_tests \
	the_checker_takes_what_is_valid \
	the_checker_refuses_what_is_not \
	every_command_prints_valid_json \
	every_payload_gives_valid_json \
	errors_are_words_also_with_json
