/* sys/uio.h is gone; sys/socket.h declares struct iovec only */
#include <sys/types.h>
#include <sys/socket.h>
#include <stddef.h>
int main(void) { struct iovec v = { 0, 0 }; return (int)writev(1, &v, 1); }
