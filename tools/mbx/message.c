// SPDX-License-Identifier: GPL-2.0-only
/* Printing messages that were received. */
#include <stdint.h>

#include "json.h"
#include "message.h"
#include "out.h"

#define NSEC_PER_SEC 1000000000U

static const char *payload_of(const struct mbx_message *message)
{
	return (const char *)(uintptr_t)message->data;
}

/*
 * Whether a terminal could take the byte, or it with the next one, as a command.
 * In UTF-8 those from 0x80 to 0x9f begin with 0xc2; other encodings than UTF-8
 * are not known, so there all bytes beyond ASCII are suspect.
 */
static bool is_control(const unsigned char *at, size_t left, bool is_utf8)
{
	if (*at >= 0x80 && !is_utf8)
		return true;
	if (*at == 0xc2 && left > 1 && at[1] < 0xa0)
		return true;
	return (*at < 0x20 && *at != '\n' && *at != '\t') || *at == 0x7f;
}

static void print_visibly(FILE *out, const char *data, size_t length)
{
	const unsigned char *at = (const unsigned char *)data;
	bool is_utf8 = utf8_valid(data, length);

	for (; length; length--, at++) {
		if (!is_control(at, length, is_utf8)) {
			putc(*at, out);
			continue;
		}
		fprintf(out, "\\x%02x", *at);
		if (is_utf8 && *at == 0xc2) {
			fprintf(out, "\\x%02x", *++at);
			length--;
		}
	}
}

static void print_text(const struct mbx_message *message)
{
	const char *data = payload_of(message);
	FILE *out = out_file();

	if (out_is_terminal())
		print_visibly(out, data, message->len);
	else
		fwrite(data, 1, message->len, out);
	if (!message->len || data[message->len - 1] != '\n')
		putc('\n', out);
}

static void print_about(const struct mbx_message *message)
{
	uintmax_t time = message->time_ns;

	fprintf(out_file(),
		"# seq=%ju prio=%u tag=%ju pid=%u uid=%u gid=%u len=%u "
		"time=%ju.%09u deliveries=%u%s%s\n",
		(uintmax_t)message->seq, message->prio, (uintmax_t)message->tag,
		message->pid, message->uid, message->gid, message->len,
		time / NSEC_PER_SEC, (unsigned int)(time % NSEC_PER_SEC),
		message->deliveries,
		message->flags & MBX_MSG_WRITE ? " write" : "",
		message->flags & MBX_MSG_CALL ? " call" : "");
}

static void print_json(const struct place *place,
		       const struct mbx_message *message)
{
	struct json json;

	json_begin(&json, out_file());
	place_json(&json, place);
	json_number(&json, "seq", message->seq);
	json_number(&json, "prio", message->prio);
	json_number(&json, "tag", message->tag);
	json_number(&json, "pid", message->pid);
	json_number(&json, "uid", message->uid);
	json_number(&json, "gid", message->gid);
	json_number(&json, "time_ns", message->time_ns);
	json_number(&json, "deliveries", message->deliveries);
	json_bool(&json, "write", message->flags & MBX_MSG_WRITE);
	json_bool(&json, "call", message->flags & MBX_MSG_CALL);
	json_number(&json, "len", message->len);
	json_bytes(&json, "payload", "encoding", payload_of(message),
		   message->len);
	json_end(&json);
}

bool message_print(const struct place *place, const struct mbx_message *message,
		   enum message_form form)
{
	switch (form) {
	case MESSAGE_VERBOSE:
		print_about(message);
		print_text(message);
		break;
	case MESSAGE_TEXT:
		print_text(message);
		break;
	case MESSAGE_RAW:
		fwrite(payload_of(message), 1, message->len, out_file());
		break;
	case MESSAGE_JSON:
		print_json(place, message);
		break;
	}
	return out_flush();
}
