// SPDX-License-Identifier: GPL-2.0-only
/* Sequences as text. */
#include "kind.h"
#include "sequence.h"

#include <ctype.h>

#define BLANKS " \t\r\n"

static void print_step(FILE *to, const struct step *step)
{
	__u32 i;

	fprintf(to, "%u%s %s", step->actor, step->early ? "&" : "",
		step->op->name);
	for (i = 0; i < step->op->params_count; i++) {
		if (!(step->set & (1ULL << i)))
			continue;
		fprintf(to, " %s=", step->op->params[i].name);
		kind_print(to, &step->op->params[i], step->args[i]);
	}
	if (step->fail)
		fprintf(to, " fail=%u", step->fail);
	fputc('\n', to);
}

void sequence_print(FILE *to, const struct sequence *seq)
{
	__u32 i;

	for (i = 0; i < seq->count; i++)
		print_step(to, &seq->steps[i]);
}

static bool parse_arg(struct step *step, char *text)
{
	char *value = strchr(text, '=');
	__u32 i;

	if (!value)
		return false;
	*value++ = '\0';
	if (!strcmp(text, "fail")) {
		step->fail = strtoul(value, NULL, 0);
		return step->fail;
	}
	for (i = 0; i < step->op->params_count; i++) {
		if (strcmp(step->op->params[i].name, text))
			continue;
		step->set |= 1ULL << i;
		return kind_parse(value, &step->op->params[i], &step->args[i]);
	}
	return false;
}

static bool parse_step(struct step *step, char *line)
{
	char *word, *rest = NULL;

	*step = (struct step){ 0 };
	word = strtok_r(line, BLANKS, &rest);
	if (!isdigit(*word) || *word - '0' >= ACTORS)
		return false;
	step->actor = *word - '0';
	step->early = word[1] == '&';
	word = strtok_r(NULL, BLANKS, &rest);
	step->op = word ? op_named(word) : NULL;
	if (!step->op)
		return false;
	while ((word = strtok_r(NULL, BLANKS, &rest)))
		if (!parse_arg(step, word))
			return false;
	return true;
}

int sequence_read(FILE *from, const char *path, struct sequence *seq)
{
	char line[2048], copy[2048];

	seq->count = 0;
	while (fgets(line, sizeof(line), from)) {
		if (*line == '#')
			continue;
		if (!line[strspn(line, BLANKS)]) {
			if (seq->count)
				return 1;
			continue;
		}
		strcpy(copy, line);
		if (!has_room(seq) ||
		    !parse_step(&seq->steps[seq->count], copy)) {
			fprintf(stderr, "%s: no step: %s", path, line);
			return -1;
		}
		seq->count++;
	}
	return !!seq->count;
}
