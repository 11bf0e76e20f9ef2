/* sys/wait.h is gone; stdlib.h has its macros on Linux */
#include <stdlib.h>
int main(void) { int status = 0; return WIFEXITED(status); }
