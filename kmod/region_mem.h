/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory of a region: its data and its two control pages
 *
 * It lives as long as an internal file does, to which the region object and
 * every mapping hold a reference. So mappings keep the memory, and its charge,
 * after the region is closed, and closing a region's descriptor is noticed
 * although it is still mapped. The file is internal: it is never installed in a
 * descriptor table, and it cannot be mapped by itself.
 *
 * Data pages are those of a shmem file, allocated at creation. That file is
 * immutable, so that nobody who gets at it through a mapping can truncate it or
 * punch holes into it (MADV_REMOVE): no access within the region ever ends in
 * SIGBUS for want of a page.
 *
 * The kernel writes the waiters page and never reads it. It reads the sequence
 * page, which users write, and draws no conclusion from a word but "moved" or
 * "not moved" for the one who asked.
 */
#ifndef MBX_REGION_MEM_H
#define MBX_REGION_MEM_H

#include <linux/types.h>

struct file;
struct vm_area_struct;

struct file *mbx_region_mem_create(u64 bytes);
int mbx_region_mem_map(struct file *mem_file, struct vm_area_struct *vma);
u32 *mbx_region_mem_seq(struct file *mem_file);
u32 *mbx_region_mem_waiters(struct file *mem_file);

#endif /* MBX_REGION_MEM_H */
