/*
 * Copyright (c) 2026 the ciforge authors
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "openbsd-compat.h"

static long long
refuse(const char **reason, const char *word, int code)
{
	if (reason != NULL)
		*reason = word;
	errno = code;
	return 0;
}

/* A whole number between two bounds, or 0 and the reason why not. */
long long
strtonum(const char *text, long long low, long long high, const char **reason)
{
	long long value;
	char *end;

	if (reason != NULL)
		*reason = NULL;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (low > high || end == text || *end != '\0')
		return refuse(reason, "invalid", EINVAL);
	if (value < low || (errno == ERANGE && value < 0))
		return refuse(reason, "too small", ERANGE);
	if (value > high || errno == ERANGE)
		return refuse(reason, "too large", ERANGE);
	return value;
}
