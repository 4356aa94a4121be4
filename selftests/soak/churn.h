/* SPDX-License-Identifier: GPL-2.0-only */
/* Names that come and go. */
#ifndef SOAK_CHURN_H
#define SOAK_CHURN_H

/* Remove those that workers have left. */
void churn_end(void);

#endif /* SOAK_CHURN_H */
