/* getpeereid is on BSDs only */
#define _GNU_SOURCE
#include <sys/types.h>
#include <unistd.h>
int main(void) { uid_t u; gid_t g; return getpeereid(0, &u, &g); }
