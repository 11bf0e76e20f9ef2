/* limits.h is gone */
#include <dirent.h>
int main(void) { char path[PATH_MAX]; return sizeof(path) == 0; }
