#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What mbx does, step by step, on real files. Each step says what it shows and
# checks it; the exit status is not 0 if a check fails. Needs the module loaded
# and mbx on PATH. SIZE_MIB is the size of the file handed over.

jobs=demo/jobs
answers=demo/answers
file=demo/file
service=demo/service
size=${SIZE_MIB:-32}

checks=0
failures=0
children=

# --- telling, checking, waiting ---------------------------------------------

title() {
	printf '\n=== %s\n\n' "$*"
}

tell() {
	printf '%s\n' "$*"
}

# show COMMAND...: prints it as typed, then what it prints.
show() {
	echo "\$ $*"
	"$@"
}

# check WHAT CONDITION...
check() {
	what=$1
	shift
	checks=$((checks + 1))
	if "$@"; then
		echo "  ok: $what"
	else
		failures=$((failures + 1))
		echo "  FAILED: $what"
	fi
}

# counter NAME KEY: of a mailbox or region; empty if it is not there.
counter() {
	mbx stat --json "$1" 2>/dev/null | sed -n 's/.*"'"$2"'":\([0-9]*\).*/\1/p'
}

counts() {
	[ "$(counter "$1" "$2")" = "$3" ]
}

# await NAME KEY VALUE: until a counter has it, 10 s at most.
await() {
	tries=0
	until counts "$1" "$2" "$3"; do
		tries=$((tries + 1))
		if [ "$tries" -gt 500 ]; then
			echo "gave up waiting for $2 of $1 to be $3"
			exit 1
		fi
		sleep 0.02
	done
}

milliseconds() {
	sed 's/\([0-9]*\)\.\([0-9]*\) .*/\1\20/' /proc/uptime
}

sum_of() {
	sha256sum <"$1" | cut -d ' ' -f 1
}

# shellcheck disable=SC2086 # a list of words
clean_up() {
	[ -z "$children" ] || kill -9 $children 2>/dev/null
	mbx rm "$jobs" "$answers" 2>/dev/null
	mbx region rm "$file" 2>/dev/null
	rm -rf "$work"
}

# --- messages by priority ---------------------------------------------------

# client NUMBER PRIORITY PATH: asks for a checksum, waits for the answer that has
# its number, and notes whether it is right.
client() {
	mbx send "$jobs" --prio "$2" --tag "$1" "$3" || return
	answer=$(mbx recv "$answers" --tag "$1")
	[ "$answer" = "$(sum_of "$3")" ] && : >"right$1"
	tell "  client $1 has its answer about $3: $(echo "$answer" | cut -c 1-16)..."
}

# field KEY TEXT: of a line of JSON without nested values.
field() {
	printf '%s\n' "$2" | sed -n 's/.*"'"$1"'":"\{0,1\}\([^",}]*\).*/\1/p'
}

# worker COUNT: answers so many jobs, in the order the mailbox gives them.
worker() {
	for _ in $(seq "$1"); do
		job=$(mbx recv "$jobs" --json) || return
		path=$(field payload "$job")
		tell "  worker: priority $(field prio "$job") from process $(field pid "$job"), uid $(field uid "$job"): $path"
		field prio "$job" >>order
		mbx send "$answers" --tag "$(field tag "$job")" "$(sum_of "$path")"
	done
}

messages() {
	title "Messages by priority between processes"
	tell "Three clients ask a worker for checksums, the least urgent first. Each waits"
	tell "for the answer with its own tag. The kernel says who has sent what."
	show mbx create "$jobs" --max-msgs 16
	show mbx create "$answers"
	show mbx stat "$jobs"
	check "STAT before: nothing was sent" counts "$jobs" sent 0

	number=0
	for job in "1 /etc/passwd" "9 /proc/version" "5 $script"; do
		number=$((number + 1))
		client "$number" "${job%% *}" "${job#* }" &
		children="$children $!"
		clients="$clients $!"
		await "$jobs" msgs "$number"
	done
	await "$answers" waiting_receivers 3
	check "three jobs are queued" counts "$jobs" msgs 3
	worker 3
	for child in $clients; do
		wait "$child"
	done
	check "the worker got the urgent first" [ "$(tr '\n' ' ' <order)" = "9 5 1 " ]
	check "each client got its own answer, and a right one" \
		[ "$(echo right*)" = "right1 right2 right3" ]
	show mbx stat "$jobs"
	check "STAT after: three sent" counts "$jobs" sent 3
	check "STAT after: three received" counts "$jobs" received 3
	check "STAT after: none dropped" counts "$jobs" dropped 0
}

# --- a message to a process --------------------------------------------------

direct() {
	title "A message to a process, by its number"
	tell "A process has a mailbox of its own, which has no name and ends with it."
	tell "\$ mbx recv --direct --json &"
	mbx recv --direct --json >got &
	receiver=$!
	children="$children $receiver"
	tell "The sender waits until the process has bound its mailbox."
	show mbx send --pid "$receiver" --wait-bound "hello process $receiver"
	wait "$receiver"
	cat got
	check "process $receiver got it" [ "$(field payload "$(cat got)")" = "hello process $receiver" ]
	check "it came through its own mailbox" [ "$(field process "$(cat got)")" = "$receiver" ]
	mbx send --pid "$receiver" "too late" 2>words
	status=$?
	cat words
	check "with the process, its mailbox has ended" [ "$status" = 1 ]
}

