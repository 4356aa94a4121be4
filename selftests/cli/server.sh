# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# A server for tests; to be sourced after tap.sh.

# serve WORD...: a server of $box as process $server.
serve() {
	mbx serve "$box" "$@" 2>"$work/said" &
	server=$!
	background="$background $server"
}

# stop_server [SIGNAL]: it ends well.
stop_server() {
	kill -"${1:-TERM}" "$server"
	wait "$server"
	status=$?
	status_is 0
}

said_nothing() {
	[ ! -s "$work/said" ] || fail "the server says: $(cat "$work/said")"
}

said() {
	grep -qF -e "$1" "$work/said" || fail "the server does not say: $1"
}
