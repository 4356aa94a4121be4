// SPDX-License-Identifier: GPL-2.0-only
/* Serving a mailbox. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job.h"
#include "out.h"
#include "serving.h"

/* Enough for a message of default size at once. */
#define FIRST_CAPACITY MBX_DEFAULT_MSG_SIZE

/* Places in the array for poll(); a job has two behind them. */
enum {
	POLL_SIGNALS,
	POLL_MAILBOX,
	POLL_JOBS,
};

/**
 * struct server - the state of serve()
 * @given: what it was told
 * @signals: a signalfd
 * @mask: of signals, as it was before
 * @buffer: for messages; grows to the largest one met
 * @jobs: array, one for each command that may run
 * @polls: array, POLL_JOBS and two for each job
 * @running: commands that run
 * @taken: messages received
 * @stopping: no more are to be
 * @status: exit status
 */
struct server {
	const struct serving *given;
	int signals;
	sigset_t mask;
	struct payload buffer;
	struct job *jobs;
	struct pollfd *polls;
	unsigned int running;
	uint64_t taken;
	bool stopping;
	int status;
};

static int catch_signals(struct server *server)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGCHLD);
	/* If it were ignored, there would be nothing to wait for. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &mask, &server->mask);
	server->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	return server->signals < 0 ?
		       report("cannot wait for signals: %s", strerror(errno)) :
		       EXIT_DONE;
}

static int set_up(struct server *server)
{
	unsigned int parallel = server->given->parallel;

	server->jobs = calloc(parallel, sizeof(*server->jobs));
	server->polls =
		calloc(POLL_JOBS + 2 * (size_t)parallel, sizeof(struct pollfd));
	if (!server->jobs || !server->polls)
		return report("out of memory, for %u commands", parallel);
	if (payload_reserve(&server->buffer, FIRST_CAPACITY))
		return EXIT_FAILED;
	return catch_signals(server);
}

static void tear_down(struct server *server)
{
	if (server->signals >= 0)
		close(server->signals);
	payload_free(&server->buffer);
	free(server->jobs);
	free(server->polls);
}

static bool wants_more(const struct server *server)
{
	const struct serving *given = server->given;

	return !server->stopping && server->running < given->parallel &&
	       (!given->count || server->taken < given->count);
}

static void stop(struct server *server, int status)
{
	server->stopping = true;
	if (status)
		server->status = status;
}

static void print_json(const struct place *place, const struct job *job)
{
	const struct mbx_message *message = &job->message;
	struct json json;

	json_begin(&json, out_file());
	place_json(&json, place);
	json_number(&json, "seq", message->seq);
	json_number(&json, "prio", message->prio);
	json_number(&json, "tag", message->tag);
	json_number(&json, "pid", message->pid);
	json_number(&json, "uid", message->uid);
	json_number(&json, "gid", message->gid);
	json_number(&json, "len", message->len);
	json_number(&json, "exit_status", (uint64_t)job->code);
	json_string(&json, "outcome", job->outcome);
	json_end(&json);
}

static void print_text(const struct job *job)
{
	const struct mbx_message *message = &job->message;

	fprintf(out_file(),
		"# seq=%ju prio=%u tag=%ju pid=%u uid=%u gid=%u len=%u "
		"status=%d %s\n",
		(uintmax_t)message->seq, message->prio, (uintmax_t)message->tag,
		message->pid, message->uid, message->gid, message->len,
		job->code, job->outcome);
}

static void print_job(struct server *server, const struct job *job)
{
	const struct serving *given = server->given;

	if (given->form == SERVING_JSON)
		print_json(&given->place, job);
	else if (given->form == SERVING_VERBOSE)
		print_text(job);
	/* Nobody else is told that a mere message was not served. */
	if (job->code && !(job->message.flags & MBX_MSG_CALL))
		report("the command for message %ju from process %u ended with status %d",
		       (uintmax_t)job->message.seq, job->message.pid,
		       job->code);
	if (!out_flush())
		stop(server, EXIT_FAILED);
}

