// SPDX-License-Identifier: GPL-2.0-only
/* Allocating and mapping the memory of regions. */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/personality.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <uapi/linux/mbx.h>

#include "compat.h"
#include "quota.h"
#include "region_mem.h"

enum control_page { SEQ_PAGE, WAITERS_PAGE, CONTROL_PAGES };

struct region_mem {
	/* Constant after creation. */
	struct file *data;
	struct page *control[CONTROL_PAGES];
	u64 bytes;
	struct mbx_user *user; /* charged for the bytes */
};

/* One array of words each, and offsets that a 32-bit mmap2() can name. */
static_assert(MBX_SLOTS_MAX * sizeof(u32) <= PAGE_SIZE);
static_assert(MBX_REGION_OFFSET_WAITERS >> PAGE_SHIFT <= U32_MAX);

static void free_mem(struct region_mem *mem)
{
	int i;

	if (mem->data)
		fput(mem->data);
	for (i = 0; i < CONTROL_PAGES; i++) {
		if (mem->control[i])
			__free_page(mem->control[i]);
	}
	if (mem->user) {
		mbx_uncharge(mem->user, MBX_QUOTA_REGION_BYTES, mem->bytes);
		mbx_user_put(mem->user);
	}
	kfree(mem);
}

static int release_mem_file(struct inode *inode, struct file *file)
{
	free_mem(file->private_data);
	return 0;
}

static const struct file_operations mem_fops = {
	.owner = THIS_MODULE,
	.release = release_mem_file,
};

/* To shmem an inode or a page that can't be had is a full file system. */
static int without_memory(const void *err)
{
	return PTR_ERR(err) == -ENOSPC ? -ENOMEM : PTR_ERR(err);
}

/*
 * A cgroup or machine without memory is to answer with an error, not with the
 * OOM killer: hence RETRY_MAYFAIL. Page by page, as fallocate starts anew after
 * every signal on old kernels, and would never end under a storm of them.
 */
static int allocate_pages(struct file *data, u64 bytes)
{
	struct address_space *mapping = data->f_mapping;
	gfp_t gfp = mapping_gfp_mask(mapping) | __GFP_RETRY_MAYFAIL |
		    __GFP_NOWARN;
	pgoff_t i, pages = bytes >> PAGE_SHIFT;
	struct page *page;

	for (i = 0; i < pages; i++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		page = shmem_read_mapping_page_gfp(mapping, i, gfp);
		if (IS_ERR(page))
			return without_memory(page);
		/* A clean page would be freed under pressure, not swapped. */
		folio_mark_dirty(page_folio(page));
		put_page(page);
		cond_resched();
	}
	return 0;
}

static struct file *create_data(u64 bytes)
{
	struct file *data = mbx_compat_shmem_file("mbx-region", bytes);
	struct inode *inode;
	int err;

	if (IS_ERR(data))
		return ERR_PTR(without_memory(data));
	err = allocate_pages(data, bytes);
	if (err) {
		fput(data);
		return ERR_PTR(err);
	}
	inode = file_inode(data);
	inode_lock(inode);
	inode->i_flags |= S_IMMUTABLE;
	inode_unlock(inode);
	/*
	 * remap_file_pages() maps the file behind a mapping once more, past the
	 * checks here: not one that can't be read.
	 */
	data->f_mode &= ~FMODE_READ;
	return data;
}

static int charge(struct region_mem *mem, u64 bytes)
{
	struct mbx_user *user = mbx_user_get(current_uid());
	int err;

	if (!user)
		return -ENOMEM;
	err = mbx_charge(user, MBX_QUOTA_REGION_BYTES, bytes);
	if (err) {
		mbx_user_put(user);
		return err;
	}
	mem->user = user;
	mem->bytes = bytes;
	return 0;
}

static int fill(struct region_mem *mem, u64 bytes)
{
	struct file *data;
	int i, err;

	err = charge(mem, PAGE_ALIGN(bytes));
	if (err)
		return err;
	for (i = 0; i < CONTROL_PAGES; i++) {
		mem->control[i] = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
		if (!mem->control[i])
			return -ENOMEM;
	}
	data = create_data(PAGE_ALIGN(bytes));
	if (IS_ERR(data))
		return PTR_ERR(data);
	mem->data = data;
	return 0;
}

/**
 * mbx_region_mem_create - allocate the memory of a region, charged to the caller
 * @bytes: size of the data, not 0
 *
 * Return: the internal file, or an error pointer: -ENOSPC larger than allowed,
 * -EDQUOT, -ENOMEM; -EINTR if the caller is being killed.
 */
struct file *mbx_region_mem_create(u64 bytes)
{
	struct region_mem *mem;
	struct file *file;
	int err;

