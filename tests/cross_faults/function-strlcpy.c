/* strlcpy is in no glibc before 2.38 */
#define _GNU_SOURCE
#include <string.h>
int main(void) { char b[4]; return (int)strlcpy(b, "a", 4); }
