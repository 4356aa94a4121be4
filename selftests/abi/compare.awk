# SPDX-License-Identifier: GPL-2.0-only
#
# awk -f compare.awk RECORDED PRESENT: two descriptions of the headers.
# Prints what breaks programs that were compiled before, as "broken: ...", and
# what they do not notice, as "added: ...".

/^#/ {
	next
}

FNR == NR {
	before[$1 " " $2] = $0
	next
}

{
	now[$1 " " $2] = $0
	if ($1 == "field" && !(("field " $2) in before)) {
		split($2, name, ".")
		fields_at[name[1] " " $3] = $2
	}
}

END {
	for (key in before)
		judge(key, before[key])
	for (key in now)
		if (!(key in before))
			judge_addition(key)
}

function broken(what) {
	print "broken: " what
}

function judge(key, old,	was, is) {
	split(old, was)
	if (key in now)
		split(now[key], is)
	if (!(key in now))
		judge_removal(old, was)
	else if (now[key] == old)
		return
	else if (may_grow(was) && is[3] + 0 > was[3] + 0)
		print "added: " old " has grown to " is[3]
	else
		broken(old " has become " now[key])
}

# read(2) returns slots, and has no place for the size that its caller knows.
function may_grow(was) {
	return was[1] == "struct" && was[2] != "mbx_slot" ||
		was[2] == "MBX_ABI_VERSION"
}

# Reserved bytes are there to be used up.
function judge_removal(old, was,	name) {
	split(was[2], name, ".")
	if (was[1] == "field" && name[2] ~ /^reserved/ &&
	    (name[1] " " was[3]) in fields_at)
		print "added: " old " is used by " fields_at[name[1] " " was[3]]
	else
		broken(old " is gone")
}

# A field that is new is where nothing was, or where there were reserved bytes.
function judge_addition(key,	f, name, old) {
	split(now[key], f)
	split(f[2], name, ".")
	split(before["struct " name[1]], old)
	if (f[1] == "field" && ("struct " name[1]) in before &&
	    f[3] + 0 < old[3] + 0 && !was_reserved(name[1], f[3], f[4]))
		broken(now[key] " is new, where something else was")
	else
		print "added: " now[key]
}

function was_reserved(type, at, size,	key, f, name) {
	for (key in before) {
		split(before[key], f)
		split(f[2], name, ".")
		if (f[1] == "field" && name[1] == type &&
		    name[2] ~ /^reserved/ && at + 0 >= f[3] + 0 &&
		    at + size <= f[3] + f[4])
			return 1
	}
	return 0
}