	if (bytes > min_t(u64, mbx_region_max_bytes(), MBX_REGION_OFFSET_SEQ))
		return ERR_PTR(-ENOSPC);
	mem = kzalloc(sizeof(*mem), GFP_KERNEL_ACCOUNT);
	if (!mem)
		return ERR_PTR(-ENOMEM);
	err = fill(mem, bytes);
	file = err ? ERR_PTR(err) :
		     anon_inode_getfile("[mbx-region-mem]", &mem_fops, mem,
					O_RDWR);
	if (IS_ERR(file))
		free_mem(mem);
	return file;
}

/**
 * mbx_region_mem_seq - the array of sequence words; users write to it
 * @mem_file: the internal file
 */
u32 *mbx_region_mem_seq(struct file *mem_file)
{
	struct region_mem *mem = mem_file->private_data;

	return page_address(mem->control[SEQ_PAGE]);
}

/**
 * mbx_region_mem_waiters - the array of waiter counts; for writing only
 * @mem_file: the internal file
 */
u32 *mbx_region_mem_waiters(struct file *mem_file)
{
	struct region_mem *mem = mem_file->private_data;

	return page_address(mem->control[WAITERS_PAGE]);
}

static vm_fault_t control_fault(struct vm_fault *vmf)
{
	struct region_mem *mem = vmf->vma->vm_file->private_data;

	if (vmf->pgoff >= CONTROL_PAGES)
		return VM_FAULT_SIGBUS;
	vmf->page = mem->control[vmf->pgoff];
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct control_vm_ops = {
	.fault = control_fault,
};

static int map_control(struct file *mem_file, struct vm_area_struct *vma,
		       enum control_page which)
{
	if (vma_pages(vma) != 1)
		return -EINVAL;
	if (which == WAITERS_PAGE) {
		if (vma->vm_flags & VM_WRITE)
			return -EACCES;
		mbx_compat_vm_flags_clear(vma, VM_MAYWRITE);
	}
	vma_set_file(vma, mem_file);
	vma->vm_pgoff = which;
	vma->vm_ops = &control_vm_ops;
	/* mremap() finds nothing beyond; and no debugger's business. */
	mbx_compat_vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	return 0;
}

static void open_data_vma(struct vm_area_struct *vma)
{
	get_file((struct file *)vma->vm_private_data);
}

static void close_data_vma(struct vm_area_struct *vma)
{
	fput(vma->vm_private_data);
}

static DEFINE_MUTEX(data_vm_ops_lock);
static struct vm_operations_struct data_vm_ops;

/*
 * Data is mapped as shmem maps it, so that it can be swapped and is seen by
 * reclaim; added is the reference to the internal file. Nothing but shmem is
 * ever mapped like this, so there is one set of operations to copy, and it is
 * complete before the first mapping uses it. A mapping that its own process grows
 * with mremap() ends in SIGBUS beyond the region, as that of any file does.
 */
static void wrap_vm_ops(struct vm_area_struct *vma, struct file *mem_file)
{
	mutex_lock(&data_vm_ops_lock);
	if (!data_vm_ops.open) {
		WARN_ON_ONCE(vma->vm_ops->open || vma->vm_ops->close);
		data_vm_ops = *vma->vm_ops;
		data_vm_ops.open = open_data_vma;
		data_vm_ops.close = close_data_vma;
	}
	mutex_unlock(&data_vm_ops_lock);
	vma->vm_ops = &data_vm_ops;
	vma->vm_private_data = get_file(mem_file);
}

static int map_data(struct file *mem_file, struct vm_area_struct *vma)
{
	struct region_mem *mem = mem_file->private_data;
	unsigned long pages = mem->bytes >> PAGE_SHIFT;
	int err;

	if (vma->vm_pgoff >= pages || vma_pages(vma) > pages - vma->vm_pgoff)
		return -EINVAL;
	vma_set_file(vma, mem->data);
	err = mbx_compat_call_mmap(mem->data, vma);
	if (err)
		return err;
	wrap_vm_ops(vma, mem_file);
	mbx_compat_keep_apart(vma);
	return 0;
}

/* To what some programs map, the kernel adds the right to execute. */
static bool is_unasked_exec(const struct vm_area_struct *vma)
{
	return (current->personality & READ_IMPLIES_EXEC) &&
	       (vma->vm_flags & VM_READ);
}

/**
 * mbx_region_mem_map - map what the offset says
 * @mem_file: the internal file
 * @vma: a mapping of a region's descriptor; write access is settled already
 *
 * Return: 0, -EACCES, -EINVAL, -EPERM, or what shmem says.
 */
int mbx_region_mem_map(struct file *mem_file, struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	if ((vma->vm_flags & VM_EXEC) && !is_unasked_exec(vma))
		return -EPERM;
	mbx_compat_vm_flags_clear(vma, VM_EXEC | VM_MAYEXEC);

	if (vma->vm_pgoff == MBX_REGION_OFFSET_SEQ >> PAGE_SHIFT)
		return map_control(mem_file, vma, SEQ_PAGE);
	if (vma->vm_pgoff == MBX_REGION_OFFSET_WAITERS >> PAGE_SHIFT)
		return map_control(mem_file, vma, WAITERS_PAGE);
	return map_data(mem_file, vma);
}
