// SPDX-License-Identifier: GPL-2.0-only
/* One message being served by a command. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job.h"
#include "lend.h"
#include "outcome.h"
#include "report.h"

#define PIECE (64 << 10)
#define EXIT_CANNOT_EXEC 126
#define EXIT_NOT_FOUND 127

/**
 * struct ends - descriptors of a command that is about to be started
 * @input: the message
 * @output: a pipe: to read from, to write to
 * @lender: a pair of sockets: ours, the command's
 */
struct ends {
	int input;
	int output[2];
	int lender[2];
};

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Returns 0 or -errno. */
static int make_input(int *input, const char *data, size_t length)
{
	size_t done = 0;
	ssize_t result;

	*input = memfd_create("mbx-request", MFD_CLOEXEC);
	if (*input < 0)
		return -errno;
	while (done < length) {
		result =
			pwrite(*input, data + done, length - done, (off_t)done);
		if (result < 0)
			return -errno;
		done += (size_t)result;
	}
	return 0;
}

static int make_ends(struct ends *ends, const struct mbx_message *message)
{
	int err = make_input(&ends->input,
			     (const char *)(uintptr_t)message->data,
			     message->len);

	if (err)
		return err;
	if (pipe2(ends->output, O_CLOEXEC))
		return -errno;
	if (fcntl(ends->output[0], F_SETFL, O_NONBLOCK))
		return -errno;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends->lender))
		return -errno;
	return 0;
}

static void set_number(const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%ju", (uintmax_t)value);
	setenv(name, text, 1);
}

static void set_environment(const struct mbx_message *message, int lender)
{
	set_number("MBX_PID", message->pid);
	set_number("MBX_UID", message->uid);
	set_number("MBX_GID", message->gid);
	set_number("MBX_TAG", message->tag);
	set_number("MBX_PRIO", message->prio);
	set_number("MBX_SEQ", message->seq);
	set_number("MBX_CALL", message->flags & MBX_MSG_CALL ? 1 : 0);
	set_number(LEND_VARIABLE, (uint64_t)lender);
}

static void run_child(const struct ends *ends,
		      const struct mbx_message *message, char **command,
		      const sigset_t *mask, pid_t server)
{
	int err;

	setpgid(0, 0);
	set_environment(message, ends->lender[1]);
	fcntl(ends->lender[1], F_SETFD, 0);
	dup2(ends->input, STDIN_FILENO);
	dup2(ends->output[1], STDOUT_FILENO);
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigprocmask(SIG_SETMASK, mask, NULL);
	/* It may have died before prctl() could tell. */
	if (getppid() != server)
		raise(SIGTERM);
	execvp(command[0], command);
	err = errno;
	report_file(-err, "run", command[0]);
	_exit(err == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC);
}

/* Returns 0 or -errno. */
static int start(struct job *job, struct ends *ends, char **command,
		 const sigset_t *mask)
{
	int err = make_ends(ends, &job->message);
	pid_t server = getpid(), pid;

	if (err)
		return err;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		run_child(ends, &job->message, command, mask, server);
	/* Whoever comes first: to kill the group, there has to be one. */
	setpgid(pid, pid);
	job->pid = pid;
	job->output = ends->output[0];
	job->lender = ends->lender[0];
	ends->output[0] = -1;
	ends->lender[0] = -1;
	return 0;
}

static int reply(const struct job *job, int fd, uint32_t error)
{
	struct mbx_reply_opts opts = { .size = sizeof(opts), .error = error };

	return mbx_reply_with(fd, job->message.token, job->reply.data,
			      job->reply.length, &opts);
}

static bool is_too_much(int err)
{
	return err == -EMSGSIZE || err == -ENOMEM || err == -EDQUOT;
}

/* What can't be given is replaced by the reason. */
static int reply_or_reason(struct job *job, int fd, uint32_t *error)
{
	int err = reply(job, fd, *error);

	if (!is_too_much(err) || !job->reply.length)
		return err;
	report("process %u does not get its reply of %zu bytes: %s",
	       job->message.pid, job->reply.length,
	       err == -EMSGSIZE ? "it has no room for that" :
				  mbx_strerror(err));
	job->reply.length = 0;
	*error = (uint32_t)-err;
	return reply(job, fd, *error);
}

static const char *answer(struct job *job, int fd, uint32_t error)
{
	int err;

	if (!(job->message.flags & MBX_MSG_CALL))
		return "message";
	err = reply_or_reason(job, fd, &error);
	if (!err)
		return error ? "failed" : "answered";
	if (err == -ESRCH)
		return "gone";
	if (err == -EINVAL && job->lent)
		return "early";
	report("process %u gets no reply: %s", job->message.pid,
	       mbx_strerror(err));
	return "lost";
}

void job_start(struct job *job, int fd, const struct mbx_message *message,
	       char **command, const sigset_t *mask)
{
	struct ends ends = { -1, { -1, -1 }, { -1, -1 } };
	int err;

	*job = (struct job){ .message = *message, .output = -1, .lender = -1 };
	err = start(job, &ends, command, mask);
	close_end(&ends.input);
	close_end(&ends.output[0]);
	close_end(&ends.output[1]);
	close_end(&ends.lender[0]);
	close_end(&ends.lender[1]);
	if (!err)
		return;
	report("cannot start '%s': %s", command[0], strerror(-err));
	job->outcome = answer(job, fd, (uint32_t)-err);
}

static void give_up_output(struct job *job, int error)
{
	job->error = error;
	job->reply.length = 0;
	close_end(&job->output);
}

/* False when there is nothing more to be had for the moment. */
static bool read_piece(struct job *job)
{
	struct payload *text = &job->reply;
	ssize_t got;

	if (payload_reserve(text, text->length + PIECE)) {
		give_up_output(job, ENOMEM);
		return false;
	}
	got = read(job->output, text->data + text->length, PIECE);
	if (got < 0)
		return errno == EINTR;
	if (!got)
		close_end(&job->output);
	/* Nobody wants it if nobody has asked. */
	if (job->message.flags & MBX_MSG_CALL)
		text->length += (size_t)got;
	if (text->length > MBX_MSG_SIZE_MAX)
		give_up_output(job, EMSGSIZE);
	return job->output >= 0;
}

void job_read(struct job *job)
{
	if (job->output >= 0)
		read_piece(job);
}

void job_lend(struct job *job, int fd)
{
	if (!lend(job->lender, fd, job->message.token, &job->lent))
		close_end(&job->lender);
}

/* What was printed until the end; what it left running can go on, unheard. */
static void read_rest(struct job *job)
{
	while (job->output >= 0 && read_piece(job))
		;
	close_end(&job->output);
}

void job_end(struct job *job, int fd, int status)
{
	read_rest(job);
	close_end(&job->lender);
	job->pid = 0;
	job->code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
					  WEXITSTATUS(status);
	if (job->error)
		job->outcome = answer(job, fd, (uint32_t)job->error);
	else
		job->outcome = answer(job, fd,
				      job->code ? error_of_exit(job->code) : 0);
	payload_free(&job->reply);
}

void job_kill(const struct job *job)
{
	kill(-job->pid, SIGKILL);
}
