// SPDX-License-Identifier: GPL-2.0-only
/* Prints what the headers of module and library come to, a fact a line. */
#include <stddef.h>
#include <stdio.h>
#include <mbx.h>
#include <linux/mbx.h>

#define PRINT(...)                   \
	{                            \
		printf(__VA_ARGS__); \
	}
#define UAPI_STRUCT(type) PRINT("struct %s %zu\n", #type, sizeof(struct type))
#define UAPI_FIELD(type, member, kind)                    \
	PRINT("field %s.%s %zu %zu %s\n", #type, #member, \
	      offsetof(struct type, member),              \
	      sizeof(((struct type *)NULL)->member), #kind)
#define UAPI_CONSTANT(name) \
	PRINT("constant %s %llu\n", #name, (unsigned long long)(name))
#define UAPI_STRING(name) PRINT("string %s %s\n", #name, name)
#define UAPI_COMMAND(name, type) \
	PRINT("command %s %#x %s\n", #name, (unsigned int)(name), #type)
#define LIBRARY_CONSTANT(name) \
	PRINT("library %s %lld\n", #name, (long long)(name))

int main(void)
{
#include "uapi.inc"
#include "library.inc"
	return 0;
}
