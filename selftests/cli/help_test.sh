#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What needs no mailbox: help, version, and words that are not understood.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

# The help of each command, made once: files named as the command.
texts=$(mktemp -d)
trap 'rm -rf "$texts"' EXIT
mbx --help >"$texts/mbx"
awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 }
	on { print $1 ($1 == "region" ? " " $2 : "") }' "$texts/mbx" |
	while read -r command; do
		# shellcheck disable=SC2086 # two words
		mbx $command --help >"$texts/$command"
	done

version_names_tool_and_library() {
	good mbx --version
	out_has "mbx 0."
	out_has "libmbx 0."
}

help_lists_every_command() {
	cp "$texts/mbx" out
	for command in info create rm send recv call serve reply stat "region create" "region put" \
		"region get" "region wait" "region notify" "region rm" \
		"region stat" bench help; do
		out_has "  $command "
	done
}

short_and_long_help_and_the_command_help_are_the_same() {
	good mbx -h
	same_files out "$texts/mbx"
	good mbx help
	same_files out "$texts/mbx"
}

every_command_has_a_help_of_its_own() {
	[ "$(find "$texts" -type f | wc -l)" = 19 ] || fail "not all commands"
	for text in "$texts"/*; do
		words=${text##*/}
		[ "$words" != mbx ] || words=COMMAND
		IFS= read -r heading <"$text"
		case $heading in
		"Usage: mbx $words"*) ;;
		*) fail "$words" ;;
		esac
		grep -q -e '-h, --help' "$text" || fail "no options of $words"
	done
}

help_and_the_option_help_are_the_same() {
	good mbx help region put
	same_files out "$texts/region put"
	good mbx region put -h
	same_files out "$texts/region put"
}

help_of_a_group_lists_its_commands() {
	good mbx region --help
	out_has "  notify "
	good mbx help region
	out_has "  notify "
}

help_fits_a_terminal() {
	cat "$texts"/* | awk 'length > 80' >wide
	[ ! -s wide ] || fail "wider than 80 columns: $(head -n 1 wide)"
}

no_command_is_wrong_usage() {
	bad 2 "a command is missing; see 'mbx --help'" mbx
	bad 2 "a command is missing; see 'mbx region --help'" mbx region
}

an_unknown_command_is_wrong_usage() {
	bad 2 "unknown command 'frobnicate'" mbx frobnicate
	bad 2 "unknown command 'frobnicate'" mbx region frobnicate
	bad 2 "no command 'frobnicate'" mbx help frobnicate
	bad 2 "no command 'put'" mbx help put
}

an_unknown_option_is_wrong_usage() {
	bad 2 "unknown option '--frobnicate'" mbx --frobnicate
	bad 2 "unknown option '--frobnicate'; see 'mbx send --help'" \
		mbx send --frobnicate "$box"
	bad 2 "unknown option '-Z'" mbx recv -Z "$box"
}

an_option_without_its_argument_is_wrong_usage() {
	bad 2 "option '--prio' needs an argument" mbx send "$box" --prio
	bad 2 "option '-p' needs an argument" mbx send "$box" -p
}

a_switch_with_an_argument_is_wrong_usage() {
	bad 2 "option '--json=1' takes no argument" mbx info --json=1
}

too_few_operands_are_wrong_usage() {
	for command in create rm send recv call serve stat "region create" "region put" \
		"region get" "region wait" "region notify" "region rm" \
		"region stat"; do
		# shellcheck disable=SC2086 # two words
		bad 2 "too few operands" mbx $command
	done
	bad 2 "too few operands, it takes NAME SIZE" mbx region create "$region"
}

too_many_operands_are_wrong_usage() {
	bad 2 "'two' is one operand too many" mbx recv one two
	bad 2 "'one' is one operand too many" mbx info one
}

a_value_that_is_not_understood_is_named() {
	bad 2 "--prio: '32' is not a priority" mbx send --prio 32 "$box" x
	bad 2 "--tag: '-1' is not a number" mbx send --tag -1 "$box" x
	bad 2 "--timeout: '5x' is not a duration" mbx send --timeout 5x "$box" x
	bad 2 "--count: '0' is not from 1" mbx recv --count 0 "$box"
	bad 2 "--from: 'me' is not a number" mbx recv --from me "$box"
	bad 2 "--mode: '888' is not an octal mode" mbx create --mode 888 "$box"
	bad 2 "--overflow: 'maybe' is not one of block, reject" \
		mbx create --overflow maybe "$box"
	bad 2 "--slot: '64' is not a slot" mbx region wait --slot 64 "$region"
}

options_that_contradict_each_other_are_wrong_usage() {
	for options in "send --nonblock --timeout 1" "send --file x --lines --file y word" \
		"recv --follow --count 2" "recv --follow --peek" "recv --raw --json" \
		"recv --nonblock --timeout 1" "recv --verbose --raw" \
		"recv --peek --count 1025" "create --owner" \
		"region get --seq 3" "region get --timeout 1" "region get --slot 1" \
		"region wait --nonblock" "region wait --seq 1 --slot 1 --slot 2" \
		"region put --mode 600 x" "region put --create --offset 1 x"; do
		# shellcheck disable=SC2086 # lists of words
		bad 2 "--help'" mbx $options "$box"
	done
	bad 2 "a command to run needs --owner" mbx create "$box" sleep 1
}

a_full_disk_is_told() {
	mbx --help >/dev/full 2>err
	status=$?
	status_is 1
	err_has "cannot write to standard output: No space left on device"
}

a_closed_output_is_told() {
	mbx --help >&- 2>err
	status=$?
	status_is 1
	err_has "cannot write to standard output: Bad file descriptor"
}

a_closed_pipe_is_silent_and_fails() {
	{
		mbx --help 2>err
		echo $? >status
	} | :
	wait_for [ -s status ]
	# The pipe may have taken all before its reader was gone.
	[ ! -s err ] || fail "words on stderr"
	case $(cat status) in
	0 | 1) ;;
	*) fail "status $(cat status)" ;;
	esac
}

run_tests \
	version_names_tool_and_library \
	help_lists_every_command \
	short_and_long_help_and_the_command_help_are_the_same \
	every_command_has_a_help_of_its_own \
	help_and_the_option_help_are_the_same \
	help_of_a_group_lists_its_commands \
	help_fits_a_terminal \
	no_command_is_wrong_usage \
	an_unknown_command_is_wrong_usage \
	an_unknown_option_is_wrong_usage \
	an_option_without_its_argument_is_wrong_usage \
	a_switch_with_an_argument_is_wrong_usage \
	too_few_operands_are_wrong_usage \
	too_many_operands_are_wrong_usage \
	a_value_that_is_not_understood_is_named \
	options_that_contradict_each_other_are_wrong_usage \
	a_full_disk_is_told \
	a_closed_output_is_told \
	a_closed_pipe_is_silent_and_fails
