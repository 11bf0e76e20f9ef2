/* get-current-dir is not on every system */
#define _GNU_SOURCE
#include <unistd.h>
int main(void) { return get_current_dir_name() == 0; }
