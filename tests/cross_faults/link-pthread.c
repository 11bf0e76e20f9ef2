/* -pthread was dropped; glibc has it in libc since 2.34 */
#include <pthread.h>
static void *run(void *x) { return x; }
int main(void) { pthread_t t; return pthread_create(&t, 0, run, 0); }
