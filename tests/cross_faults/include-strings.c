/* strings.h is gone; string.h has strcasecmp with glibc */
#include <string.h>
int main(void) { return strcasecmp("a", "A"); }