# --- request and reply ------------------------------------------------------

# server COMMAND...: of the mailbox, as process $owner.
server() {
	tell "\$ mbx serve $service --owner -- $* &"
	mbx serve "$service" --owner -- "$@" &
	owner=$!
	children="$children $owner"
	await "$service" received 0
}

calls() {
	title "A request is answered by a server"
	tell "For each request the server runs a command: the request is its input, what it"
	tell "prints is the reply. The caller waits for its reply in one system call."
	server sha256sum
	tell "\$ mbx call $service --file /etc/passwd --json"
	mbx call "$service" --file /etc/passwd --json | tee answer
	check "the reply is right" [ "$(field payload "$(cat answer)" | cut -c 1-64)" = "$(sum_of /etc/passwd)" ]
	check "the caller knows who has replied" [ "$(field pid "$(cat answer)")" = "$owner" ]
	kill "$owner"
	wait "$owner"
	check "the server ended well" [ $? = 0 ]
}

killed_server() {
	title "A server is killed, and its caller learns it at once"
	server sleep 1000
	tell "\$ mbx call $service question &"
	mbx call "$service" question 2>words &
	caller=$!
	children="$children $caller"
	await "$service" received 1
	check "the request was received, its caller waits" counts "$service" calls 1
	tell "\$ kill -9 $owner"
	start=$(milliseconds)
	kill -9 "$owner"
	wait "$caller"
	status=$?
	tell "the caller ended within $(($(milliseconds) - start)) ms of the kill:"
	cat words
	check "the caller was told by an error" [ "$status" = 1 ]
	check "the error says why" grep -q "the server died before it answered" words
	wait "$owner" 2>/dev/null
}

# --- a large file through a region ------------------------------------------

# Bytes of all kinds, no two MiB the same; from urandom all of them would take
# longer than the hand-over.
make_file() {
	dd if=/dev/urandom of=piece bs=4096 count=1 2>/dev/null
	dd if="$(command -v mbx)" bs=1044472 count=1 2>/dev/null >>piece
	truncate -s 1048568 piece
	for part in $(seq "$size"); do
		printf '%08d' "$part"
		cat piece
	done >original
	rm piece
}

hand_over() {
	title "A file of $size MiB through a region"
	make_file
	bytes=$(stat -c %s original)
	tell "The reader sleeps until it is notified; it does not poll."
	show mbx region create "$file" "$bytes"
	show mbx region stat "$file"
	tell "\$ mbx region get $file --wait --output copy &"
	mbx region get "$file" --wait --output copy &
	reader=$!
	children="$children $reader"
	await "$file" waiters 1
	check "the reader waits" counts "$file" waiters 1
	start=$(milliseconds)
	tell "\$ mbx region put $file original --json"
	mbx region put "$file" original --json | tee answer
	wait "$reader"
	status=$?
	tell "handed over in $(($(milliseconds) - start)) ms"
	check "the writer has woken one reader" grep -q '"woken":1' answer
	check "the reader ended well" [ "$status" = 0 ]
	sent=$(sum_of original)
	got=$(sum_of copy)
	tell "sha256 of the original: $sent"
	tell "sha256 of the copy:     $got"
	check "the checksums are equal" [ "$sent" = "$got" ]
	show mbx region stat "$file"
	check "STAT after: nobody waits" counts "$file" waiters 0
	check "STAT after: one was woken" counts "$file" woken 1
	rm original copy
}

# --- the death of an owner --------------------------------------------------

is_gone() {
	! mbx stat "$1" >/dev/null 2>&1
}

death() {
	title "An owner is killed, and the others are told at once"
	tell "The mailbox belongs to a process and ends with it, however that dies."
	tell "\$ mbx create $service --owner -- sleep 1000 &"
	mbx create "$service" --owner -- sleep 1000 &
	owner=$!
	children="$children $owner"
	await "$service" waiting_receivers 0
	users=
	for number in 1 2 3; do
		mbx recv "$service" 2>"words$number" &
		children="$children $!"
		users="$users $!"
	done
	await "$service" waiting_receivers 3
	show mbx stat "$service"
	check "three users wait at the mailbox of process $owner" \
		counts "$service" waiting_receivers 3
	tell "\$ kill -9 $owner"
	start=$(milliseconds)
	kill -9 "$owner"
	told=0
	for user in $users; do
		wait "$user" 2>/dev/null
		[ $? = 1 ] && told=$((told + 1))
	done
	tell "all users ended within $(($(milliseconds) - start)) ms of the kill:"
	cat words1 words2 words3
	check "each user was told by an error" [ "$told" = 3 ]
	check "the error says why" [ "$(cat words? | grep -c "its owner has ended")" = 3 ]
	check "the name is gone" is_gone "$service"
	wait "$owner" 2>/dev/null
}

clients=
work=$(mktemp -d)
trap clean_up EXIT
trap 'exit 130' INT TERM
script=$(realpath "$0")
cd "$work" || exit 1
begin=$(milliseconds)

title "The module"
show mbx info || exit 1
messages
direct
calls
killed_server
hand_over
death

title "Result"
tell "$checks checks, $failures failed, in $(($(milliseconds) - begin)) ms"
[ "$failures" = 0 ]
