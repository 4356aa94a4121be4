// SPDX-License-Identifier: GPL-2.0-only
/* The layout of the ABI, promised to every program ever compiled against it. */
#include <linux/build_bug.h>
#include <linux/stddef.h>

#include "abi.h"

#define AT(type, member, offset) \
	static_assert(offsetof(struct type, member) == (offset))
#define HEAD(type)                                        \
	static_assert(offsetof(struct type, size) == 0 && \
		      offsetof(struct type, flags) == 4)
#define SIZE(type, size_v1) static_assert(sizeof(struct type) == (size_v1))
#define GROWN(type, size_v1, bytes) \
	static_assert(sizeof(struct type) == (bytes) && (bytes) > (size_v1))

HEAD(mbx_info);
AT(mbx_info, abi_version, 8);
AT(mbx_info, page_size, 12);
AT(mbx_info, features, 16);
AT(mbx_info, region_max_bytes, 24);
AT(mbx_info, quota_objects, 32);
AT(mbx_info, quota_msg_bytes, 40);
AT(mbx_info, quota_region_bytes, 48);
AT(mbx_info, used_objects, 56);
AT(mbx_info, used_msg_bytes, 64);
AT(mbx_info, used_region_bytes, 72);
AT(mbx_info, msg_overhead, 80);
AT(mbx_info, reserved, 84);
SIZE(mbx_info, MBX_INFO_SIZE_V1);

HEAD(mbx_unlink);
AT(mbx_unlink, name, 8);
AT(mbx_unlink, name_len, 16);
AT(mbx_unlink, kind, 20);
SIZE(mbx_unlink, MBX_UNLINK_SIZE_V1);

HEAD(mbx_mailbox_open);
AT(mbx_mailbox_open, name, 8);
AT(mbx_mailbox_open, name_len, 16);
AT(mbx_mailbox_open, mode, 20);
AT(mbx_mailbox_open, lifetime, 24);
AT(mbx_mailbox_open, overflow, 28);
AT(mbx_mailbox_open, max_msgs, 32);
AT(mbx_mailbox_open, max_msg_size, 36);
AT(mbx_mailbox_open, max_bytes, 40);
AT(mbx_mailbox_open, target, 48);
AT(mbx_mailbox_open, reserved, 52);
AT(mbx_mailbox_open, deadline_ns, 56);
GROWN(mbx_mailbox_open, MBX_MAILBOX_OPEN_SIZE_V1, 64);

HEAD(mbx_region_open);
AT(mbx_region_open, name, 8);
AT(mbx_region_open, name_len, 16);
AT(mbx_region_open, mode, 20);
AT(mbx_region_open, lifetime, 24);
AT(mbx_region_open, slots, 28);
AT(mbx_region_open, bytes, 32);
SIZE(mbx_region_open, MBX_REGION_OPEN_SIZE_V1);

AT(mbx_message, data, 0);
AT(mbx_message, len, 8);
AT(mbx_message, capacity, 12);
AT(mbx_message, tag, 16);
AT(mbx_message, prio, 24);
AT(mbx_message, flags, 28);
AT(mbx_message, seq, 32);
AT(mbx_message, time_ns, 40);
AT(mbx_message, pid, 48);
AT(mbx_message, uid, 52);
AT(mbx_message, gid, 56);
AT(mbx_message, deliveries, 60);
AT(mbx_message, token, 64);
GROWN(mbx_message, MBX_MESSAGE_SIZE_V1, 72);

HEAD(mbx_send);
AT(mbx_send, messages, 8);
AT(mbx_send, count, 16);
AT(mbx_send, elem_size, 20);
AT(mbx_send, deadline_ns, 24);
SIZE(mbx_send, MBX_SEND_SIZE_V1);

