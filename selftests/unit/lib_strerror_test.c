// SPDX-License-Identifier: GPL-2.0-only
/* What the library says about errors. */
#include "kselftest_harness.h"

#include <ctype.h>
#include <limits.h>

#include <mbx.h>

/* Every error that the interface knows. */
static const int vocabulary[] = {
	E2BIG,	    EACCES,	     EAGAIN, EBADF,  EBUSY,	 ECONNRESET,
	EDEADLK,    EDQUOT,	     EEXIST, EFAULT, EINTR,	 EINVAL,
	EMFILE,	    EMSGSIZE,	     ENFILE, ENODEV, ENOENT,	 ENOMEM,
	ENOSPC,	    ENOTRECOVERABLE, ENOTTY, ENXIO,  EOWNERDEAD, EPERM,
	EPROTOTYPE, EREMOTEIO,	     ESPIPE, ESRCH,  ETIMEDOUT,
};

#define ERRORS ARRAY_SIZE(vocabulary)

TEST(negative_and_positive_mean_the_same)
{
	size_t i;

	for (i = 0; i < ERRORS; i++)
		EXPECT_STREQ(mbx_strerror(vocabulary[i]),
			     mbx_strerror(-vocabulary[i]));
}

/* The words of libc know nothing of mailboxes and regions. */
TEST(every_error_of_the_interface_has_words_of_its_own)
{
	size_t i;

	for (i = 0; i < ERRORS; i++)
		EXPECT_STRNE(strerrordesc_np(vocabulary[i]),
			     mbx_strerror(vocabulary[i]));
}

TEST(no_two_errors_share_their_words)
{
	size_t i, j;

	for (i = 0; i < ERRORS; i++)
		for (j = 0; j < i; j++)
			EXPECT_STRNE(mbx_strerror(vocabulary[i]),
				     mbx_strerror(vocabulary[j]));
}

TEST(words_are_a_phrase_without_capital_and_full_stop)
{
	const char *text;
	size_t i;

	for (i = 0; i < ERRORS; i++) {
		text = mbx_strerror(vocabulary[i]);
		EXPECT_FALSE(isupper(text[0]));
		EXPECT_NE('.', text[strlen(text) - 1]);
	}
}

TEST(missing_module_is_told_from_missing_name)
{
	EXPECT_NE(NULL, strstr(mbx_strerror(-ENODEV), "module"));
	EXPECT_NE(NULL, strstr(mbx_strerror(-ENOENT), "name"));
}

TEST(missing_server_is_told_from_missing_process_and_mailbox)
{
	EXPECT_NE(NULL, strstr(mbx_strerror(-ECONNRESET), "answer"));
	EXPECT_NE(NULL, strstr(mbx_strerror(-ENXIO), "bound no mailbox"));
	EXPECT_NE(NULL, strstr(mbx_strerror(-ESRCH), "no such process"));
	EXPECT_NE(NULL, strstr(mbx_strerror(-ESRCH), "no longer waits"));
}

TEST(other_errors_have_the_words_of_libc)
{
	EXPECT_STREQ(strerrordesc_np(EXDEV), mbx_strerror(-EXDEV));
	EXPECT_STREQ(strerrordesc_np(0), mbx_strerror(0));
}

TEST(numbers_that_are_no_error_have_words_too)
{
	EXPECT_STREQ("unknown error", mbx_strerror(123456));
	EXPECT_STREQ("unknown error", mbx_strerror(-123456));
	EXPECT_STREQ("unknown error", mbx_strerror(INT_MIN));
	EXPECT_STREQ("unknown error", mbx_strerror(INT_MAX));
}

TEST(errno_is_left_alone)
{
	errno = 7777;
	mbx_strerror(-EAGAIN);
	mbx_strerror(123456);
	EXPECT_EQ(7777, errno);
}

TEST_HARNESS_MAIN
