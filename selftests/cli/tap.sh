# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What the tests of the tool share. A test file sources this, defines a function
# for each test, and ends with
#
#	run_tests FUNCTION...
#
# A test runs in a subshell, in an empty directory of its own, with the names
# $box, $other and $region free for its mailboxes and region. It fails by fail()
# or by a check below, and ends there. What it has started in the background and
# what it has created is gone afterwards.
#
# What is done for each test, or by each check, is done without starting programs where
# that can be: in an emulated machine they are what takes the time.

# shellcheck source=json.sh
. "$(dirname "$0")/json.sh"

box=cli/box
other=cli/other
region=cli/region
newline='
'

# --- running tests ----------------------------------------------------------

fail() {
	echo "# $*"
	for stream in out err; do
		[ ! -s "$work/$stream" ] ||
			head -c 2000 "$work/$stream" | sed "s/^/# $stream: /"
	done
	exit 1
}

# skip WHY: ends the test, which could not be run.
skip() {
	echo "$*" >"$work/skipped"
	exit 0
}

# Each object holds the module.
nothing_is_left() {
	{ read -r users </sys/module/mbx/refcnt; } 2>/dev/null && [ "$users" = 0 ]
}

# shellcheck disable=SC2086 # lists of words
clean_up() {
	[ -z "$background" ] || kill -9 $background 2>/dev/null
	nothing_is_left || {
		mbx rm "$box" "$other"
		mbx region rm "$region"
	} >/dev/null 2>&1
	cd /
}

run_test() {
	background=
	trap clean_up EXIT
	cd "$work" || exit 1
	TMPDIR=$work
	export TMPDIR
	"$1"
}

# make_places TEST...: other users' programs run there too.
make_places() {
	places=$(mktemp -d) || return
	chmod 711 "$places"
	(cd "$places" && mkdir -m 777 "$@")
}

run_tests() {
	echo "TAP version 13"
	echo "1..$#"
	make_places "$@" || exit 1
	number=0
	failed=0
	for test in "$@"; do
		number=$((number + 1))
		work=$places/$test
		if ! (run_test "$test"); then
			failed=$((failed + 1))
			echo "not ok $number - $test"
		elif [ -e "$work/skipped" ]; then
			echo "ok $number - $test # SKIP $(cat "$work/skipped")"
		else
			echo "ok $number - $test"
		fi
	done
	rm -rf "$places"
	[ "$failed" = 0 ]
}

# --- running the tool -------------------------------------------------------

# run COMMAND...: its output goes to the files out and err, its status to $status.
run() {
	"$@" >"$work/out" 2>"$work/err"
	status=$?
}

# start COMMAND...: in the background, as process $pid.
start() {
	"$@" &
	pid=$!
	background="$background $pid"
}

# finish: waits for process $pid, with its exit status as $status.
finish() {
	wait "$pid"
	status=$?
}

# as_user NAME SCRIPT
as_user() {
	su -s /bin/sh "$1" -c "$2"
}

# need_user: the tests with other users want root and alice.
need_user() {
	[ "$(id -u)" = 0 ] || skip "only root can act for other users"
	id alice >/dev/null 2>&1 || skip "there is no user alice"
}

# --- checks -----------------------------------------------------------------

# good COMMAND...: runs it, and it succeeds without a word on stderr.
good() {
	run "$@"
	[ "$status" = 0 ] || fail "status $status: $*"
	[ ! -s "$work/err" ] || fail "words on stderr: $*"
}

# bad STATUS SENTENCE COMMAND...: it fails so, with this on stderr, and silent
# on stdout.
bad() {
	expected=$1
	sentence=$2
	shift 2
	run "$@"
	[ "$status" = "$expected" ] || fail "status $status, not $expected: $*"
	err_has "$sentence"
	[ ! -s "$work/out" ] || fail "words on stdout: $*"
}

status_is() {
	[ "$status" = "$1" ] || fail "status $status, not $1"
}

# content_of FILE: sets $content; for short files, as each byte is a call.
content_of() {
	content=
	while IFS= read -r rest; do
		content="$content$rest$newline"
	done <"$1"
	content=$content$rest
}

# out_is TEXT: apart from newlines at the end.
out_is() {
	content_of "$work/out"
	while [ "$content" != "${content%"$newline"}" ]; do
		content=${content%"$newline"}
	done
	[ "$content" = "$1" ] || fail "stdout is not: $1"
}

out_has() {
	grep -qF -e "$1" "$work/out" || fail "not on stdout: $1"
}

err_has() {
	content_of "$work/err"
	case $content in
	*"$1"*) ;;
	*) fail "not on stderr: $1" ;;
	esac
}

out_is_json() {
	json_check "$work/out" || fail "stdout is not an object of JSON in each line"
}

# out_field KEY VALUE: of the first line.
out_field() {
	IFS= read -r first_line <"$work/out"
	json_value "$first_line" "$1"
	[ "$found" = "$2" ] || fail "$1 is '$found', not '$2'"
}

# large_file FILE MIB: bytes of all kinds, no two MiB the same. From urandom they
# would take too long in an emulated machine.
large_file() {
	dd if="$(command -v busybox)" of="$1.part" bs=1048568 count=1 2>/dev/null
	truncate -s 1048568 "$1.part"
	for part in $(seq "$2"); do
		printf '%08d' "$part"
		cat "$1.part"
	done >"$1"
	rm "$1.part"
}

sum_of() {
	md5sum <"$1"
}

# same_sums FILE FILE: for large files; cmp looks at one byte at a time.
same_sums() {
	[ "$(sum_of "$1")" = "$(sum_of "$2")" ] || fail "$1 and $2 differ"
}

same_files() {
	cmp "$1" "$2" >/dev/null 2>&1 || fail "$1 and $2 differ"
}

# stat_is NAME KEY VALUE
stat_is() {
	json_value "$(mbx stat --json "$1")" "$2"
	[ "$found" = "$3" ] || fail "$2 of $1 is '$found', not '$3'"
}

# has NAME KEY VALUE: the same, as a condition.
has() {
	json_value "$(mbx stat --json "$1" 2>/dev/null)" "$2"
	[ "$found" = "$3" ]
}

gone() {
	! mbx stat "$1" >/dev/null 2>&1
}

ended() {
	! kill -0 "$1" 2>/dev/null
}

# wait_for CONDITION...: a state that is not there after 20 s will not come.
wait_for() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -lt 1000 ] || fail "did not come true: $*"
		sleep 0.02
	done
}
