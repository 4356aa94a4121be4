#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The tool on a terminal: progress is shown there and nowhere else, and what
# others have sent can't act on it. Busybox has a telnet server, which runs a
# program on a terminal of its own.

# shellcheck source=tap.sh
. "$(dirname "$0")/tap.sh"

port=2399

# on_terminal: runs the script on stdin on a terminal; what is shown there goes
# to the file screen.
on_terminal() {
	{
		echo '#!/bin/sh'
		echo "cd '$work'"
		cat
	} >"$work/script"
	chmod +x "$work/script"
	busybox telnetd -h >/dev/null 2>&1
	[ $? != 127 ] || skip "there is no telnetd"
	# The client's input must not end before the program does.
	[ -p "$work/keys" ] || mkfifo "$work/keys"
	exec 4<>"$work/keys"
	start busybox telnetd -F -b 127.0.0.1 -p "$port" -l "$work/script" \
		2>"$work/telnetd"
	wait_for connected
	exec 4>&-
	kill "$pid"
}

connected() {
	busybox nc 127.0.0.1 "$port" <&4 2>/dev/null | tr -d '\0' >"$work/screen"
	[ -s "$work/screen" ]
}

screen_has() {
	grep -qF -e "$1" "$work/screen" && return
	head -c 1000 "$work/screen" | tr '\r' '\n' | sed 's/^/# screen: /'
	fail "not on the screen: $1"
}

progress_of_put_and_get_is_on_a_terminal() {
	truncate -s 3M file
	on_terminal <<-END
		mbx region put '$region' file --create
		mbx region get '$region' -o copy
		echo status \$?
	END
	screen_has "file: 3.0 MiB of 3.0 MiB (100%)"
	screen_has "$region: 3.0 MiB of 3.0 MiB (100%)"
	screen_has "status 0"
	same_sums file copy
}

progress_of_a_long_input_is_on_a_terminal() {
	truncate -s 2M file
	good mbx create "$box" --max-msg-size 16M
	good mbx create "$other" --max-msgs 10000 --max-bytes 16M
	seq 5000 | sed 's/$/ and some words to make the line of this number long enough, so that all of them together are more than one MiB, of which the progress is shown, and not less; for that a line needs two hundred bytes and more/' >numbers
	[ "$(wc -c <numbers)" -gt 1048576 ] || fail "the file is too short"
	on_terminal <<-END
		mbx send '$box' --file file
		mbx send '$other' --lines --file numbers
	END
	screen_has "file: 2.0 MiB of 2.0 MiB (100%)"
	screen_has "numbers: 1.0 MiB of 1.0 MiB (100%)"
}

progress_is_not_among_bytes_on_the_terminal() {
	truncate -s 1048577 file
	good mbx region put "$region" file --create
	on_terminal <<-END
		mbx region get '$region'
		echo status \$?
	END
	screen_has "status 0"
	! grep -q MiB screen || fail "progress was shown"
}

no_progress_is_in_a_pipe_or_file() {
	truncate -s 3M file
	good mbx region put "$region" file --create
	good mbx region get "$region" -o copy
	mbx region get "$region" 2>err | cat >copy
	mbx region put "$region" file 2>&1 | cat >out
	[ ! -s err ] || fail "words on stderr"
	[ ! -s out ] || fail "words in the pipe"
}

control_characters_of_others_are_made_visible_on_a_terminal() {
	good mbx create "$box"
	printf 'red \033[31m\nbell\007\ncsi \302\2331m \303\244' >file
	good mbx send "$box" --file file
	on_terminal <<-END
		mbx recv '$box'
	END
	screen_has "red \x1b[31m"
	screen_has "bell\x07"
	screen_has "csi \xc2\x9b1m ä"
	printf 'other \2331m' | mbx send "$box" || fail "send"
	on_terminal <<-END
		mbx recv '$box' --peek --raw >/dev/null
		mbx recv '$box'
	END
	screen_has "other \x9b1m"
	good mbx send "$box" --file file
	good mbx recv "$box"
	printf '\n' | cat file - >wanted
	same_files out wanted
}

run_tests \
	progress_of_put_and_get_is_on_a_terminal \
	progress_of_a_long_input_is_on_a_terminal \
	progress_is_not_among_bytes_on_the_terminal \
	no_progress_is_in_a_pipe_or_file \
	control_characters_of_others_are_made_visible_on_a_terminal
