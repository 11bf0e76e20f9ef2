/* strchrnul is not on every system */
#define _GNU_SOURCE
#include <string.h>
int main(void) { return *strchrnul("a", 'b'); }
