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

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "openbsd-compat.h"

#define MAX_TIMES	100

static const char *const greetings[] = {
	"hello", "good morning", "good evening"
};

static void
usage(void)
{
	fprintf(stderr, "usage: hello [-n times] [name]\n");
	exit(1);
}

int
main(int argc, char *argv[])
{
	const char *errstr;
	char name[32] = "world";
	long long times = 1;
	uint32_t pick;
	int ch;

	while ((ch = getopt(argc, argv, "n:")) != -1) {
		switch (ch) {
		case 'n':
			times = strtonum(optarg, 1, MAX_TIMES, &errstr);
			if (errstr != NULL)
				errx(1, "number of times is %s: %s", errstr, optarg);
			break;
		default:
			usage();
		}
	}
	argc -= optind;
	argv += optind;
	if (argc > 1)
		usage();
	if (argc == 1 && strlcpy(name, argv[0], sizeof name) >= sizeof name)
		errx(1, "name is too long: %s", argv[0]);

	while (times-- > 0) {
		pick = arc4random_uniform(sizeof greetings / sizeof greetings[0]);
		printf("%s, %s\n", greetings[pick], name);
	}
	return 0;
}