HEAD(mbx_recv);
AT(mbx_recv, messages, 8);
AT(mbx_recv, count, 16);
AT(mbx_recv, elem_size, 20);
AT(mbx_recv, deadline_ns, 24);
AT(mbx_recv, tag, 32);
AT(mbx_recv, min_prio, 40);
AT(mbx_recv, pid, 44);
SIZE(mbx_recv, MBX_RECV_SIZE_V1);

HEAD(mbx_mailbox_stat);
AT(mbx_mailbox_stat, state, 8);
AT(mbx_mailbox_stat, lifetime, 12);
AT(mbx_mailbox_stat, mode, 16);
AT(mbx_mailbox_stat, uid, 20);
AT(mbx_mailbox_stat, gid, 24);
AT(mbx_mailbox_stat, overflow, 28);
AT(mbx_mailbox_stat, max_msgs, 32);
AT(mbx_mailbox_stat, max_msg_size, 36);
AT(mbx_mailbox_stat, max_bytes, 40);
AT(mbx_mailbox_stat, msgs, 48);
AT(mbx_mailbox_stat, bytes, 56);
AT(mbx_mailbox_stat, msgs_high, 64);
AT(mbx_mailbox_stat, bytes_high, 72);
AT(mbx_mailbox_stat, sent, 80);
AT(mbx_mailbox_stat, received, 88);
AT(mbx_mailbox_stat, dropped, 96);
AT(mbx_mailbox_stat, rejected, 104);
AT(mbx_mailbox_stat, waiting_receivers, 112);
AT(mbx_mailbox_stat, waiting_senders, 116);
AT(mbx_mailbox_stat, withdrawn, 120);
AT(mbx_mailbox_stat, calls, 128);
AT(mbx_mailbox_stat, reserved, 132);
GROWN(mbx_mailbox_stat, MBX_MAILBOX_STAT_SIZE_V1, 136);

HEAD(mbx_call);
AT(mbx_call, request, 8);
AT(mbx_call, reply, 16);
AT(mbx_call, elem_size, 24);
AT(mbx_call, reserved, 28);
AT(mbx_call, deadline_ns, 32);
SIZE(mbx_call, MBX_CALL_SIZE_V1);

HEAD(mbx_reply);
AT(mbx_reply, token, 8);
AT(mbx_reply, message, 16);
AT(mbx_reply, recv, 24);
AT(mbx_reply, elem_size, 32);
AT(mbx_reply, reserved, 36);
SIZE(mbx_reply, MBX_REPLY_SIZE_V1);

AT(mbx_slot, slot, 0);
AT(mbx_slot, seq, 4);
SIZE(mbx_slot, MBX_SLOT_SIZE_V1);

HEAD(mbx_region_stat);
AT(mbx_region_stat, state, 8);
AT(mbx_region_stat, lifetime, 12);
AT(mbx_region_stat, mode, 16);
AT(mbx_region_stat, uid, 20);
AT(mbx_region_stat, gid, 24);
AT(mbx_region_stat, slots, 28);
AT(mbx_region_stat, bytes, 32);
AT(mbx_region_stat, notified, 40);
AT(mbx_region_stat, woken, 48);
AT(mbx_region_stat, waiters, 56);
AT(mbx_region_stat, subscribers, 60);
SIZE(mbx_region_stat, MBX_REGION_STAT_SIZE_V1);

HEAD(mbx_region_wait);
AT(mbx_region_wait, slots, 8);
AT(mbx_region_wait, count, 16);
AT(mbx_region_wait, elem_size, 20);
AT(mbx_region_wait, deadline_ns, 24);
SIZE(mbx_region_wait, MBX_REGION_WAIT_SIZE_V1);

HEAD(mbx_region_notify);
AT(mbx_region_notify, slot_mask, 8);
SIZE(mbx_region_notify, MBX_REGION_NOTIFY_SIZE_V1);

HEAD(mbx_region_subscribe);
AT(mbx_region_subscribe, slot_mask, 8);
SIZE(mbx_region_subscribe, MBX_REGION_SUBSCRIBE_SIZE_V1);
