// SPDX-License-Identifier: GPL-2.0-only
/* Holding an object as its owner while a command runs. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "owner.h"
#include "report.h"

#define EXIT_CANNOT_EXEC 126
#define EXIT_NOT_FOUND 127

struct saved_signals {
	struct sigaction interrupt;
	struct sigaction quit;
};

/*
 * Keys pressed at the terminal are meant for the command, which may go on
 * after them.
 */
static void ignore_keys(struct saved_signals *saved)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGINT, &ignore, &saved->interrupt);
	sigaction(SIGQUIT, &ignore, &saved->quit);
}

static void run_child(pid_t owner, const struct saved_signals *saved,
		      char **argv)
{
	int err;

	sigaction(SIGINT, &saved->interrupt, NULL);
	sigaction(SIGQUIT, &saved->quit, NULL);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* It may have died before prctl() could tell. */
	if (getppid() != owner)
		raise(SIGTERM);
	execvp(argv[0], argv);
	err = errno;
	report_file(-err, "run", argv[0]);
	_exit(err == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC);
}

int owner_run(char **argv)
{
	struct saved_signals saved;
	pid_t owner = getpid(), child;
	int status;

	ignore_keys(&saved);
	child = fork();
	if (child < 0)
		return report("cannot start '%s': %s", argv[0],
			      strerror(errno));
	if (!child)
		run_child(owner, &saved, argv);
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return report("cannot wait for '%s': %s", argv[0],
				      strerror(errno));
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
				     WEXITSTATUS(status);
}
