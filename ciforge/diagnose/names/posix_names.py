"""Names of the C library, by the header of POSIX that declares them; those of ISO C are in `c_names.py`.

Source: the headers of musl 1.2.5 (git.musl-libc.org), which declare no more than POSIX and XSI ask for where
_XOPEN_SOURCE is 700, and what POSIX.1-2024 added (pubs.opengroup.org/onlinepubs/9799919799/basedefs/). Of names
in several headers the one that POSIX describes them in is named. A structure is written `struct:NAME`.
"""

POSIX_NAMES = {
    "aio.h": (
        "AIO_ALLDONE AIO_CANCELED AIO_NOTCANCELED LIO_NOP LIO_NOWAIT LIO_READ LIO_WAIT LIO_WRITE aio_cancel aio_error "
        "aio_fsync aio_read aio_return aio_suspend aio_write lio_listio struct:aiocb"
    ),
    "arpa/inet.h": (
        "htonl htons inet_addr inet_aton inet_lnaof inet_makeaddr inet_netof inet_network inet_ntoa inet_ntop "
        "inet_pton ntohl ntohs"
    ),
    "devctl.h": "posix_devctl",
    "cpio.h": (
        "C_IRGRP C_IROTH C_IRUSR C_ISBLK C_ISCHR C_ISCTG C_ISDIR C_ISFIFO C_ISGID C_ISLNK C_ISREG C_ISSOCK "
        "C_ISUID C_ISVTX C_IWGRP C_IWOTH C_IWUSR C_IXGRP C_IXOTH C_IXUSR"
    ),
    "dirent.h": (
        "DIR DT_BLK DT_CHR DT_DIR DT_FIFO DT_LNK DT_REG DT_SOCK DT_UNKNOWN alphasort closedir d_fileno dirfd "
        "fdopendir opendir posix_getdents readdir readdir_r reclen_t rewinddir scandir seekdir struct:dirent "
        "struct:posix_dent telldir"
    ),
    "dlfcn.h": (
        "Dl_info Dl_info_t RTLD_DEFAULT RTLD_DI_LINKMAP RTLD_GLOBAL RTLD_LAZY RTLD_LOCAL RTLD_NEXT RTLD_NODELETE "
        "RTLD_NOLOAD RTLD_NOW dladdr dlclose dlerror dlopen dlsym"
    ),
    "endian.h": (
        "BIG_ENDIAN BYTE_ORDER LITTLE_ENDIAN PDP_ENDIAN be16toh be32toh be64toh htobe16 htobe32 htobe64 htole16 "
        "htole32 htole64 le16toh le32toh le64toh"
    ),
    "fcntl.h": (
        "AT_EACCESS AT_FDCWD AT_REMOVEDIR AT_SYMLINK_FOLLOW AT_SYMLINK_NOFOLLOW FD_CLOEXEC FD_CLOFORK F_DUPFD "
        "F_DUPFD_CLOEXEC F_DUPFD_CLOFORK F_GETFD F_GETFL F_GETLK F_GETOWN F_OFD_GETLK F_OFD_SETLK F_OFD_SETLKW "
        "F_RDLCK F_SETFD F_SETFL F_SETLK F_SETLKW F_SETOWN F_UNLCK F_WRLCK O_ACCMODE O_APPEND O_CLOEXEC O_CLOFORK "
        "O_CREAT O_DIRECTORY O_DSYNC O_EXCL O_EXEC O_NOCTTY O_NOFOLLOW O_NONBLOCK O_RDONLY O_RDWR O_RSYNC "
        "O_SEARCH O_SYNC O_TRUNC O_TTY_INIT O_WRONLY POSIX_FADV_DONTNEED POSIX_FADV_NOREUSE POSIX_FADV_NORMAL "
        "POSIX_FADV_RANDOM POSIX_FADV_SEQUENTIAL POSIX_FADV_WILLNEED creat fcntl open openat posix_fadvise "
        "posix_fallocate struct:flock"
    ),
    "fmtmsg.h": (
        "MM_APPL MM_CONSOLE MM_ERROR MM_FIRM MM_HALT MM_HARD MM_INFO MM_NOCON MM_NOMSG MM_NOSEV MM_NOTOK MM_NRECOV "
        "MM_NULLACT MM_NULLLBL MM_NULLMC MM_NULLSEV MM_NULLTAG MM_NULLTXT MM_OK MM_OPSYS MM_PRINT MM_RECOVER MM_SOFT "
        "MM_UTIL MM_WARNING fmtmsg"
    ),
    "fnmatch.h": (
        "FNM_CASEFOLD FNM_FILE_NAME FNM_IGNORECASE FNM_LEADING_DIR FNM_NOESCAPE FNM_NOMATCH FNM_PATHNAME FNM_PERIOD "
        "fnmatch"
    ),
    "ftw.h": (
        "FTW_CHDIR FTW_D FTW_DEPTH FTW_DNR FTW_DP FTW_F FTW_MOUNT FTW_NS FTW_PHYS FTW_SL FTW_SLN ftw nftw struct:FTW"
    ),
    "glob.h": (
        "GLOB_ABORTED GLOB_APPEND GLOB_DOOFFS GLOB_ERR GLOB_MARK GLOB_NOCHECK GLOB_NOESCAPE GLOB_NOMATCH GLOB_NOSORT "
        "GLOB_NOSPACE GLOB_NOSYS GLOB_PERIOD GLOB_TILDE GLOB_TILDE_CHECK glob glob_t globfree"
    ),
    "grp.h": "endgrent getgrent getgrgid getgrgid_r getgrnam getgrnam_r setgrent struct:group",
    "iconv.h": "iconv iconv_close iconv_open iconv_t",
    "langinfo.h": (
        "ABDAY_1 ABDAY_2 ABDAY_3 ABDAY_4 ABDAY_5 ABDAY_6 ABDAY_7 ABMON_1 ABMON_10 ABMON_11 ABMON_12 ABMON_2 ABMON_3 "
        "ABMON_4 ABMON_5 ABMON_6 ABMON_7 ABMON_8 ABMON_9 ALTMON_1 ALTMON_10 ALTMON_11 ALTMON_12 ALTMON_2 ALTMON_3 "
        "ALTMON_4 ALTMON_5 ALTMON_6 ALTMON_7 ALTMON_8 ALTMON_9 ALT_DIGITS AM_STR CODESET CRNCYSTR DAY_1 DAY_2 DAY_3 "
        "DAY_4 DAY_5 DAY_6 DAY_7 D_FMT D_T_FMT ERA ERA_D_FMT ERA_D_T_FMT ERA_T_FMT MON_1 MON_10 MON_11 MON_12 MON_2 "
        "MON_3 MON_4 MON_5 MON_6 MON_7 MON_8 MON_9 NOEXPR PM_STR RADIXCHAR THOUSEP T_FMT T_FMT_AMPM YESEXPR "
        "nl_langinfo nl_langinfo_l"
    ),
    "libgen.h": "basename dirname",
    "libintl.h": (
        "bind_textdomain_codeset bindtextdomain dcgettext dcngettext dgettext dngettext gettext gettext_l ngettext "
        "textdomain"
    ),
    "monetary.h": "strfmon strfmon_l",
    "mqueue.h": (
        "mq_close mq_getattr mq_notify mq_open mq_receive mq_send mq_setattr mq_timedreceive mq_timedsend mq_unlink "
        "mqd_t struct:mq_attr"
    ),
    "ndbm.h": (
        "DBM DBM_INSERT DBM_REPLACE datum dbm_clearerr dbm_close dbm_delete dbm_error dbm_fetch dbm_firstkey "
        "dbm_nextkey dbm_open dbm_store"
    ),
    "net/if.h": (
        "IF_NAMESIZE if_freenameindex if_indextoname if_nameindex if_nametoindex struct:if_nameindex"
    ),
    "netdb.h": (
        "AI_ADDRCONFIG AI_ALL AI_CANONNAME AI_NUMERICHOST AI_NUMERICSERV AI_PASSIVE AI_V4MAPPED EAI_AGAIN "
        "EAI_BADFLAGS EAI_FAIL EAI_FAMILY EAI_MEMORY EAI_NODATA EAI_NONAME EAI_OVERFLOW EAI_SERVICE EAI_SOCKTYPE "
        "EAI_SYSTEM NI_DGRAM NI_MAXHOST NI_MAXSERV NI_NAMEREQD NI_NOFQDN NI_NUMERICHOST NI_NUMERICSERV endhostent "
        "endnetent endprotoent endservent freeaddrinfo gai_strerror getaddrinfo gethostbyaddr gethostbyname "
        "gethostent getnameinfo getnetbyaddr getnetbyname getnetent getprotobyname getprotobynumber getprotoent "
        "getservbyname getservbyport getservent h_addr h_errno sethostent setnetent setprotoent setservent "
        "struct:addrinfo struct:hostent struct:netent struct:protoent struct:servent"
    ),
    "netinet/in.h": (
        "IN6ADDR_ANY_INIT IN6ADDR_LOOPBACK_INIT IN6_IS_ADDR_LINKLOCAL IN6_IS_ADDR_LOOPBACK IN6_IS_ADDR_MC_GLOBAL "
        "IN6_IS_ADDR_MC_LINKLOCAL IN6_IS_ADDR_MC_NODELOCAL IN6_IS_ADDR_MC_ORGLOCAL IN6_IS_ADDR_MC_SITELOCAL "
        "IN6_IS_ADDR_MULTICAST IN6_IS_ADDR_SITELOCAL IN6_IS_ADDR_UNSPECIFIED IN6_IS_ADDR_V4COMPAT "
        "IN6_IS_ADDR_V4MAPPED INADDR_ANY INADDR_BROADCAST INADDR_NONE INET6_ADDRSTRLEN INET_ADDRSTRLEN "
        "IPPORT_RESERVED IPPROTO_ICMP IPPROTO_IP IPPROTO_IPV6 IPPROTO_RAW IPPROTO_TCP IPPROTO_UDP IPV6_JOIN_GROUP "
        "IPV6_LEAVE_GROUP IPV6_MULTICAST_HOPS IPV6_MULTICAST_IF IPV6_MULTICAST_LOOP IPV6_UNICAST_HOPS IPV6_V6ONLY "
        "in6addr_any in6addr_loopback in_addr_t in_port_t s6_addr struct:in6_addr struct:in_addr struct:ipv6_mreq "
        "struct:sockaddr_in struct:sockaddr_in6"
    ),
    "netinet/tcp.h": "TCP_NODELAY",
    "nl_types.h": "NL_CAT_LOCALE NL_SETD catclose catgets catopen nl_catd nl_item",
    "poll.h": (
        "POLLERR POLLHUP POLLIN POLLMSG POLLNVAL POLLOUT POLLPRI POLLRDBAND POLLRDHUP POLLRDNORM POLLWRBAND "
        "POLLWRNORM nfds_t poll ppoll struct:pollfd"
    ),
    "pthread.h": (
        "PTHREAD_BARRIER_SERIAL_THREAD PTHREAD_CANCELED PTHREAD_CANCEL_ASYNCHRONOUS PTHREAD_CANCEL_DEFERRED "
        "PTHREAD_CANCEL_DISABLE PTHREAD_CANCEL_ENABLE PTHREAD_COND_INITIALIZER PTHREAD_CREATE_DETACHED "
        "PTHREAD_CREATE_JOINABLE PTHREAD_EXPLICIT_SCHED PTHREAD_INHERIT_SCHED PTHREAD_MUTEX_DEFAULT "
        "PTHREAD_MUTEX_ERRORCHECK PTHREAD_MUTEX_INITIALIZER PTHREAD_MUTEX_NORMAL PTHREAD_MUTEX_RECURSIVE "
        "PTHREAD_MUTEX_ROBUST PTHREAD_MUTEX_STALLED PTHREAD_NULL PTHREAD_ONCE_INIT PTHREAD_PRIO_INHERIT "
        "PTHREAD_PRIO_NONE PTHREAD_PRIO_PROTECT PTHREAD_PROCESS_PRIVATE PTHREAD_PROCESS_SHARED "
        "PTHREAD_RWLOCK_INITIALIZER PTHREAD_SCOPE_PROCESS PTHREAD_SCOPE_SYSTEM pthread_atfork pthread_attr_destroy "
        "pthread_attr_getdetachstate pthread_attr_getguardsize pthread_attr_getinheritsched "
        "pthread_attr_getschedparam pthread_attr_getschedpolicy pthread_attr_getscope pthread_attr_getstack "
        "pthread_attr_getstackaddr pthread_attr_getstacksize pthread_attr_init pthread_attr_setdetachstate "
        "pthread_attr_setguardsize pthread_attr_setinheritsched pthread_attr_setschedparam "
        "pthread_attr_setschedpolicy pthread_attr_setscope pthread_attr_setstack pthread_attr_setstackaddr "
        "pthread_attr_setstacksize pthread_attr_t pthread_barrier_destroy pthread_barrier_init pthread_barrier_t "
        "pthread_barrier_wait pthread_barrierattr_destroy pthread_barrierattr_getpshared pthread_barrierattr_init "
        "pthread_barrierattr_setpshared pthread_cancel pthread_cleanup_pop pthread_cleanup_push "
        "pthread_cond_broadcast pthread_cond_clockwait pthread_cond_destroy pthread_cond_init pthread_cond_signal "
        "pthread_cond_t pthread_cond_timedwait pthread_cond_wait pthread_condattr_destroy pthread_condattr_getclock "
        "pthread_condattr_getpshared pthread_condattr_init pthread_condattr_setclock pthread_condattr_setpshared "
        "pthread_create pthread_detach pthread_equal pthread_exit pthread_getconcurrency pthread_getcpuclockid "
        "pthread_getschedparam pthread_getspecific pthread_join pthread_key_create pthread_key_delete "
        "pthread_mutex_clocklock pthread_mutex_consistent pthread_mutex_destroy pthread_mutex_getprioceiling "
        "pthread_mutex_init pthread_mutex_lock pthread_mutex_setprioceiling pthread_mutex_t pthread_mutex_timedlock "
        "pthread_mutex_trylock pthread_mutex_unlock pthread_mutexattr_destroy pthread_mutexattr_getprioceiling "
        "pthread_mutexattr_getprotocol pthread_mutexattr_getpshared pthread_mutexattr_getrobust "
        "pthread_mutexattr_gettype pthread_mutexattr_init pthread_mutexattr_setprioceiling "
        "pthread_mutexattr_setprotocol pthread_mutexattr_setpshared pthread_mutexattr_setrobust "
        "pthread_mutexattr_settype pthread_once pthread_rwlock_clockrdlock pthread_rwlock_clockwrlock "
        "pthread_rwlock_destroy pthread_rwlock_init pthread_rwlock_rdlock pthread_rwlock_t pthread_rwlock_timedrdlock "
        "pthread_rwlock_timedwrlock pthread_rwlock_tryrdlock pthread_rwlock_trywrlock pthread_rwlock_unlock "
        "pthread_rwlock_wrlock pthread_rwlockattr_destroy pthread_rwlockattr_getpshared pthread_rwlockattr_init "
        "pthread_rwlockattr_setpshared pthread_self pthread_setcancelstate pthread_setcanceltype "
        "pthread_setconcurrency pthread_setschedparam pthread_setschedprio pthread_setspecific pthread_spin_destroy "
        "pthread_spin_init pthread_spin_lock pthread_spin_trylock pthread_spin_unlock pthread_testcancel"
    ),
    "pwd.h": "endpwent getpwent getpwnam getpwnam_r getpwuid getpwuid_r setpwent struct:passwd",
    "regex.h": (
        "REG_BADBR REG_BADPAT REG_BADRPT REG_EBRACE REG_EBRACK REG_ECOLLATE REG_ECTYPE REG_EESCAPE REG_ENOSYS "
        "REG_EPAREN REG_ERANGE REG_ESPACE REG_ESUBREG REG_EXTENDED REG_ICASE REG_NEWLINE REG_NOMATCH REG_NOSUB "
        "REG_NOTBOL REG_NOTEOL regcomp regerror regex_t regexec regfree regmatch_t regoff_t struct:re_pattern_buffer"
    ),
    "sched.h": (
        "SCHED_FIFO SCHED_OTHER SCHED_RR SCHED_SPORADIC sched_get_priority_max sched_get_priority_min sched_getparam "
        "sched_getscheduler sched_rr_get_interval sched_setparam sched_setscheduler sched_yield struct:sched_param"
    ),
    "search.h": (
        "ACTION ENTER ENTRY FIND VISIT endorder hcreate hdestroy hsearch insque leaf lfind lsearch postorder preorder "
        "remque tdelete tfind tsearch twalk struct:entry"
    ),
    "semaphore.h": (
        "SEM_FAILED sem_clockwait sem_close sem_destroy sem_getvalue sem_init sem_open sem_post sem_t sem_timedwait "
        "sem_trywait sem_unlink sem_wait"
    ),
    "spawn.h": (
        "POSIX_SPAWN_RESETIDS POSIX_SPAWN_SETPGROUP POSIX_SPAWN_SETSCHEDPARAM POSIX_SPAWN_SETSCHEDULER "
        "POSIX_SPAWN_SETSID POSIX_SPAWN_SETSIGDEF POSIX_SPAWN_SETSIGMASK POSIX_SPAWN_USEVFORK posix_spawn "
        "posix_spawn_file_actions_addchdir posix_spawn_file_actions_addclose posix_spawn_file_actions_adddup2 "
        "posix_spawn_file_actions_addfchdir posix_spawn_file_actions_addopen posix_spawn_file_actions_destroy "
        "posix_spawn_file_actions_init posix_spawn_file_actions_t posix_spawnattr_destroy posix_spawnattr_getflags "
        "posix_spawnattr_getpgroup posix_spawnattr_getschedparam posix_spawnattr_getschedpolicy "
        "posix_spawnattr_getsigdefault posix_spawnattr_getsigmask posix_spawnattr_init posix_spawnattr_setflags "
        "posix_spawnattr_setpgroup posix_spawnattr_setschedparam posix_spawnattr_setschedpolicy "
        "posix_spawnattr_setsigdefault posix_spawnattr_setsigmask posix_spawnattr_t posix_spawnp"
    ),
    "strings.h": "ffs ffsl ffsll strcasecmp strcasecmp_l strncasecmp strncasecmp_l",
    "sys/ipc.h": (
        "IPC_CREAT IPC_EXCL IPC_INFO IPC_NOWAIT IPC_PRIVATE IPC_RMID IPC_SET IPC_STAT ftok struct:ipc_perm"
    ),
    "sys/mman.h": (
        "MAP_ANON MAP_ANONYMOUS MAP_FAILED MAP_FIXED MAP_FIXED_NOREPLACE MAP_PRIVATE MAP_SHARED MAP_SHARED_VALIDATE "
        "MCL_CURRENT MCL_FUTURE MCL_ONFAULT MS_ASYNC MS_INVALIDATE MS_SYNC POSIX_MADV_DONTNEED POSIX_MADV_NORMAL "
        "POSIX_MADV_RANDOM POSIX_MADV_SEQUENTIAL POSIX_MADV_WILLNEED POSIX_TYPED_MEM_ALLOCATE "
        "POSIX_TYPED_MEM_ALLOCATE_CONTIG POSIX_TYPED_MEM_MAP_ALLOCATABLE PROT_EXEC PROT_GROWSDOWN PROT_GROWSUP "
        "PROT_NONE PROT_READ PROT_WRITE mlock mlockall mmap mprotect msync munlock munlockall munmap posix_madvise "
        "posix_mem_offset posix_typed_mem_get_info posix_typed_mem_open shm_open shm_unlink"
    ),
    "sys/msg.h": (
        "MSG_EXCEPT MSG_INFO MSG_NOERROR MSG_STAT MSG_STAT_ANY msgctl msgget msglen_t msgqnum_t msgrcv msgsnd "
        "struct:msginfo struct:msqid_ds"
    ),
    "sys/resource.h": (
        "PRIO_MAX PRIO_MIN PRIO_PGRP PRIO_PROCESS PRIO_USER RLIMIT_AS RLIMIT_CORE RLIMIT_CPU RLIMIT_DATA RLIMIT_FSIZE "
        "RLIMIT_LOCKS RLIMIT_MEMLOCK RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_NLIMITS RLIMIT_NOFILE RLIMIT_NPROC RLIMIT_RSS "
        "RLIMIT_RTPRIO RLIMIT_RTTIME RLIMIT_SIGPENDING RLIMIT_STACK RLIM_INFINITY RLIM_NLIMITS RLIM_SAVED_CUR "
        "RLIM_SAVED_MAX RUSAGE_CHILDREN RUSAGE_SELF RUSAGE_THREAD getpriority getrlimit getrusage rlim_t setpriority "
        "setrlimit struct:rlimit struct:rusage"
    ),
    "sys/select.h": "FD_CLR FD_ISSET FD_SET FD_SETSIZE FD_ZERO fd_mask fd_set pselect select",
    "sys/sem.h": (
        "GETALL GETNCNT GETPID GETVAL GETZCNT SEM_INFO SEM_STAT SEM_STAT_ANY SEM_UNDO SETALL SETVAL semctl semget "
        "semop struct:sembuf struct:semid_ds struct:seminfo"
    ),
    "sys/shm.h": (
        "SHMLBA SHM_DEST SHM_EXEC SHM_INFO SHM_LOCK SHM_LOCKED SHM_NORESERVE SHM_R SHM_RDONLY SHM_REMAP SHM_RND "
        "SHM_STAT SHM_STAT_ANY SHM_UNLOCK SHM_W shmat shmatt_t shmctl shmdt shmget struct:shm_info struct:shmid_ds "
        "struct:shminfo"
    ),
    "sys/socket.h": (
        "AF_INET AF_INET6 AF_LOCAL AF_UNIX AF_UNSPEC CMSG_ALIGN CMSG_DATA CMSG_FIRSTHDR CMSG_LEN CMSG_NXTHDR "
        "CMSG_SPACE MSG_CMSG_CLOEXEC MSG_CMSG_CLOFORK MSG_CTRUNC MSG_DONTROUTE MSG_DONTWAIT MSG_EOR MSG_NOSIGNAL "
        "MSG_OOB MSG_PEEK MSG_TRUNC MSG_WAITALL MSG_WAITFORONE SCM_RIGHTS SHUT_RD SHUT_RDWR SHUT_WR SOCK_CLOEXEC "
        "SOCK_CLOFORK SOCK_DCCP SOCK_DGRAM SOCK_NONBLOCK SOCK_PACKET SOCK_RAW SOCK_RDM SOCK_SEQPACKET SOCK_STREAM "
        "SOL_SOCKET SOMAXCONN SO_ACCEPTCONN SO_BROADCAST SO_DEBUG SO_DOMAIN SO_DONTROUTE SO_ERROR SO_KEEPALIVE "
        "SO_LINGER SO_OOBINLINE SO_PROTOCOL SO_RCVBUF SO_RCVLOWAT SO_RCVTIMEO SO_REUSEADDR SO_SNDBUF SO_SNDLOWAT "
        "SO_SNDTIMEO SO_TYPE accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom "
        "recvmsg sa_family_t send sendmsg sendto setsockopt shutdown sockatmark socket socketpair socklen_t "
        "struct:cmsghdr struct:linger struct:msghdr struct:sockaddr struct:sockaddr_storage"
    ),
    "sys/stat.h": (
        "S_IFBLK S_IFCHR S_IFDIR S_IFIFO S_IFLNK S_IFMT S_IFREG S_IFSOCK S_IRGRP S_IROTH S_IRUSR S_IRWXG S_IRWXO "
        "S_IRWXU S_ISBLK S_ISCHR S_ISDIR S_ISFIFO S_ISGID S_ISLNK S_ISREG S_ISSOCK S_ISUID S_ISVTX S_IWGRP S_IWOTH "
        "S_IWUSR S_IXGRP S_IXOTH S_IXUSR S_TYPEISMQ S_TYPEISSEM S_TYPEISSHM S_TYPEISTMO UTIME_NOW UTIME_OMIT chmod "
        "fchmod fchmodat fstat fstatat futimens lstat mkdir mkdirat mkfifo mkfifoat mknod mknodat st_atime st_ctime "
        "st_mtime stat umask utimensat struct:stat"
    ),
    "sys/statvfs.h": "ST_NOSUID ST_RDONLY fstatvfs statvfs struct:statvfs",
    "sys/time.h": (
        "ITIMER_PROF ITIMER_REAL ITIMER_VIRTUAL getitimer gettimeofday setitimer utimes struct:itimerval "
        "struct:timeval"
    ),
    "sys/times.h": "times struct:tms",
    "sys/types.h": (
        "blkcnt_t blksize_t clock_t clockid_t dev_t fsblkcnt_t fsfilcnt_t gid_t id_t ino_t key_t mode_t nlink_t off_t "
        "pid_t pthread_barrierattr_t pthread_condattr_t pthread_key_t pthread_mutexattr_t pthread_once_t "
        "pthread_rwlockattr_t pthread_spinlock_t pthread_t ssize_t suseconds_t time_t timer_t uid_t useconds_t"
    ),
    "sys/uio.h": "UIO_MAXIOV readv writev struct:iovec",
    "sys/un.h": "struct:sockaddr_un",
    "sys/utsname.h": "uname struct:utsname",
    "sys/wait.h": (
        "P_ALL P_PGID P_PID P_PIDFD WCONTINUED WCOREDUMP WEXITED WEXITSTATUS WIFCONTINUED WIFEXITED WIFSIGNALED "
        "WIFSTOPPED WNOHANG WNOWAIT WSTOPPED WSTOPSIG WTERMSIG WUNTRACED idtype_t wait waitid waitpid"
    ),
    "syslog.h": (
        "LOG_ALERT LOG_AUTH LOG_AUTHPRIV LOG_CONS LOG_CRIT LOG_CRON LOG_DAEMON LOG_DEBUG LOG_EMERG LOG_ERR LOG_FAC "
        "LOG_FACMASK LOG_FTP LOG_INFO LOG_KERN LOG_LOCAL0 LOG_LOCAL1 LOG_LOCAL2 LOG_LOCAL3 LOG_LOCAL4 LOG_LOCAL5 "
        "LOG_LOCAL6 LOG_LOCAL7 LOG_LPR LOG_MAIL LOG_MAKEPRI LOG_MASK LOG_NDELAY LOG_NEWS LOG_NFACILITIES LOG_NOTICE "
        "LOG_NOWAIT LOG_ODELAY LOG_PERROR LOG_PID LOG_PRI LOG_PRIMASK LOG_SYSLOG LOG_UPTO LOG_USER LOG_UUCP "
        "LOG_WARNING closelog openlog setlogmask syslog"
    ),
    "tar.h": (
        "AREGTYPE BLKTYPE CHRTYPE CONTTYPE DIRTYPE FIFOTYPE LNKTYPE REGTYPE SYMTYPE TGEXEC TGREAD TGWRITE TMAGIC "
        "TMAGLEN TOEXEC TOREAD TOWRITE TSGID TSUID TSVTX TUEXEC TUREAD TUWRITE TVERSION TVERSLEN"
    ),
    "termios.h": (
        "B0 B1000000 B110 B115200 B1152000 B1200 B134 B150 B1500000 B1800 B19200 B200 B2000000 B230400 B2400 B2500000 "
        "B300 B3000000 B3500000 B38400 B4000000 B460800 B4800 B50 B500000 B57600 B576000 B600 B75 B921600 B9600 "
        "BRKINT BS0 BS1 BSDLY CLOCAL CR0 CR1 CR2 CR3 CRDLY CREAD CS5 CS6 CS7 CS8 CSIZE CSTOPB ECHO ECHOE ECHOK ECHONL "
        "FF0 FF1 FFDLY HUPCL ICANON ICRNL IEXTEN IGNBRK IGNCR IGNPAR IMAXBEL INLCR INPCK ISIG ISTRIP IUCLC IUTF8 "
        "IXANY IXOFF IXON NCCS NL0 NL1 NLDLY NOFLSH OCRNL OFDEL OFILL OLCUC ONLCR ONLRET ONOCR OPOST PARENB PARMRK "
        "PARODD TAB0 TAB1 TAB2 TAB3 TABDLY TCIFLUSH TCIOFF TCIOFLUSH TCION TCOFLUSH TCOOFF TCOON TCSADRAIN TCSAFLUSH "
        "TCSANOW TOSTOP VDISCARD VEOF VEOL VEOL2 VERASE VINTR VKILL VLNEXT VMIN VQUIT VREPRINT VSTART VSTOP VSUSP "
        "VSWTC VT0 VT1 VTDLY VTIME VWERASE cc_t cfgetispeed cfgetospeed cfmakeraw cfsetispeed cfsetospeed speed_t "
        "tcdrain tcflag_t tcflow tcflush tcgetattr tcgetsid tcgetwinsize tcsendbreak tcsetattr tcsetwinsize "
        "struct:termios"
    ),
    "ulimit.h": "UL_GETFSIZE UL_SETFSIZE ulimit",
    "unistd.h": (
        "F_LOCK F_OK F_TEST F_TLOCK F_ULOCK POSIX_CLOSE_RESTART R_OK SEEK_DATA SEEK_HOLE STDERR_FILENO STDIN_FILENO "
        "STDOUT_FILENO W_OK X_OK _CS_GNU_LIBC_VERSION _CS_GNU_LIBPTHREAD_VERSION _CS_PATH "
        "_CS_POSIX_V5_WIDTH_RESTRICTED_ENVS _CS_POSIX_V6_ILP32_OFF32_CFLAGS _CS_POSIX_V6_ILP32_OFF32_LDFLAGS "
        "_CS_POSIX_V6_ILP32_OFF32_LIBS _CS_POSIX_V6_ILP32_OFF32_LINTFLAGS _CS_POSIX_V6_ILP32_OFFBIG_CFLAGS "
        "_CS_POSIX_V6_ILP32_OFFBIG_LDFLAGS _CS_POSIX_V6_ILP32_OFFBIG_LIBS _CS_POSIX_V6_ILP32_OFFBIG_LINTFLAGS "
        "_CS_POSIX_V6_LP64_OFF64_CFLAGS _CS_POSIX_V6_LP64_OFF64_LDFLAGS _CS_POSIX_V6_LP64_OFF64_LIBS "
        "_CS_POSIX_V6_LP64_OFF64_LINTFLAGS _CS_POSIX_V6_LPBIG_OFFBIG_CFLAGS _CS_POSIX_V6_LPBIG_OFFBIG_LDFLAGS "
        "_CS_POSIX_V6_LPBIG_OFFBIG_LIBS _CS_POSIX_V6_LPBIG_OFFBIG_LINTFLAGS _CS_POSIX_V6_WIDTH_RESTRICTED_ENVS "
        "_CS_POSIX_V7_ILP32_OFF32_CFLAGS _CS_POSIX_V7_ILP32_OFF32_LDFLAGS _CS_POSIX_V7_ILP32_OFF32_LIBS "
        "_CS_POSIX_V7_ILP32_OFF32_LINTFLAGS _CS_POSIX_V7_ILP32_OFFBIG_CFLAGS _CS_POSIX_V7_ILP32_OFFBIG_LDFLAGS "
        "_CS_POSIX_V7_ILP32_OFFBIG_LIBS _CS_POSIX_V7_ILP32_OFFBIG_LINTFLAGS _CS_POSIX_V7_LP64_OFF64_CFLAGS "
        "_CS_POSIX_V7_LP64_OFF64_LDFLAGS _CS_POSIX_V7_LP64_OFF64_LIBS _CS_POSIX_V7_LP64_OFF64_LINTFLAGS "
        "_CS_POSIX_V7_LPBIG_OFFBIG_CFLAGS _CS_POSIX_V7_LPBIG_OFFBIG_LDFLAGS _CS_POSIX_V7_LPBIG_OFFBIG_LIBS "
        "_CS_POSIX_V7_LPBIG_OFFBIG_LINTFLAGS _CS_POSIX_V7_WIDTH_RESTRICTED_ENVS _CS_V6_ENV _CS_V7_ENV "
        "_CS_XBS5_ILP32_OFF32_CFLAGS _CS_XBS5_ILP32_OFF32_LDFLAGS _CS_XBS5_ILP32_OFF32_LIBS "
        "_CS_XBS5_ILP32_OFF32_LINTFLAGS _CS_XBS5_ILP32_OFFBIG_CFLAGS _CS_XBS5_ILP32_OFFBIG_LDFLAGS "
        "_CS_XBS5_ILP32_OFFBIG_LIBS _CS_XBS5_ILP32_OFFBIG_LINTFLAGS _CS_XBS5_LP64_OFF64_CFLAGS "
        "_CS_XBS5_LP64_OFF64_LDFLAGS _CS_XBS5_LP64_OFF64_LIBS _CS_XBS5_LP64_OFF64_LINTFLAGS "
        "_CS_XBS5_LPBIG_OFFBIG_CFLAGS _CS_XBS5_LPBIG_OFFBIG_LDFLAGS _CS_XBS5_LPBIG_OFFBIG_LIBS "
        "_CS_XBS5_LPBIG_OFFBIG_LINTFLAGS _Fork _PC_2_SYMLINKS _PC_ALLOC_SIZE_MIN _PC_ASYNC_IO _PC_CHOWN_RESTRICTED "
        "_PC_FILESIZEBITS _PC_LINK_MAX _PC_MAX_CANON _PC_MAX_INPUT _PC_NAME_MAX _PC_NO_TRUNC _PC_PATH_MAX "
        "_PC_PIPE_BUF _PC_PRIO_IO _PC_REC_INCR_XFER_SIZE _PC_REC_MAX_XFER_SIZE _PC_REC_MIN_XFER_SIZE "
        "_PC_REC_XFER_ALIGN _PC_SOCK_MAXBUF _PC_SYMLINK_MAX _PC_SYNC_IO _PC_VDISABLE _POSIX2_CHAR_TERM _POSIX2_C_BIND "
        "_POSIX2_C_DEV _POSIX2_LOCALEDEF _POSIX2_SW_DEV _POSIX2_VERSION _POSIX_ADVISORY_INFO _POSIX_ASYNCHRONOUS_IO "
        "_POSIX_ASYNC_IO _POSIX_BARRIERS _POSIX_CHOWN_RESTRICTED _POSIX_CLOCK_SELECTION _POSIX_CPUTIME _POSIX_FSYNC "
        "_POSIX_JOB_CONTROL _POSIX_MAPPED_FILES _POSIX_MEMLOCK _POSIX_MEMLOCK_RANGE _POSIX_MEMORY_PROTECTION "
        "_POSIX_MESSAGE_PASSING _POSIX_MONOTONIC_CLOCK _POSIX_NO_TRUNC _POSIX_PRIORITIZED_IO "
        "_POSIX_PRIORITY_SCHEDULING _POSIX_READER_WRITER_LOCKS _POSIX_REALTIME_SIGNALS _POSIX_SAVED_IDS "
        "_POSIX_SEMAPHORES _POSIX_SHARED_MEMORY_OBJECTS _POSIX_SHELL _POSIX_SPAWN _POSIX_SPIN_LOCKS "
        "_POSIX_SPORADIC_SERVER _POSIX_SYNCHRONIZED_IO _POSIX_THREADS _POSIX_THREAD_ATTR_STACKADDR "
        "_POSIX_THREAD_ATTR_STACKSIZE _POSIX_THREAD_CPUTIME _POSIX_THREAD_PRIORITY_SCHEDULING "
        "_POSIX_THREAD_PRIO_INHERIT _POSIX_THREAD_PRIO_PROTECT _POSIX_THREAD_PROCESS_SHARED "
        "_POSIX_THREAD_SAFE_FUNCTIONS _POSIX_THREAD_SPORADIC_SERVER _POSIX_TIMEOUTS _POSIX_TIMERS "
        "_POSIX_TYPED_MEMORY_OBJECTS _POSIX_V7_LP64_OFF64 _POSIX_V7_LPBIG_OFFBIG _POSIX_VDISABLE _POSIX_VERSION "
        "_SC_2_CHAR_TERM _SC_2_C_BIND _SC_2_C_DEV _SC_2_C_VERSION _SC_2_FORT_DEV _SC_2_FORT_RUN _SC_2_LOCALEDEF "
        "_SC_2_PBS _SC_2_PBS_ACCOUNTING _SC_2_PBS_CHECKPOINT _SC_2_PBS_LOCATE _SC_2_PBS_MESSAGE _SC_2_PBS_TRACK "
        "_SC_2_SW_DEV _SC_2_UPE _SC_2_VERSION _SC_ADVISORY_INFO _SC_AIO_LISTIO_MAX _SC_AIO_MAX _SC_AIO_PRIO_DELTA_MAX "
        "_SC_ARG_MAX _SC_ASYNCHRONOUS_IO _SC_ATEXIT_MAX _SC_AVPHYS_PAGES _SC_BARRIERS _SC_BASE _SC_BC_BASE_MAX "
        "_SC_BC_DIM_MAX _SC_BC_SCALE_MAX _SC_BC_STRING_MAX _SC_CHILD_MAX _SC_CLK_TCK _SC_CLOCK_SELECTION "
        "_SC_COLL_WEIGHTS_MAX _SC_CPUTIME _SC_DELAYTIMER_MAX _SC_DEVICE_IO _SC_DEVICE_SPECIFIC _SC_DEVICE_SPECIFIC_R "
        "_SC_EXPR_NEST_MAX _SC_FD_MGMT _SC_FIFO _SC_FILE_ATTRIBUTES _SC_FILE_LOCKING _SC_FILE_SYSTEM _SC_FSYNC "
        "_SC_GETGR_R_SIZE_MAX _SC_GETPW_R_SIZE_MAX _SC_HOST_NAME_MAX _SC_IOV_MAX _SC_IPV6 _SC_JOB_CONTROL "
        "_SC_LINE_MAX _SC_LOGIN_NAME_MAX _SC_MAPPED_FILES _SC_MEMLOCK _SC_MEMLOCK_RANGE _SC_MEMORY_PROTECTION "
        "_SC_MESSAGE_PASSING _SC_MINSIGSTKSZ _SC_MONOTONIC_CLOCK _SC_MQ_OPEN_MAX _SC_MQ_PRIO_MAX _SC_NETWORKING "
        "_SC_NGROUPS_MAX _SC_NPROCESSORS_CONF _SC_NPROCESSORS_ONLN _SC_NZERO _SC_OPEN_MAX _SC_PAGESIZE _SC_PAGE_SIZE "
        "_SC_PASS_MAX _SC_PHYS_PAGES _SC_PIPE _SC_PRIORITIZED_IO _SC_PRIORITY_SCHEDULING _SC_RAW_SOCKETS "
        "_SC_READER_WRITER_LOCKS _SC_REALTIME_SIGNALS _SC_REGEXP _SC_RE_DUP_MAX _SC_RTSIG_MAX _SC_SAVED_IDS "
        "_SC_SEMAPHORES _SC_SEM_NSEMS_MAX _SC_SEM_VALUE_MAX _SC_SHARED_MEMORY_OBJECTS _SC_SHELL _SC_SIGNALS "
        "_SC_SIGQUEUE_MAX _SC_SIGSTKSZ _SC_SINGLE_PROCESS _SC_SPAWN _SC_SPIN_LOCKS _SC_SPORADIC_SERVER "
        "_SC_SS_REPL_MAX _SC_STREAMS _SC_STREAM_MAX _SC_SYMLOOP_MAX _SC_SYNCHRONIZED_IO _SC_THREADS "
        "_SC_THREAD_ATTR_STACKADDR _SC_THREAD_ATTR_STACKSIZE _SC_THREAD_CPUTIME _SC_THREAD_DESTRUCTOR_ITERATIONS "
        "_SC_THREAD_KEYS_MAX _SC_THREAD_PRIORITY_SCHEDULING _SC_THREAD_PRIO_INHERIT _SC_THREAD_PRIO_PROTECT "
        "_SC_THREAD_PROCESS_SHARED _SC_THREAD_ROBUST_PRIO_INHERIT _SC_THREAD_ROBUST_PRIO_PROTECT "
        "_SC_THREAD_SAFE_FUNCTIONS _SC_THREAD_SPORADIC_SERVER _SC_THREAD_STACK_MIN _SC_THREAD_THREADS_MAX "
        "_SC_TIMEOUTS _SC_TIMERS _SC_TIMER_MAX _SC_TRACE _SC_TRACE_EVENT_FILTER _SC_TRACE_EVENT_NAME_MAX "
        "_SC_TRACE_INHERIT _SC_TRACE_LOG _SC_TRACE_NAME_MAX _SC_TRACE_SYS_MAX _SC_TRACE_USER_EVENT_MAX "
        "_SC_TTY_NAME_MAX _SC_TYPED_MEMORY_OBJECTS _SC_TZNAME_MAX _SC_UIO_MAXIOV _SC_USER_GROUPS _SC_USER_GROUPS_R "
        "_SC_V6_ILP32_OFF32 _SC_V6_ILP32_OFFBIG _SC_V6_LP64_OFF64 _SC_V6_LPBIG_OFFBIG _SC_V7_ILP32_OFF32 "
        "_SC_V7_ILP32_OFFBIG _SC_V7_LP64_OFF64 _SC_V7_LPBIG_OFFBIG _SC_VERSION _SC_XBS5_ILP32_OFF32 "
        "_SC_XBS5_ILP32_OFFBIG _SC_XBS5_LP64_OFF64 _SC_XBS5_LPBIG_OFFBIG _SC_XOPEN_CRYPT _SC_XOPEN_ENH_I18N "
        "_SC_XOPEN_LEGACY _SC_XOPEN_REALTIME _SC_XOPEN_REALTIME_THREADS _SC_XOPEN_SHM _SC_XOPEN_STREAMS "
        "_SC_XOPEN_UNIX _SC_XOPEN_VERSION _SC_XOPEN_XCU_VERSION _SC_XOPEN_XPG2 _SC_XOPEN_XPG3 _SC_XOPEN_XPG4 "
        "_XOPEN_ENH_I18N _XOPEN_LEGACY _XOPEN_REALTIME _XOPEN_REALTIME_THREADS _XOPEN_SHM _XOPEN_UNIX _XOPEN_VERSION "
        "_XOPEN_XCU_VERSION _XOPEN_XPG2 _XOPEN_XPG3 _XOPEN_XPG4 _exit access alarm chdir chown close confstr crypt "
        "dup dup2 dup3 encrypt execl execle execlp execv execve execvp faccessat fchdir fchown fchownat fdatasync "
        "fexecve fork fpathconf fsync ftruncate getcwd getegid getentropy geteuid getgid getgroups gethostid "
        "gethostname getlogin getlogin_r getopt getpgid getpgrp getpid getppid getresgid getresuid getsid getuid "
        "isatty lchown link linkat lockf lseek nice optarg opterr optind optopt pathconf pause pipe pipe2 posix_close "
        "pread pwrite read readlink readlinkat rmdir setegid seteuid setgid setpgid setpgrp setregid setresgid "
        "setresuid setreuid setsid setuid sleep swab symlink symlinkat sync sysconf tcgetpgrp tcsetpgrp truncate "
        "ttyname ttyname_r unlink unlinkat write"
    ),
    "utime.h": "utime struct:utimbuf",
    "utmpx.h": (
        "BOOT_TIME DEAD_PROCESS EMPTY INIT_PROCESS LOGIN_PROCESS NEW_TIME OLD_TIME RUN_LVL USER_PROCESS endutxent "
        "getutxent getutxid getutxline pututxline setutxent struct:utmpx"
    ),
    "wordexp.h": (
        "WRDE_APPEND WRDE_BADCHAR WRDE_BADVAL WRDE_CMDSUB WRDE_DOOFFS WRDE_NOCMD WRDE_NOSPACE WRDE_NOSYS WRDE_REUSE "
        "WRDE_SHOWERR WRDE_SYNTAX WRDE_UNDEF wordexp wordexp_t wordfree"
    ),
}  # fmt: skip
"""Header to names."""
