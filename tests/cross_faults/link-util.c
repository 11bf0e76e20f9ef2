/* -lutil was dropped; glibc has it in libc since 2.34 */
#include <sys/types.h>
#ifdef __linux__
#include <pty.h>
#elif defined(__FreeBSD__)
#include <libutil.h>
#else
#include <util.h>
#endif
int main(void) { int fd; return forkpty(&fd, 0, 0, 0); }