static struct job *free_job(const struct server *server)
{
	struct job *job = server->jobs;

	while (job->pid)
		job++;
	return job;
}

/* Takes a message, if there is one, into the buffer. 0, -EAGAIN or another error. */
static int take(struct server *server, struct mbx_message *message)
{
	struct mbx_recv_opts opts = {
		.size = sizeof(opts),
		.flags = MBX_RECV_NONBLOCK,
	};
	struct payload *buffer = &server->buffer;
	ssize_t got;

	do {
		got = mbx_recv_with(server->given->fd, buffer->data,
				    buffer->capacity, &opts, message);
		message->data = (uintptr_t)buffer->data;
	} while (got == -EMSGSIZE && !payload_reserve(buffer, message->len));
	return got < 0 ? (int)got : 0;
}

static void serve_next(struct server *server)
{
	const struct serving *given = server->given;
	struct job *job = free_job(server);
	struct mbx_message message;
	int err = take(server, &message);

	/* Another server may have been faster. */
	if (err == -EAGAIN)
		return;
	if (err) {
		stop(server, report_place(err, "receive from", &given->place));
		return;
	}
	server->taken++;
	job_start(job, given->fd, &message, given->command, &server->mask);
	if (job->pid)
		server->running++;
	else
		print_job(server, job);
}

static void reap(struct server *server)
{
	struct job *job, *end = server->jobs + server->given->parallel;
	int status;

	for (job = server->jobs; job < end; job++) {
		if (!job->pid || waitpid(job->pid, &status, WNOHANG) <= 0)
			continue;
		job_end(job, server->given->fd, status);
		server->running--;
		print_job(server, job);
	}
}

static void kill_all(const struct server *server)
{
	unsigned int i;

	for (i = 0; i < server->given->parallel; i++) {
		if (server->jobs[i].pid)
			job_kill(&server->jobs[i]);
	}
}

static void handle_signals(struct server *server)
{
	struct signalfd_siginfo info;

	while (read(server->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (server->stopping)
			kill_all(server);
		stop(server, EXIT_DONE);
	}
	reap(server);
}

static void poll_for(struct server *server, unsigned int index, int fd)
{
	/* What is negative, poll() passes over. */
	server->polls[index] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

static int wait_for_events(struct server *server)
{
	unsigned int i, count = server->given->parallel;
	const struct job *job;

	poll_for(server, POLL_SIGNALS, server->signals);
	poll_for(server, POLL_MAILBOX,
		 wants_more(server) ? server->given->fd : -1);
	for (i = 0; i < count; i++) {
		job = &server->jobs[i];
		poll_for(server, POLL_JOBS + 2 * i,
			 job->pid ? job->output : -1);
		poll_for(server, POLL_JOBS + 2 * i + 1,
			 job->pid ? job->lender : -1);
	}
	if (poll(server->polls, POLL_JOBS + 2 * count, -1) >= 0 ||
	    errno == EINTR)
		return EXIT_DONE;
	return report("cannot wait: %s", strerror(errno));
}

static void handle_events(struct server *server)
{
	const struct pollfd *polls = server->polls;
	unsigned int i;

	for (i = 0; i < server->given->parallel; i++) {
		if (polls[POLL_JOBS + 2 * i].revents)
			job_read(&server->jobs[i]);
		if (polls[POLL_JOBS + 2 * i + 1].revents)
			job_lend(&server->jobs[i], server->given->fd);
	}
	if (polls[POLL_SIGNALS].revents)
		handle_signals(server);
	if (polls[POLL_MAILBOX].revents && wants_more(server))
		serve_next(server);
}

int serve(const struct serving *serving)
{
	struct server server = { .given = serving, .signals = -1 };

	server.status = set_up(&server);
	if (server.status)
		server.stopping = true;
	while (wants_more(&server) || server.running) {
		if (wait_for_events(&server)) {
			/* Without poll() nothing can be seen to its end. */
			server.status = EXIT_FAILED;
			kill_all(&server);
			break;
		}
		handle_events(&server);
	}
	tear_down(&server);
	return server.status;
}
