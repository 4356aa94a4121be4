# SPDX-License-Identifier: GPL-2.0-only
#
# A table of the files in what lcov has captured, which is sorted by file: lines and
# branches, reached and all, with a sum for each of the top directories. "root" is
# where the files' names begin.

function share(reached, all) {
	return all ? sprintf("%5.1f %%", 100 * reached / all) : "      -"
}

function row(name, lf, lh, bf, bh) {
	printf "%-32s %5d of %5d %s %6d of %5d %s\n", name, lh, lf,
		share(lh, lf), bh, bf, share(bh, bf)
}

function sum() {
	if (directory != "")
		row(directory, all_lf, all_lh, all_bf, all_bh)
	all_lf = all_lh = all_bf = all_bh = 0
}

BEGIN {
	printf "%-32s %22s %24s\n", "", "lines reached", "branches reached"
}

/^SF:/ {
	name = substr($0, 4 + length(root) + 1)
	lf = lh = bf = bh = 0
}

/^LF:/ { lf = substr($0, 4) }
/^LH:/ { lh = substr($0, 4) }
/^BRF:/ { bf = substr($0, 5) }
/^BRH:/ { bh = substr($0, 5) }

/^end_of_record/ {
	of = name
	sub(/\/.*/, "/", of)
	if (of != directory)
		sum()
	directory = of
	row(name, lf, lh, bf, bh)
	all_lf += lf
	all_lh += lh
	all_bf += bf
	all_bh += bh
}

END {
	sum()
}
