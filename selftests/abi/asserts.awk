# SPDX-License-Identifier: GPL-2.0-only
#
# What describe.c prints, as assertions for a compiler, which need not make a
# program that runs here.

BEGIN {
	print "#include <stddef.h>"
	print "#include <linux/mbx.h>"
	print "#define SIZE(type, member) sizeof(((struct type *)0)->member)"
}

function assert(condition) {
	printf "_Static_assert(%s, \"%s\");\n", condition, $0
}

$1 == "struct" {
	assert(sprintf("sizeof(struct %s) == %s", $2, $3))
}

$1 == "field" {
	split($2, name, ".")
	assert(sprintf("offsetof(struct %s, %s) == %s", name[1], name[2], $3))
	assert(sprintf("SIZE(%s, %s) == %s", name[1], name[2], $4))
}

$1 == "constant" {
	assert(sprintf("(unsigned long long)(%s) == %sULL", $2, $3))
}

$1 == "command" {
	assert(sprintf("(unsigned int)(%s) == %s", $2, $3))
}
