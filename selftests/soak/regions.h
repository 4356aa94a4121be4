/* SPDX-License-Identifier: GPL-2.0-only */
/* The region that lasts for a whole round. */
#ifndef SOAK_REGIONS_H
#define SOAK_REGIONS_H

#define REGION_NAME "soak/region"

void region_begin(void);
void region_end(void);

#endif /* SOAK_REGIONS_H */
