/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One message being served by a command ("mbx serve").
 *
 * The command has the message as its standard input, in memory of its own, so
 * that nobody has to feed it. Its standard output is a pipe, to be emptied by
 * job_read() whenever there is something in it. It is a process group of its own:
 * keys pressed at the terminal are meant for the server, which lets it finish.
 *
 *	job_start()	fork, exec
 *	job_read()	as often as there is output
 *	job_lend()	as often as somebody asks to answer, see lend.h
 *	job_end()	when the command has been waited for: answers
 */
#ifndef MBX_JOB_H
#define MBX_JOB_H

#include <mbx.h>

#include <signal.h>
#include <stdbool.h>

#include "payload.h"

/**
 * struct job - a message and the command that serves it
 * @message: the message, with the token of the request
 * @pid: the command, 0 if there is none
 * @output: where its standard output can be read, -1 after its end
 * @lender: where 'mbx reply' asks, -1 when nobody can ask any more
 * @lent: 'mbx reply' may have answered
 * @error: errno value to report instead of @reply, or 0
 * @reply: standard output so far
 * @code: exit status of the command, 128 + N after signal N
 * @outcome: in a word, what the caller got
 */
struct job {
	struct mbx_message message;
	pid_t pid;
	int output;
	int lender;
	bool lent;
	int error;
	struct payload reply;
	int code;
	const char *outcome;
};

/*
 * Runs @command for a message that was received through @fd, with the signal mask
 * that the command is to have. If it can't be started, that is reported, and the
 * caller told; then job->pid is 0.
 */
void job_start(struct job *job, int fd, const struct mbx_message *message,
	       char **command, const sigset_t *mask);

void job_read(struct job *job);
void job_lend(struct job *job, int fd);

/* The command has ended with this status of waitpid(). */
void job_end(struct job *job, int fd, int status);

/* Kills the command and what it has started; job_end() is still needed. */
void job_kill(const struct job *job);

#endif
