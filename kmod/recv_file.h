/* SPDX-License-Identifier: GPL-2.0-only */
/* Telling a user of a message, in line. */
#ifndef MBX_RECV_FILE_H
#define MBX_RECV_FILE_H

#include <linux/cred.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "mailbox_file.h"
#include "message.h"
#include "wait.h"

/* Of an element, as much as the kernel knows. */
static inline size_t mbx_written_of(u32 elem_size)
{
	return min_t(size_t, elem_size, sizeof(struct mbx_message));
}

static __always_inline int mbx_copy_message_out(void __user *um,
						const struct mbx_message *m,
						u32 elem_size)
{
	/* The caller knows where the data are. */
	if (likely(elem_size == sizeof(*m)))
		return mbx_put_words((u64 __user *)um + 1, (const u64 *)m + 1,
				     MBX_MESSAGE_WORDS - 1);
	return mbx_copy_out(um, m, mbx_written_of(elem_size));
}

/* As whom a receiver sees senders, and since when. */
struct mbx_viewer {
	struct user_namespace *user_ns;
	struct pid_namespace *pid_ns;
	s64 clock_offset;
};

static __always_inline void mbx_init_viewer(struct mbx_viewer *viewer)
{
	viewer->user_ns = current_user_ns();
	viewer->pid_ns = ns_of_pid(task_pid(current));
	viewer->clock_offset = mbx_clock_offset();
}

/* In the first namespaces users and processes are called what they are. */
static __always_inline void mbx_tell_identity(const struct mbx_viewer *viewer,
					      const struct mbx_msg *msg,
					      struct mbx_message *m)
{
	if (likely(viewer->pid_ns == &init_pid_ns))
		m->pid = pid_nr(msg->pid);
	else
		m->pid = pid_nr_ns(msg->pid, viewer->pid_ns);
	if (likely(viewer->user_ns == &init_user_ns)) {
		m->uid = __kuid_val(msg->uid);
		m->gid = __kgid_val(msg->gid);
	} else {
		m->uid = from_kuid_munged(viewer->user_ns, msg->uid);
		m->gid = from_kgid_munged(viewer->user_ns, msg->gid);
	}
}

/* What was done with the message, token and deliveries, the caller knows. */
static __always_inline void mbx_describe(const struct mbx_viewer *viewer,
					 const struct mbx_msg *msg,
					 struct mbx_message *m)
{
	m->len = msg->len;
	m->tag = msg->tag;
	m->prio = msg->prio;
	m->flags = msg->flags | (msg->request ? MBX_MSG_CALL : 0);
	m->seq = msg->seq;
	m->time_ns = msg->time_ns + viewer->clock_offset;
	mbx_tell_identity(viewer, msg, m);
}

static __always_inline int mbx_message_to_user(const struct mbx_viewer *viewer,
					       struct mbx_msg *msg,
					       struct mbx_message *m,
					       void __user *um, u32 elem_size)
{
	mbx_describe(viewer, msg, m);
	if (mbx_copy_out(u64_to_user_ptr(m->data), mbx_msg_data(msg), m->len) ||
	    mbx_copy_message_out(um, m, elem_size))
		return -EFAULT;
	/* Who is being killed will not see what was copied. */
	return fatal_signal_pending(current) ? -EINTR : 0;
}

#endif /* MBX_RECV_FILE_H */
