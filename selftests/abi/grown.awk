# SPDX-License-Identifier: GPL-2.0-only
#
# Reads a report of abidiff. Prints the lines which say more than that a function
# was added, or a field at the end of a struct or in place of a reserved one:
# programs linked before do not notice these, as the library is told the size of
# what it gets.

function allowed() {
	return $0 ~ /^[ \t]*$/ ||
		/changes summary: 0 Removed/ ||
		/^ *[0-9]+ Added functions?:/ ||
		/^ *\[A\] 'function / ||
		/^ *[0-9]+ functions? with some indirect sub-type changes?:/ ||
		/^ *\[C\] 'function .* has some indirect sub-type changes:/ ||
		/^ *parameter [0-9]+ of type .* has sub-type changes:/ ||
		/^ *in (pointed to|unqualified underlying) type .*:/ ||
		/^ *(pointed to|unqualified underlying) type .* changed, as reported earlier/ ||
		/^ *type size hasn't changed/ ||
		/^ *[0-9]+ data member (insertion|change)s?:/ ||
		/^ *name of '.*::reserved[0-9]*' changed to / ||
		/^ *[0-9]+ enumerator insertions?:/ ||
		/^ *'.*::MBX_[A-Z0-9_]+' value '[0-9]+'$/
}

/in (pointed to|unqualified underlying) type '(const )?struct / {
	type = $0
	sub(/.*struct /, "", type)
	sub(/'.*/, "", type)
}

# It lives in memory that programs of different ages share.
/^ *type size changed from [0-9]+ to [0-9]+/ && type != "mbx_lock" && $7 + 0 > $5 + 0 {
	size = $5
	next
}

/^ *'.*', at offset [0-9]+ / {
	at = $0
	sub(/.*at offset /, "", at)
	if (at + 0 >= size + 0)
		next
}

!allowed() {
	print
}
