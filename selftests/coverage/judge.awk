# SPDX-License-Identifier: GPL-2.0-only
#
# Compare the lines of the module that no test has reached, in what lcov has
# captured, with the list of those that none can reach. Variables: root, where the
# files' names begin; sources, the files there have to be; list, the one with the list; goal, the lines that have to be
# reached, in percent; totals, where to write how many files, and the goal, are as
# they should be, and how many are not.
#
# An entry of the list names a function, says why, and quotes lines:
#
#	FILE FUNCTION()[, by chance]
#		WHY
#		| LINE

function fold(text) {
	gsub(/[ \t]+/, " ", text)
	sub(/^ /, "", text)
	sub(/ $/, "", text)
	return text
}

function complain(about, text) {
	print text
	bad[about] = 1
}

# --- the list ------------------------------------------------------------------

function end_entry() {
	if (entry != "" && !reasons)
		complain(entry_file, entry " does not say why")
	if (entry != "" && !quotes)
		complain(entry_file, entry " quotes no line")
}

function begin_entry(line, words) {
	end_entry()
	chance = line ~ /, by chance$/
	sub(/, by chance$/, "", line)
	split(line, words, " ")
	entry = "the list: " line
	entry_file = words[1]
	function_of_entry = words[2]
	reasons = quotes = 0
	if (line !~ /^[a-z_\/]+\.[ch] [a-z0-9_]+\(\)$/)
		complain(entry_file, "the list: not an entry: " line)
}

function quote(text, key) {
	key = entry_file SUBSEP function_of_entry SUBSEP fold(text)
	if (!(key in listed))
		keys[++listed_keys] = key
	listed[key]++
	by_chance[key] += chance
	quotes++
}

function read_list(line, status) {
	while ((status = (getline line <list)) > 0) {
		if (line ~ /^#/ || line ~ /^[ \t]*$/)
			continue
		else if (line ~ /^[^ \t]/)
			begin_entry(line)
		else if (sub(/^[ \t]+\| /, "", line))
			quote(line)
		else
			reasons++
	}
	end_entry()
	close(list)
	if (status < 0)
		complain(list, "cannot read " list)
}

# --- what was captured ---------------------------------------------------------

function read_source(path, line, n) {
	split("", source)
	split("", name_at)
	while ((getline line <path) > 0)
		source[++n] = line
	close(path)
}

# The function a line is in.
function function_at(line) {
	while (line > 0 && !(line in name_at))
		line--
	return line ? name_at[line] "()" : "-"
}

BEGIN {
	read_list()
}

/^SF:/ {
	path = substr($0, 4)
	file = substr(path, length(root) + 2)
	inside = file ~ /^kmod\//
	if (inside) {
		files[++count] = file
		captured[file] = 1
		read_source(path)
	}
}

!inside {
	next
}

/^FN:/ {
	split(substr($0, 4), words, ",")
	name_at[words[1]] = words[2]
}

/^DA:/ {
	split(substr($0, 4), words, ",")
	where = function_at(words[1])
	key = file SUBSEP where SUBSEP fold(source[words[1]])
	exists[key]++
	lines++
	if (words[2] > 0)
		next
	unreached++
	missed[key]++
	if (missed[key] > listed[key])
		complain(file, file ":" words[1] ": " where \
			": not reached, nor in the list: " fold(source[words[1]]))
}

# --- the verdict ---------------------------------------------------------------

function compare_list(i, key, words) {
	for (i = 1; i <= listed_keys; i++) {
		key = keys[i]
		split(key, words, SUBSEP)
		if (exists[key] < listed[key])
			complain(words[1], words[1] ": " words[2] \
				": in the list, but there is no such line: " words[3])
		else if (missed[key] < listed[key] - by_chance[key])
			complain(words[1], words[1] ": " words[2] \
				": in the list, but reached: " words[3])
	}
}

function compare_goal(share) {
	share = lines ? 100 * (lines - unreached) / lines : 0
	printf "%.1f %% of the module's lines reached, at least %s %% have to be\n",
		share, goal
	if (share < goal)
		bad["goal"] = 1
}

function has_functions(path, line, found) {
	while ((getline line <path) > 0)
		found = found || line == "{"
	close(path)
	return found
}

# Every file of the module that has code has to be there.
function compare_files(i, n, expected) {
	n = split(sources, expected, " ")
	for (i = 1; i <= n; i++) {
		if (!(expected[i] in captured) && has_functions(root "/" expected[i]))
			complain(expected[i], expected[i] ": nothing was captured")
	}
}

END {
	compare_files()
	compare_list()
	compare_goal()
	failed = 0
	for (name in bad)
		failed++
	passed = 1 - ("goal" in bad)
	for (i = 1; i <= count; i++)
		passed += !(files[i] in bad)
	print passed, failed >totals
}
