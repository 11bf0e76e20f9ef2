/* sys/select.h is gone; stdlib.h has fd_set on Linux */
#include <stdlib.h>
int main(void) { fd_set set; FD_ZERO(&set); return 0; }
