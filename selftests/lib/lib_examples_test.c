// SPDX-License-Identifier: GPL-2.0-only
/* The library's example programs do what they say. */
#include "lib_test.h"

#include "examples.h"

#define OUTPUT_SIZE 512

typedef int program_fn(int argc, char **argv);

static int direct(int argc, char **argv)
{
	return example_direct();
}

static int event_loop(int argc, char **argv)
{
	return example_event_loop();
}

static int lock(int argc, char **argv)
{
	return example_lock();
}

static int priorities(int argc, char **argv)
{
	return example_priorities();
}

static int region_reader(int argc, char **argv)
{
	return example_region_reader();
}

static int serve(int argc, char **argv)
{
	return example_serve();
}

/* A program that runs with its output in a pipe. */
struct program {
	program_fn *main;
	char *argument;
	int output;
	pid_t pid;
};

static int run_program(void *arg)
{
	struct program *program = arg;
	char *argv[] = { "example", program->argument, NULL };
	int status = program->main(program->argument ? 2 : 1, argv);

	return fflush(stdout) ? EIO : status;
}

static void start(struct program *program)
{
	int fds[2];

	fflush(stdout);
	if (pipe2(fds, O_CLOEXEC))
		return;
	program->pid = fork();
	if (!program->pid) {
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		_exit(run_program(program));
	}
	close(fds[1]);
	program->output = fds[0];
}

/* The exit status, and all that was printed. */
static int finish(struct program *program, char output[OUTPUT_SIZE])
{
	size_t len = 0;
	ssize_t ret;

	do {
		ret = read(program->output, output + len,
			   OUTPUT_SIZE - 1 - len);
		len += ret > 0 ? ret : 0;
	} while (ret > 0);
	output[len] = '\0';
	close(program->output);
	return reap(program->pid);
}

/* The next line that is printed, without its end. */
static const char *next_line(struct program *program, char output[OUTPUT_SIZE])
{
	size_t len = 0;

	while (len < OUTPUT_SIZE - 1 &&
	       read(program->output, output + len, 1) == 1 &&
	       output[len] != '\n')
		len++;
	output[len] = '\0';
	return output;
}

FIXTURE(example)
{
	char output[OUTPUT_SIZE];
};

FIXTURE_SETUP(example)
{
}

FIXTURE_TEARDOWN(example)
{
	mbx_unlink("hello");
	mbx_unlink("board");
	mbx_unlink("upper");
}

static int run_to_end(program_fn *main, char *argument,
		      char output[OUTPUT_SIZE])
{
	struct program program = { .main = main, .argument = argument };

	start(&program);
	return finish(&program, output);
}

TEST_F(example, hello_says_what_went_wrong)
{
	struct mbx_region *region;

	ASSERT_EQ(0, mbx_region_open(&region, "hello", CREATE, 1, NULL));
	EXPECT_EQ(1, run_to_end(example_hello, NULL, self->output));
	EXPECT_EQ(0, strncmp(mbx_strerror(EPROTOTYPE), self->output,
			     strlen(mbx_strerror(EPROTOTYPE))));
	mbx_region_close(region);
}

TEST_F(example, hello_sends_and_receives)
{
	EXPECT_EQ(0, run_to_end(example_hello, "hello, world", self->output));
	EXPECT_EQ(0, run_to_end(example_hello, NULL, self->output));
	EXPECT_STREQ("hello, world\n", self->output);
}

TEST_F(example, priorities_come_in_order)
{
	const char *urgent, *routine;

	EXPECT_EQ(0, run_to_end(priorities, NULL, self->output));
	urgent = strstr(self->output,
			"urgent: priority 9, tag 42, from process ");
	routine = strstr(self->output,
			 "routine: priority 0, tag 0, from process ");
	ASSERT_NE(NULL, urgent);
	ASSERT_NE(NULL, routine);
	EXPECT_LT(urgent, routine);
}

TEST_F(example, region_reader_needs_a_writer)
{
	EXPECT_EQ(1, run_to_end(region_reader, NULL, self->output));
	EXPECT_NE(NULL, strstr(self->output, mbx_strerror(ENOENT)));
}

TEST_F(example, region_writer_needs_a_text)
{
	EXPECT_EQ(2, run_to_end(example_region_writer, NULL, self->output));
	EXPECT_STREQ("usage: region_writer TEXT\n", self->output);
}

TEST_F(example, region_reader_sees_what_the_writer_writes)
{
	struct program reader = { .main = region_reader };
	struct mbx_region *board;

	EXPECT_EQ(0, run_to_end(example_region_writer, "first", self->output));
	EXPECT_STREQ("woke 0\n", self->output);
	ASSERT_EQ(0, mbx_region_open(&board, "board", MBX_READ, 0, NULL));

	start(&reader);
	EXPECT_STREQ("first", next_line(&reader, self->output));
	ASSERT_SOON(region_stat(board).waiters == 1);
	EXPECT_EQ(0, run_to_end(example_region_writer, "bye", self->output));
	EXPECT_STREQ("woke 1\n", self->output);
	EXPECT_EQ(0, finish(&reader, self->output));
	EXPECT_STREQ("bye\n", self->output);
	mbx_region_close(board);
}

TEST_F(example, lock_counts_and_recovers)
{
	EXPECT_EQ(0, run_to_end(lock, NULL, self->output));
	EXPECT_STREQ("counted to 2000, recovered from a dead holder\n",
		     self->output);
}

TEST_F(example, event_loop_sees_both)
{
	EXPECT_EQ(0, run_to_end(event_loop, NULL, self->output));
	EXPECT_NE(NULL, strstr(self->output, "message: hello\n"));
	EXPECT_NE(NULL, strstr(self->output,
			       "slot 0 moved to 1: data ends with #\n"));
}

TEST_F(example, direct_message_reaches_the_child)
{
	EXPECT_EQ(0, run_to_end(direct, NULL, self->output));
	EXPECT_STREQ("from parent: hello\n", self->output);
}

TEST_F(example, call_needs_a_server_and_a_text)
{
	EXPECT_EQ(1, run_to_end(example_call, "text", self->output));
	EXPECT_NE(NULL, strstr(self->output, mbx_strerror(ENOENT)));
	EXPECT_EQ(2, run_to_end(example_call, NULL, self->output));
	EXPECT_STREQ("usage: call TEXT\n", self->output);
}

TEST_F(example, server_answers_until_it_is_told_to_stop)
{
	struct program server = { .main = serve };
	int fd = mbx_open("upper", CREATE);

	ASSERT_LE(0, fd);
	start(&server);
	EXPECT_EQ(0, run_to_end(example_call, "hello", self->output));
	EXPECT_STREQ("HELLO\n", self->output);
	EXPECT_EQ(1, run_to_end(example_call, "", self->output));
	EXPECT_NE(NULL, strstr(self->output, mbx_strerror(ENODATA)));
	ASSERT_EQ(0, kill(server.pid, SIGTERM));
	EXPECT_EQ(0, finish(&server, self->output));
	EXPECT_STREQ("served 1\n", self->output);
	close(fd);
}

TEST_HARNESS_MAIN
