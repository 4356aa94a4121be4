/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of messages, and of payloads that do not fit into them. */
#ifndef MBX_PAYLOAD_H
#define MBX_PAYLOAD_H

#include <linux/types.h>

struct mbx_payload {
	void *memory;
	/* The rest only of what is short enough to be kept. */
	u64 memcg; /* that it is charged to, see mbx_memcg(); or MBX_NO_MEMCG */
	unsigned int cpu; /* which keeps it when it is free */
};

void *mbx_msg_kmalloc(size_t size);
int mbx_payload_alloc(struct mbx_payload *payload, u32 len, u64 memcg);
void mbx_payload_free(struct mbx_payload *payload, u32 len);
void mbx_payload_exit(void);

#endif /* MBX_PAYLOAD_H */
