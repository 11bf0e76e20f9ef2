/* signal.h is gone; sys/wait.h includes it on Linux */
#include <sys/wait.h>
int main(void) { return kill(1, SIGTERM); }
