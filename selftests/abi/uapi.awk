# SPDX-License-Identifier: GPL-2.0-only
#
# What the header of the user interface defines, as macros for whoever includes
# the output: every struct, field, constant and command. Who includes it defines
# the macros of interest. A line that is not understood is an error, so that
# nothing is left out.

BEGIN {
	split("STRUCT FIELD RESERVED CONSTANT STRING COMMAND", kinds)
	for (i in kinds)
		printf "#ifndef UAPI_%s\n#define UAPI_%s(...)\n#endif\n", kinds[i], kinds[i]
}

function fail(what) {
	printf "%s:%d: %s: %s\n", FILENAME, FNR, what, $0 >"/dev/stderr"
	failed = 1
}

/^struct mbx_[a-z_]+ \{$/ {
	type = $2
	printf "UAPI_STRUCT(%s)\n", type
	next
}

/^enum mbx_[a-z_]+ \{$/ {
	inside_enum = 1
	next
}

/^\};$/ {
	type = ""
	inside_enum = 0
	next
}

type != "" && /^\t__[a-z0-9_]+ [a-z0-9_]+;$/ {
	member = substr($2, 1, length($2) - 1)
	printf "UAPI_FIELD(%s, %s, %s)\n", type, member, $1
	if (member ~ /^reserved/)
		printf "UAPI_RESERVED(%s, %s)\n", type, member
	next
}

type != "" {
	fail("not a field of a kind that is known here")
}

inside_enum && /^\tMBX_[A-Z0-9_]+[ \t]*= .*,$/ {
	printf "UAPI_CONSTANT(%s)\n", $1
	next
}

inside_enum {
	fail("not a constant with a value")
}

/^#define MBX_IOC_[A-Z_]+[ \t]+_IO.*\/\* struct mbx_[a-z_]+ \*\/$/ {
	printf "UAPI_COMMAND(%s, %s)\n", $2, $(NF - 1)
	next
}

/^#define MBX_IOC_MAGIC[ \t]/ {
	printf "UAPI_CONSTANT(%s)\n", $2
	next
}

/^#define MBX_IOC_/ {
	fail("not a command with its argument in a comment")
}

/^#define MBX_[A-Z0-9_]+[ \t]+"/ {
	printf "UAPI_STRING(%s)\n", $2
	next
}

/^#define MBX_[A-Z0-9_]+[ \t]/ {
	printf "UAPI_CONSTANT(%s)\n", $2
	next
}

/^[ \t]*(struct|enum|union|typedef|#define) / && !/^#define _UAPI_/ {
	fail("not of a kind that is known here")
}

END {
	for (i in kinds)
		printf "#undef UAPI_%s\n", kinds[i]
	exit failed
}
