// SPDX-License-Identifier: GPL-2.0-only
/* What /proc/PID/fdinfo tells of an open mailbox or region. */
#include "call.h"
#include "region.h"

/* The value behind a key; "" if that is empty, "absent" if it is not there. */
static const char *told(int fd, const char *key)
{
	static char line[512];
	size_t len = strlen(key);
	const char *value = "absent";
	FILE *file;

	snprintf(line, sizeof(line), "/proc/self/fdinfo/%d", fd);
	file = fopen(line, "r");
	if (!file)
		return strerrorname_np(errno);
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, key, len) || strncmp(line + len, ":\t", 2))
			continue;
		line[strcspn(line, "\n")] = '\0';
		value = line + len + 2;
		break;
	}
	fclose(file);
	return value;
}

TEST(mailbox_tells_its_name_mode_and_contents)
{
	char name[NAME_SIZE];
	int fd;

	unique_name(name, "it");
	fd = open_mailbox(name, CREATE, .mode = 0640);
	ASSERT_LE(0, fd);
	ASSERT_EQ(1, send_text(fd, "12345"));
	ASSERT_EQ(1, send_text(fd, "67"));
	EXPECT_STREQ(name, told(fd, "mbx-name"));
	EXPECT_STREQ("1", told(fd, "mbx-linked"));
	EXPECT_STREQ("0640", told(fd, "mbx-mode"));
	EXPECT_STREQ("2", told(fd, "mbx-msgs"));
	EXPECT_STREQ("7", told(fd, "mbx-bytes"));
	ASSERT_EQ(0, unlink_name(name));
	EXPECT_STREQ(name, told(fd, "mbx-name"));
	EXPECT_STREQ("0", told(fd, "mbx-linked"));
}

TEST(region_tells_its_name_size_and_slots)
{
	char name[NAME_SIZE], bytes[32];
	int fd;

	unique_name(name, "it");
	fd = open_region(name, CREATE, .bytes = 3 * page_size(), .slots = 5);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, unlink_name(name));
	snprintf(bytes, sizeof(bytes), "%zu", 3 * page_size());
	EXPECT_STREQ(name, told(fd, "mbx-name"));
	EXPECT_STREQ("0", told(fd, "mbx-linked"));
	EXPECT_STREQ("0600", told(fd, "mbx-mode"));
	EXPECT_STREQ(bytes, told(fd, "mbx-bytes"));
	EXPECT_STREQ("5", told(fd, "mbx-slots"));
}

/* Else a name could pass for other lines. */
TEST(unprintable_bytes_of_a_name_are_escaped)
{
	char name[NAME_SIZE];
	int fd;

	unique_name(name, "a\nb c\x01");
	fd = open_mailbox(name, CREATE);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, unlink_name(name));
	EXPECT_STREQ("a\\nb c\\001", strrchr(told(fd, "mbx-name"), '/') + 1);
	EXPECT_STREQ("0", told(fd, "mbx-linked"));
}

TEST(what_has_no_name_tells_none)
{
	int fd = open_mailbox(NULL, CREATE);

	ASSERT_LE(0, fd);
	EXPECT_STREQ("", told(fd, "mbx-name"));
	EXPECT_STREQ("0", told(fd, "mbx-linked"));
}

/* Inside, the address of a struct is the name. */
TEST(direct_mailbox_tells_no_name)
{
	int fd = bind_direct(0);

	ASSERT_LE(0, fd);
	EXPECT_STREQ("", told(fd, "mbx-name"));
	EXPECT_STREQ("1", told(fd, "mbx-linked"));
}

TEST_HARNESS_MAIN
