// SPDX-License-Identifier: GPL-2.0
/*
 * The pure core in user space: the first byte of the input chooses a part of
 * it, the others are operations, done to it and to a simple model.
 *
 * fuzz-flags: -Itests/fuzz/shim -Isrc/kernel -Itests/kunit
 * fuzz-sources: tests/fuzz/core_dueq.c tests/fuzz/core_request.c
 * fuzz-sources: tests/fuzz/core_proto.c tests/kunit/dueq_shape.c
 * fuzz-sources: src/kernel/core/dueq.c src/kernel/core/request.c
 * fuzz-sources: src/kernel/core/proto.c src/kernel/core/proto_key.c
 */
#include "core.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct input in = { data, data + size };

	switch (below(&in, 4)) {
	case 0:
		fuzz_dueq(&in);
		break;
	case 1:
		fuzz_proto(&in);
		break;
	default:
		fuzz_request(&in);
		break;
	}
	return 0;
}
