# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# JSON for tests, where there is nothing but awk.

# json_check FILE: each line is one valid object (RFC 8259), and there is one.
json_check() {
	awk '
	function peek() {
		return substr(text, at, 1)
	}

	function expect(word) {
		if (substr(text, at, length(word)) != word)
			return 0
		at += length(word)
		return 1
	}

	function match_here(pattern) {
		if (!match(substr(text, at), "^" pattern))
			return 0
		at += RLENGTH
		return 1
	}

	function string() {
		return match_here("\"([^\"\\\\\001-\037]|\\\\[\"\\\\/bfnrt]|" \
			"\\\\u[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F])*\"")
	}

	function number() {
		return match_here("-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?")
	}

	function members() {
		if (expect("}"))
			return 1
		do {
			if (!string() || !expect(":") || !value())
				return 0
		} while (expect(","))
		return expect("}")
	}

	function elements() {
		if (expect("]"))
			return 1
		do {
			if (!value())
				return 0
		} while (expect(","))
		return expect("]")
	}

	function value() {
		if (peek() == "\"")
			return string()
		if (expect("{"))
			return members()
		if (expect("["))
			return elements()
		return expect("true") || expect("false") || expect("null") || number()
	}

	{
		text = $0
		at = 1
		if (!expect("{") || !members() || at != length(text) + 1) {
			print "# not valid: " $0
			bad = 1
		}
	}

	END {
		exit bad || !NR
	}' "$1"
}

# json_value TEXT KEY: into $found, the value of a field, a string without its
# quotes. Without another process: tests ask often, and emulated machines are slow.
json_value() {
	found=
	case $1 in
	*[\{,]\""$2"\":*) ;;
	*) return ;;
	esac
	found=${1#*[\{,]\""$2"\":}
	case $found in
	\"*)
		found=${found#\"}
		found=${found%%\"*}
		;;
	*)
		found=${found%%[,\}]*}
		;;
	esac
}

# json_field KEY: the same, of the first line on stdin, to stdout.
json_field() {
	IFS= read -r first_line
	json_value "$first_line" "$1"
	echo "$found"
}
