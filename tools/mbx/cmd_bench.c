// SPDX-License-Identifier: GPL-2.0-only
/* mbx bench */
#include <string.h>

#include <bench.h>

#include "commands.h"
#include "json.h"
#include "out.h"
#include "report.h"

#define MECHANISMS_MAX 20

static bool as_json;
static bool counted;
static bool list;
static struct number rounds;

/* One more than there can be: NULL is the end. */
static const char *mechanisms[MECHANISMS_MAX + 1];

static const char *parse_mechanism(const char *text, void *value)
{
	const char **names = value;
	const struct mechanism *const *how = bench_mechanisms;
	size_t count = 0;

	while (*how && strcmp((*how)->name, text))
		how++;
	if (!*how)
		return "is not a mechanism";
	while (names[count])
		count++;
	if (count == MECHANISMS_MAX)
		return "is one too many";
	names[count] = text;
	return NULL;
}

static const char *parse_rounds(const char *text, void *value)
{
	const char *problem = parse_count(text, value);
	const struct number *number = value;

	if (!problem && number->value > BENCH_ROUNDS_MAX)
		problem = "is not from 1 to 100";
	return problem;
}

static const struct option_spec options[] = {
	{ "mechanism", 0, "NAME",
	  "measure this mechanism only; repeat for several", parse_mechanism,
	  mechanisms },
	{ "rounds", 0, "N", "measure so often, up to 100; default 5",
	  parse_rounds, &rounds },
	OPTION_SWITCH("counted", 0, &counted,
		      "the clock counts instructions: fewer rounds do"),
	OPTION_SWITCH("list", 0, &list, "print what can be measured"),
	OPTION_JSON(&as_json),
	OPTION_END,
};

static const char *unit_of(const struct trial *trial)
{
	if (trial->measure->unit)
		return trial->measure->unit;
	return trial->counted ? "instructions" : "ns";
}

static const char *reason_of(const struct trial *trial)
{
	bool peer = trial->how->traits & TRAIT_PEER;

	return !peer && is_device_error(trial->error) ?
		       device_problem(trial->error) :
		       strerror(-trial->error);
}

/* Only what is of one kind can stand for each other. */
static const char *kind_of(const struct mechanism *how)
{
	bool shared = how->traits & TRAIT_SHARED;

	if (how->traits & TRAIT_HARNESS)
		return "harness";
	if (how->traits & TRAIT_PEER)
		return shared ? "peer-memory" : "peer-queue";
	return shared ? "mbx-memory" : "mbx-queue";
}

/* --- JSON -------------------------------------------------------------------- */

static void print_json(const struct trial *trial)
{
	struct json json;
	unsigned int i;

	json_begin(&json, out_file());
	json_string(&json, "measure", trial->measure->name);
	json_string(&json, "mechanism", trial->how->name);
	json_string(&json, "kind", kind_of(trial->how));
	json_number(&json, "size", trial->point.size);
	json_number(&json, "batch", trial->how->batch);
	json_number(&json, "count", trial->point.count);
	json_string(&json, "unit", unit_of(trial));
	if (trial->error) {
		json_null(&json, "value");
		json_string(&json, "error", reason_of(trial));
	} else {
		json_decimal(&json, "value", bench_value(trial));
		json_array_begin(&json, "samples");
		for (i = 0; i < trial->sample_count; i++)
			json_decimal(&json, NULL, trial->samples[i]);
		json_array_end(&json);
	}
	json_end(&json);
}

/* --- text -------------------------------------------------------------------- */

/* The best of the peers of the same kind; 0 if there is none. */
static double best_peer(const struct trial *trials, unsigned int count,
			const struct mechanism *how)
{
	unsigned int wanted = TRAIT_PEER | (how->traits & TRAIT_SHARED);
	double best = 0, value;
	unsigned int i;

	for (i = 0; i < count; i++) {
		if ((trials[i].how->traits &
		     (TRAIT_PEER | TRAIT_SHARED | TRAIT_HARNESS)) != wanted ||
		    trials[i].error)
			continue;
		value = bench_value(&trials[i]);
		if (!best || value < best)
			best = value;
	}
	return best;
}

static void print_text(const struct trial *trial, double best)
{
	FILE *out = out_file();

	fprintf(out, "  %-12s x%-3u %6zu B %7u ", trial->how->name,
		trial->how->batch, trial->point.size, trial->point.count);
	if (trial->error) {
		fprintf(out, "not measured: %s\n", reason_of(trial));
		return;
	}
	fprintf(out, "%12.1f %s", bench_value(trial), unit_of(trial));
	if (best > 0 && !(trial->how->traits & TRAIT_PEER))
		fprintf(out, "  %.2f of the best peer",
			bench_value(trial) / best);
	putc('\n', out);
}

/* A heading for the first trials of each measure. */
static void print_heading(const struct measure *measure)
{
	static const struct measure *printed;

	if (measure != printed)
		fprintf(out_file(), "%s: %s\n", measure->name, measure->about);
	printed = measure;
}

static void print_trials(const struct trial *trials, unsigned int count,
			 void *arg)
{
	unsigned int i;

	(void)arg;
	if (count && !as_json)
		print_heading(trials[0].measure);
	for (i = 0; i < count; i++) {
		if (as_json)
			print_json(&trials[i]);
		else
			print_text(&trials[i],
				   best_peer(trials, count, trials[i].how));
	}
	out_flush();
}

/* --- the command -------------------------------------------------------------- */

static int print_list(void)
{
	const struct measure *const *measure;
	const struct mechanism *const *how;
	FILE *out = out_file();

	fputs("Measures:\n", out);
	for (measure = bench_measures; *measure; measure++)
		fprintf(out, "  %-15s %s\n", (*measure)->name,
			(*measure)->about);
	fputs("\nMechanisms:\n", out);
	for (how = bench_mechanisms; *how; how++)
		fprintf(out, "  %-15s %s%s\n", (*how)->name, (*how)->about,
			(*how)->batch == 8  ? ", 8 a call" :
			(*how)->batch == 32 ? ", 32 a call" :
					      "");
	return EXIT_DONE;
}

static bool is_measure(const char *name)
{
	const struct measure *const *measure = bench_measures;

	while (*measure && strcmp((*measure)->name, name))
		measure++;
	return *measure;
}

static int run(int count, char **operands)
{
	struct bench_options how = {
		.counted = counted,
		.rounds = (unsigned int)rounds.value,
		.measures = (const char *const *)operands,
		.mechanisms = mechanisms,
		.report = print_trials,
	};
	int i, err;

	if (list)
		return print_list();
	for (i = 0; i < count; i++) {
		if (!is_measure(operands[i]))
			return usage_error("'%s' is not a measure",
					   operands[i]);
	}
	err = bench_run(&how);
	return err ? report_device(err, "measure") : EXIT_DONE;
}

const struct command cmd_bench = {
	.name = "bench",
	.operands = "[MEASURE]...",
	.summary = "Measure mailboxes and regions, and their peers",
	.notes =
		"Times are those of this machine, and noisy. All is measured that can be,\n"
		"unless MEASURE says what: see --list.",
	.options = options,
	.max_operands = -1,
	.run = run,
};
