// SPDX-License-Identifier: GPL-2.0-only
/* What the host is told before it happens. */
#include "sequence.h"
#include "trace.h"

#include <glob.h>

#define PORTS "/sys/class/virtio-ports/"
#define PORT "mbx.trace"

static int port = -1;

/* The name of a port that is the one, or is not. */
static bool is_port(const char *path)
{
	char name[sizeof(PORT) + 2] = "";
	FILE *file = fopen(path, "re");

	if (!file)
		return false;
	if (!fgets(name, sizeof(name), file))
		*name = '\0';
	fclose(file);
	return !strcmp(name, PORT "\n");
}

void trace_init(void)
{
	char path[128];
	glob_t names;
	size_t i;

	if (glob(PORTS "*/name", 0, NULL, &names))
		return;
	for (i = 0; i < names.gl_pathc; i++) {
		if (!is_port(names.gl_pathv[i]))
			continue;
		/* Its device is called as the directory is. */
		snprintf(path, sizeof(path), "/dev/%s",
			 names.gl_pathv[i] + strlen(PORTS));
		path[strlen(path) - strlen("/name")] = '\0';
		port = open(path, O_WRONLY | O_CLOEXEC);
	}
	globfree(&names);
}

static void put(const char *text, size_t len)
{
	ssize_t ret;

	while (port >= 0 && len) {
		ret = write(port, text, len);
		if (ret < 0 && errno != EINTR)
			return;
		if (ret > 0) {
			text += ret;
			len -= ret;
		}
	}
}

void trace_sequence(const struct sequence *seq)
{
	char *text = NULL;
	size_t len;
	FILE *file = port >= 0 ? open_memstream(&text, &len) : NULL;

	if (!file)
		return;
	sequence_print(file, seq);
	fputc('\n', file);
	fclose(file);
	put(text, len);
	free(text);
}

void trace_note(const char *text)
{
	char line[256];

	put(line, snprintf(line, sizeof(line), "# %s\n", text));
}
