/* shadow.h is not on every system */
#define _GNU_SOURCE
#include <shadow.h>
int main(void) { return getspnam("x") != 0; }
