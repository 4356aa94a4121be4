# SPDX-License-Identifier: GPL-2.0-only
#
# Judge the runner's frames: a line for each program, the diagnostics of each
# failed test, and at the end the totals, written to the file named by the
# variable "totals". A program fails, beyond its own "not ok", when it dies,
# gives no plan, or gives fewer or more results than planned, when the kernel
# reports a bug meanwhile, and when the guest ends under it.

function begin(program) {
	name = program
	planned = -1
	passed = failed = skipped = 0
	skip_all = ""
	diagnostics = ""
	text = ""
	open = 1
}

function complain(why) {
	failed++
	text = text "    FAILED " why "\n"
}

function result(good, line) {
	if (line ~ /# *[Ss][Kk][Ii][Pp]/) {
		skipped++
		text = text "    skipped " line "\n"
	} else if (good) {
		passed++
	} else {
		failed++
		text = text diagnostics "    FAILED " line "\n"
	}
	diagnostics = ""
}

function plan(line) {
	sub(/^1\.\./, "", line)
	planned = line + 0
	if (planned == 0 && line ~ /# *[Ss][Kk][Ii][Pp]/)
		skip_all = line
}

function check_plan(seen) {
	seen = passed + failed + skipped
	if (skip_all != "" && seen == 0) {
		skipped++
		text = text "    skipped " skip_all "\n"
	} else if (planned < 0) {
		complain("gave no plan")
	} else if (planned == 0) {
		complain("planned no test")
	} else if (seen < planned) {
		complain((planned - seen) " of " planned " planned tests gave no result")
		failed += planned - seen - 1
	} else if (seen > planned) {
		complain(seen " results, planned " planned)
	}
}

function finish(status, duration) {
	if (status == 124 || status == 137)
		complain("ran longer than its time limit")
	if (planned >= 0 || status != 4)
		check_plan()
	else {
		skipped++
		text = text "    skipped by exit status 4\n"
	}
	if (status != 0 && status != 4 && failed == 0)
		complain("ended with status " status)
	if (reports)
		complain("the kernel reports a bug:")
	for (i = 1; i <= reports; i++)
		text = text "      " report[i] "\n"
	if (failed && diagnostics != "")
		text = text "    last output:\n" diagnostics
	printf "%-4s %-36s %4d passed %3d failed %3d skipped %7.1f s\n%s", \
		failed ? "FAIL" : "ok", name, passed, failed, skipped, \
		duration / 1000, text
	fflush()
	all_passed += passed
	all_failed += failed
	all_skipped += skipped
	reports = 0
	open = 0
}

/^@@begin / {
	begin($2)
	next
}

/^@@kernel / && open {
	report[++reports] = substr($0, 10)
	kernel_reports++
	next
}

/^@@end / && open {
	finish($3, $4)
	done++
	next
}

# The guest or the module failed, by the emulator's fault or not: under a test, or after all of them.
/^@@retry/ {
	if (open) {
		print "     " name ": the emulator failed, once more in another guest"
		died = name
	}
	open = 0
	next
}

/^@@guest / {
	if (open) {
		complain("the guest ended during this test; kernel log: " log_file)
		died = name
		finish(0, 0)
	} else if (!kernel_reports) {
		all_failed++
		print "FAIL the guest; kernel log: " log_file
	}
	next
}

!open {
	next
}

/^1\.\.[0-9]/ {
	plan($0)
	next
}

/^ok([^a-zA-Z]|$)/ {
	result(1, $0)
	next
}

/^not ok([^a-zA-Z]|$)/ {
	result(0, $0)
	next
}

/^TAP version|^$/ {
	next
}

{
	diagnostics = diagnostics "      " $0 "\n"
}

END {
	if (open) {
		complain("the runner ended during this test")
		died = name
		finish(0, 0)
	}
	print all_passed + 0, all_failed + 0, all_skipped + 0, done + 0, died >totals
}
