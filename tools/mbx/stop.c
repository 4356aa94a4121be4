// SPDX-License-Identifier: GPL-2.0-only
/* Ending a receive in an orderly way. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "out.h"
#include "report.h"
#include "stop.h"

#define TICK_NS 20000000

static volatile sig_atomic_t caught;
static volatile sig_atomic_t output_gone;
static bool output_can_go;
static timer_t timer;

static void start_ticking(void)
{
	static const struct itimerspec interval = {
		.it_value = { .tv_nsec = TICK_NS },
		.it_interval = { .tv_nsec = TICK_NS },
	};

	timer_settime(timer, 0, &interval, NULL);
}

static void on_stop(int signal)
{
	int saved = errno;

	caught = signal;
	start_ticking();
	errno = saved;
}

static void on_tick(int signal)
{
	(void)signal;
}

/*
 * Without SA_RESTART: the point is to interrupt. Also if the signal is ignored:
 * a script's background commands start with SIGINT ignored, and "kill -INT"
 * has to end them all the same.
 */
static void handle(int signal, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	sigemptyset(&action.sa_mask);
	sigaction(signal, &action, NULL);
}

static bool is_pipe_or_socket(int fd)
{
	struct stat status;

	return !fstat(fd, &status) &&
	       (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
}

static bool poll_output(int timeout)
{
	struct pollfd output = { .fd = out_fd() };

	return poll(&output, 1, timeout) > 0 &&
	       (output.revents & (POLLERR | POLLHUP));
}

static void *watch_output(void *unused)
{
	(void)unused;
	if (poll_output(-1)) {
		output_gone = 1;
		start_ticking();
	}
	return NULL;
}

/* The thread takes no signals: they are to interrupt the receiver. */
static int start_watcher(void)
{
	pthread_t thread;
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	err = pthread_create(&thread, NULL, watch_output, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err)
		return report("cannot start a thread: %s", strerror(err));
	pthread_detach(thread);
	return EXIT_DONE;
}

int stop_watch(void)
{
	struct sigevent tick = { .sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGALRM };

	if (timer_create(CLOCK_MONOTONIC, &tick, &timer))
		return report("cannot create a timer: %s", strerror(errno));
	handle(SIGALRM, on_tick);
	handle(SIGINT, on_stop);
	handle(SIGTERM, on_stop);
	output_can_go = is_pipe_or_socket(out_fd());
	return output_can_go ? start_watcher() : EXIT_DONE;
}

bool stop_wanted(void)
{
	/* The watching thread may not have run yet. */
	return caught || output_gone || (output_can_go && poll_output(0));
}

int stop_signal(void)
{
	return caught;
}

void stop_die(int signal)
{
	handle(signal, SIG_DFL);
	raise(signal);
}
