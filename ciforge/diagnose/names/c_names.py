"""Names of the C library, by the header of ISO C that declares them.

Source: the headers of musl 1.2.5 (git.musl-libc.org), which declare no more than POSIX and XSI ask for where
_XOPEN_SOURCE is 700, and what POSIX.1-2024 added (pubs.opengroup.org/onlinepubs/9799919799/basedefs/). Of names
in several headers the one that POSIX describes them in is named. A structure is written `struct:NAME`.
"""

C_NAMES = {
    "assert.h": "assert static_assert",
    "complex.h": (
        "CMPLX CMPLXF CMPLXL I _Complex_I cabs cabsf cabsl cacos cacosf cacosh cacoshf cacoshl cacosl carg cargf "
        "cargl casin casinf casinh casinhf casinhl casinl catan catanf catanh catanhf catanhl catanl ccos ccosf ccosh "
        "ccoshf ccoshl ccosl cexp cexpf cexpl cimag cimagf cimagl clog clogf clogl complex conj conjf conjl cpow "
        "cpowf cpowl cproj cprojf cprojl creal crealf creall csin csinf csinh csinhf csinhl csinl csqrt csqrtf csqrtl "
        "ctan ctanf ctanh ctanhf ctanhl ctanl"
    ),
    "ctype.h": (
        "_tolower _toupper isalnum isalnum_l isalpha isalpha_l isascii isblank isblank_l iscntrl iscntrl_l isdigit "
        "isdigit_l isgraph isgraph_l islower islower_l isprint isprint_l ispunct ispunct_l isspace isspace_l isupper "
        "isupper_l isxdigit isxdigit_l toascii tolower tolower_l toupper toupper_l"
    ),
    "errno.h": (
        "E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EADV EAFNOSUPPORT EAGAIN EALREADY EBADE EBADF EBADFD EBADMSG EBADR "
        "EBADRQC EBADSLT EBFONT EBUSY ECANCELED ECHILD ECHRNG ECOMM ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK "
        "EDEADLOCK EDESTADDRREQ EDOM EDOTDOT EDQUOT EEXIST EFAULT EFBIG EHOSTDOWN EHOSTUNREACH EHWPOISON EIDRM EILSEQ "
        "EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR EISNAM EKEYEXPIRED EKEYREJECTED EKEYREVOKED EL2HLT EL2NSYNC "
        "EL3HLT EL3RST ELIBACC ELIBBAD ELIBEXEC ELIBMAX ELIBSCN ELNRNG ELOOP EMEDIUMTYPE EMFILE EMLINK EMSGSIZE "
        "EMULTIHOP ENAMETOOLONG ENAVAIL ENETDOWN ENETRESET ENETUNREACH ENFILE ENOANO ENOBUFS ENOCSI ENODATA ENODEV "
        "ENOENT ENOEXEC ENOKEY ENOLCK ENOLINK ENOMEDIUM ENOMEM ENOMSG ENONET ENOPKG ENOPROTOOPT ENOSPC ENOSR ENOSTR "
        "ENOSYS ENOTBLK ENOTCONN ENOTDIR ENOTEMPTY ENOTNAM ENOTRECOVERABLE ENOTSOCK ENOTSUP ENOTTY ENOTUNIQ ENXIO "
        "EOPNOTSUPP EOVERFLOW EOWNERDEAD EPERM EPFNOSUPPORT EPIPE EPROTO EPROTONOSUPPORT EPROTOTYPE ERANGE EREMCHG "
        "EREMOTE EREMOTEIO ERESTART ERFKILL EROFS ESHUTDOWN ESOCKTNOSUPPORT ESPIPE ESRCH ESRMNT ESTALE ESTRPIPE ETIME "
        "ETIMEDOUT ETOOMANYREFS ETXTBSY EUCLEAN EUNATCH EUSERS EWOULDBLOCK EXDEV EXFULL errno"
    ),
    "fenv.h": (
        "FE_ALL_EXCEPT FE_DFL_ENV FE_DIVBYZERO FE_DOWNWARD FE_INEXACT FE_INVALID FE_OVERFLOW FE_TONEAREST "
        "FE_TOWARDZERO FE_UNDERFLOW FE_UPWARD feclearexcept fegetenv fegetexceptflag fegetround feholdexcept fenv_t "
        "feraiseexcept fesetenv fesetexceptflag fesetround fetestexcept feupdateenv fexcept_t"
    ),
    "float.h": (
        "DBL_DECIMAL_DIG DBL_DIG DBL_EPSILON DBL_HAS_SUBNORM DBL_MANT_DIG DBL_MAX DBL_MAX_10_EXP DBL_MAX_EXP DBL_MIN "
        "DBL_MIN_10_EXP DBL_MIN_EXP DBL_TRUE_MIN DECIMAL_DIG FLT_DECIMAL_DIG FLT_DIG FLT_EPSILON FLT_EVAL_METHOD "
        "FLT_HAS_SUBNORM FLT_MANT_DIG FLT_MAX FLT_MAX_10_EXP FLT_MAX_EXP FLT_MIN FLT_MIN_10_EXP FLT_MIN_EXP FLT_RADIX "
        "FLT_ROUNDS FLT_TRUE_MIN LDBL_DECIMAL_DIG LDBL_DIG LDBL_EPSILON LDBL_HAS_SUBNORM LDBL_MANT_DIG LDBL_MAX "
        "LDBL_MAX_10_EXP LDBL_MAX_EXP LDBL_MIN LDBL_MIN_10_EXP LDBL_MIN_EXP LDBL_TRUE_MIN"
    ),
    "inttypes.h": (
        "PRIX16 PRIX32 PRIX64 PRIX8 PRIXFAST16 PRIXFAST32 PRIXFAST64 PRIXFAST8 PRIXLEAST16 PRIXLEAST32 PRIXLEAST64 "
        "PRIXLEAST8 PRIXMAX PRIXPTR PRId16 PRId32 PRId64 PRId8 PRIdFAST16 PRIdFAST32 PRIdFAST64 PRIdFAST8 PRIdLEAST16 "
        "PRIdLEAST32 PRIdLEAST64 PRIdLEAST8 PRIdMAX PRIdPTR PRIi16 PRIi32 PRIi64 PRIi8 PRIiFAST16 PRIiFAST32 "
        "PRIiFAST64 PRIiFAST8 PRIiLEAST16 PRIiLEAST32 PRIiLEAST64 PRIiLEAST8 PRIiMAX PRIiPTR PRIo16 PRIo32 PRIo64 "
        "PRIo8 PRIoFAST16 PRIoFAST32 PRIoFAST64 PRIoFAST8 PRIoLEAST16 PRIoLEAST32 PRIoLEAST64 PRIoLEAST8 PRIoMAX "
        "PRIoPTR PRIu16 PRIu32 PRIu64 PRIu8 PRIuFAST16 PRIuFAST32 PRIuFAST64 PRIuFAST8 PRIuLEAST16 PRIuLEAST32 "
        "PRIuLEAST64 PRIuLEAST8 PRIuMAX PRIuPTR PRIx16 PRIx32 PRIx64 PRIx8 PRIxFAST16 PRIxFAST32 PRIxFAST64 PRIxFAST8 "
        "PRIxLEAST16 PRIxLEAST32 PRIxLEAST64 PRIxLEAST8 PRIxMAX PRIxPTR SCNd16 SCNd32 SCNd64 SCNd8 SCNdFAST16 "
        "SCNdFAST32 SCNdFAST64 SCNdFAST8 SCNdLEAST16 SCNdLEAST32 SCNdLEAST64 SCNdLEAST8 SCNdMAX SCNdPTR SCNi16 SCNi32 "
        "SCNi64 SCNi8 SCNiFAST16 SCNiFAST32 SCNiFAST64 SCNiFAST8 SCNiLEAST16 SCNiLEAST32 SCNiLEAST64 SCNiLEAST8 "
        "SCNiMAX SCNiPTR SCNo16 SCNo32 SCNo64 SCNo8 SCNoFAST16 SCNoFAST32 SCNoFAST64 SCNoFAST8 SCNoLEAST16 "
        "SCNoLEAST32 SCNoLEAST64 SCNoLEAST8 SCNoMAX SCNoPTR SCNu16 SCNu32 SCNu64 SCNu8 SCNuFAST16 SCNuFAST32 "
        "SCNuFAST64 SCNuFAST8 SCNuLEAST16 SCNuLEAST32 SCNuLEAST64 SCNuLEAST8 SCNuMAX SCNuPTR SCNx16 SCNx32 SCNx64 "
        "SCNx8 SCNxFAST16 SCNxFAST32 SCNxFAST64 SCNxFAST8 SCNxLEAST16 SCNxLEAST32 SCNxLEAST64 SCNxLEAST8 SCNxMAX "
        "SCNxPTR imaxabs imaxdiv imaxdiv_t strtoimax strtoumax wcstoimax wcstoumax"
    ),
    "limits.h": (
        "ARG_MAX BC_BASE_MAX BC_DIM_MAX BC_SCALE_MAX BC_STRING_MAX CHARCLASS_NAME_MAX CHAR_BIT CHAR_MAX CHAR_MIN "
        "COLL_WEIGHTS_MAX DELAYTIMER_MAX EXPR_NEST_MAX FILESIZEBITS GETENTROPY_MAX HOST_NAME_MAX INT_MAX INT_MIN "
        "IOV_MAX LINE_MAX LLONG_MAX LLONG_MIN LOGIN_NAME_MAX LONG_BIT LONG_MAX LONG_MIN MB_LEN_MAX MQ_PRIO_MAX "
        "NAME_MAX NGROUPS_MAX NL_ARGMAX NL_LANGMAX NL_MSGMAX NL_SETMAX NL_TEXTMAX NSIG_MAX NZERO PAGESIZE PATH_MAX "
        "PIPE_BUF PTHREAD_DESTRUCTOR_ITERATIONS PTHREAD_KEYS_MAX PTHREAD_STACK_MIN RE_DUP_MAX SCHAR_MAX SCHAR_MIN "
        "SEM_NSEMS_MAX SEM_VALUE_MAX SHRT_MAX SHRT_MIN SSIZE_MAX SYMLOOP_MAX TTY_NAME_MAX TZNAME_MAX UCHAR_MAX "
        "UINT_MAX ULLONG_MAX ULONG_MAX USHRT_MAX WORD_BIT _POSIX2_BC_BASE_MAX _POSIX2_BC_DIM_MAX _POSIX2_BC_SCALE_MAX "
        "_POSIX2_BC_STRING_MAX _POSIX2_CHARCLASS_NAME_MAX _POSIX2_COLL_WEIGHTS_MAX _POSIX2_EXPR_NEST_MAX "
        "_POSIX2_LINE_MAX _POSIX2_RE_DUP_MAX _POSIX_AIO_LISTIO_MAX _POSIX_AIO_MAX _POSIX_ARG_MAX _POSIX_CHILD_MAX "
        "_POSIX_CLOCKRES_MIN _POSIX_DELAYTIMER_MAX _POSIX_LINK_MAX _POSIX_LOGIN_NAME_MAX _POSIX_MAX_CANON "
        "_POSIX_MAX_INPUT _POSIX_MQ_OPEN_MAX _POSIX_MQ_PRIO_MAX _POSIX_NAME_MAX _POSIX_NGROUPS_MAX _POSIX_OPEN_MAX "
        "_POSIX_PATH_MAX _POSIX_PIPE_BUF _POSIX_RTSIG_MAX _POSIX_SEM_NSEMS_MAX _POSIX_SEM_VALUE_MAX "
        "_POSIX_SIGQUEUE_MAX _POSIX_SSIZE_MAX _POSIX_STREAM_MAX _POSIX_SYMLINK_MAX _POSIX_SYMLOOP_MAX "
        "_POSIX_THREAD_DESTRUCTOR_ITERATIONS _POSIX_THREAD_KEYS_MAX _POSIX_THREAD_THREADS_MAX _POSIX_TIMER_MAX "
        "_POSIX_TTY_NAME_MAX _POSIX_TZNAME_MAX _XOPEN_IOV_MAX"
    ),
    "locale.h": (
        "LC_ALL LC_ALL_MASK LC_COLLATE LC_COLLATE_MASK LC_CTYPE LC_CTYPE_MASK LC_GLOBAL_LOCALE LC_MESSAGES "
        "LC_MESSAGES_MASK LC_MONETARY LC_MONETARY_MASK LC_NUMERIC LC_NUMERIC_MASK LC_TIME LC_TIME_MASK duplocale "
        "freelocale getlocalename_l locale_t localeconv newlocale setlocale uselocale struct:lconv"
    ),
    "math.h": (
        "FP_FAST_FMA FP_FAST_FMAF FP_FAST_FMAL FP_ILOGB0 FP_ILOGBNAN FP_INFINITE FP_NAN FP_NORMAL FP_SUBNORMAL "
        "FP_ZERO HUGE_VAL HUGE_VALF HUGE_VALL INFINITY MATH_ERREXCEPT MATH_ERRNO MAXFLOAT M_1_PI M_1_PIl M_2_PI "
        "M_2_PIl M_2_SQRTPI M_2_SQRTPIl M_E M_El M_LN10 M_LN10l M_LN2 M_LN2l M_LOG10E M_LOG10El M_LOG2E M_LOG2El M_PI "
        "M_PI_2 M_PI_2l M_PI_4 M_PI_4l M_PIl M_SQRT1_2 M_SQRT1_2l M_SQRT2 M_SQRT2l NAN acos acosf acosh acoshf acoshl "
        "acosl asin asinf asinh asinhf asinhl asinl atan atan2 atan2f atan2l atanf atanh atanhf atanhl atanl cbrt "
        "cbrtf cbrtl ceil ceilf ceill copysign copysignf copysignl cos cosf cosh coshf coshl cosl double_t erf erfc "
        "erfcf erfcl erff erfl exp exp2 exp2f exp2l expf expl expm1 expm1f expm1l fabs fabsf fabsl fdim fdimf fdiml "
        "float_t floor floorf floorl fma fmaf fmal fmax fmaxf fmaxl fmin fminf fminl fmod fmodf fmodl fpclassify "
        "frexp frexpf frexpl hypot hypotf hypotl ilogb ilogbf ilogbl isfinite isgreater isgreaterequal isinf isless "
        "islessequal islessgreater isnan isnormal isunordered j0 j1 jn ldexp ldexpf ldexpl lgamma lgammaf lgammal "
        "llrint llrintf llrintl llround llroundf llroundl log log10 log10f log10l log1p log1pf log1pl log2 log2f "
        "log2l logb logbf logbl logf logl lrint lrintf lrintl lround lroundf lroundl math_errhandling modf modff "
        "modfl nan nanf nanl nearbyint nearbyintf nearbyintl nextafter nextafterf nextafterl nexttoward nexttowardf "
        "nexttowardl pow powf powl remainder remainderf remainderl remquo remquof remquol rint rintf rintl round "
        "roundf roundl scalbln scalblnf scalblnl scalbn scalbnf scalbnl signbit signgam sin sinf sinh sinhf sinhl "
        "sinl sqrt sqrtf sqrtl tan tanf tanh tanhf tanhl tanl tgamma tgammaf tgammal trunc truncf truncl y0 y1 yn"
    ),
    "setjmp.h": "_longjmp _setjmp jmp_buf longjmp setjmp sigjmp_buf siglongjmp sigsetjmp",
    "signal.h": (
        "BUS_ADRALN BUS_ADRERR BUS_OBJERR CLD_CONTINUED CLD_DUMPED CLD_EXITED CLD_KILLED CLD_STOPPED CLD_TRAPPED "
        "FPE_FLTDIV FPE_FLTINV FPE_FLTOVF FPE_FLTRES FPE_FLTSUB FPE_FLTUND FPE_INTDIV FPE_INTOVF ILL_BADSTK "
        "ILL_COPROC ILL_ILLADR ILL_ILLOPC ILL_ILLOPN ILL_ILLTRP ILL_PRVOPC ILL_PRVREG MINSIGSTKSZ POLL_ERR POLL_HUP "
        "POLL_IN POLL_MSG POLL_OUT POLL_PRI SA_NOCLDSTOP SA_NOCLDWAIT SA_NODEFER SA_ONSTACK SA_RESETHAND SA_RESTART "
        "SA_SIGINFO SEGV_ACCERR SEGV_MAPERR SIG2STR_MAX SIGABRT SIGALRM SIGBUS SIGCHLD SIGCONT SIGEV_NONE "
        "SIGEV_SIGNAL SIGEV_THREAD SIGEV_THREAD_ID SIGFPE SIGHUP SIGILL SIGINT SIGKILL SIGPIPE SIGPOLL SIGPROF "
        "SIGQUIT SIGRTMAX SIGRTMIN SIGSEGV SIGSTKSZ SIGSTOP SIGSYS SIGTERM SIGTRAP SIGTSTP SIGTTIN SIGTTOU SIGURG "
        "SIGUSR1 SIGUSR2 SIGVTALRM SIGWINCH SIGXCPU SIGXFSZ SIG_BLOCK SIG_DFL SIG_ERR SIG_HOLD SIG_IGN SIG_SETMASK "
        "SIG_UNBLOCK SI_ASYNCIO SI_MESGQ SI_QUEUE SI_TIMER SI_USER SS_DISABLE SS_ONSTACK TRAP_BRKPT TRAP_TRACE kill "
        "killpg mcontext_t psiginfo psignal pthread_kill pthread_sigmask raise sa_handler sa_sigaction si_addr "
        "si_addr_lsb si_arch si_band si_call_addr si_fd si_int si_lower si_overrun si_pid si_pkey si_ptr si_status "
        "si_stime si_syscall si_timerid si_uid si_upper si_utime si_value sig2str sig_atomic_t sigaction sigaddset "
        "sigaltstack sigdelset sigemptyset sigev_notify_attributes sigev_notify_function sigfillset sighandler_t "
        "sighold sigignore siginfo_t siginterrupt sigismember signal sigpause sigpending sigprocmask sigqueue "
        "sigrelse sigset sigset_t sigsuspend sigtimedwait sigwait sigwaitinfo stack_t str2sig ucontext_t "
        "struct:sigaction struct:sigevent struct:sigval"
    ),
    "stdalign.h": "__alignas_is_defined __alignof_is_defined alignas alignof",
    "stdarg.h": "va_arg va_copy va_end va_list va_start",
    "stdatomic.h": (
        "ATOMIC_FLAG_INIT atomic_bool atomic_exchange atomic_fetch_add atomic_fetch_or atomic_fetch_sub atomic_flag "
        "atomic_flag_test_and_set atomic_init atomic_int atomic_load atomic_store atomic_uint memory_order_acq_rel "
        "memory_order_acquire memory_order_consume memory_order_relaxed memory_order_release memory_order_seq_cst"
    ),
    "stdbool.h": "__bool_true_false_are_defined bool false true",
    "stddef.h": "NULL max_align_t offsetof ptrdiff_t size_t wchar_t",
    "stdint.h": (
        "INT16_C INT16_MAX INT16_MIN INT32_C INT32_MAX INT32_MIN INT64_C INT64_MAX INT64_MIN INT8_C INT8_MAX INT8_MIN "
        "INTMAX_C INTMAX_MAX INTMAX_MIN INTPTR_MAX INTPTR_MIN INT_FAST16_MAX INT_FAST16_MIN INT_FAST32_MAX "
        "INT_FAST32_MIN INT_FAST64_MAX INT_FAST64_MIN INT_FAST8_MAX INT_FAST8_MIN INT_LEAST16_MAX INT_LEAST16_MIN "
        "INT_LEAST32_MAX INT_LEAST32_MIN INT_LEAST64_MAX INT_LEAST64_MIN INT_LEAST8_MAX INT_LEAST8_MIN PTRDIFF_MAX "
        "PTRDIFF_MIN SIG_ATOMIC_MAX SIG_ATOMIC_MIN SIZE_MAX UINT16_C UINT16_MAX UINT32_C UINT32_MAX UINT64_C "
        "UINT64_MAX UINT8_C UINT8_MAX UINTMAX_C UINTMAX_MAX UINTPTR_MAX UINT_FAST16_MAX UINT_FAST32_MAX "
        "UINT_FAST64_MAX UINT_FAST8_MAX UINT_LEAST16_MAX UINT_LEAST32_MAX UINT_LEAST64_MAX UINT_LEAST8_MAX WCHAR_MAX "
        "WCHAR_MIN WINT_MAX WINT_MIN int16_t int32_t int64_t int8_t int_fast16_t int_fast32_t int_fast64_t "
        "int_fast8_t int_least16_t int_least32_t int_least64_t int_least8_t intmax_t intptr_t uint16_t uint32_t "
        "uint64_t uint8_t uint_fast16_t uint_fast32_t uint_fast64_t uint_fast8_t uint_least16_t uint_least32_t "
        "uint_least64_t uint_least8_t uintmax_t uintptr_t"
    ),
    "stdio.h": (
        "BUFSIZ EOF FILE FILENAME_MAX FOPEN_MAX L_ctermid L_tmpnam P_tmpdir SEEK_CUR SEEK_END SEEK_SET TMP_MAX _IOFBF "
        "_IOLBF _IONBF asprintf clearerr ctermid dprintf fclose fdopen feof ferror fflush fgetc fgetpos fgets fileno "
        "flockfile fmemopen fopen fpos_t fprintf fputc fputs fread freopen fscanf fseek fseeko fsetpos ftell ftello "
        "ftrylockfile funlockfile fwrite getc getc_unlocked getchar getchar_unlocked getdelim getline open_memstream "
        "pclose perror popen printf putc putc_unlocked putchar putchar_unlocked puts remove rename renameat rewind "
        "scanf setbuf setvbuf snprintf sprintf sscanf stderr stdin stdout tempnam tmpfile tmpnam ungetc vasprintf "
        "vdprintf vfprintf vfscanf vprintf vscanf vsnprintf vsprintf vsscanf"
    ),
    "stdlib.h": (
        "EXIT_FAILURE EXIT_SUCCESS MB_CUR_MAX RAND_MAX _Exit a64l abort abs aligned_alloc at_quick_exit atexit atof "
        "atoi atol atoll bsearch calloc div div_t drand48 erand48 exit free getenv getsubopt grantpt initstate "
        "jrand48 l64a labs lcong48 ldiv ldiv_t llabs lldiv lldiv_t lrand48 malloc mblen mbstowcs mbtowc mkdtemp "
        "mkostemp mkstemp mrand48 nrand48 posix_memalign posix_openpt ptsname ptsname_r putenv qsort qsort_r "
        "quick_exit rand rand_r random realloc reallocarray realpath secure_getenv seed48 setenv setkey setstate "
        "srand srand48 srandom strtod strtof strtol strtold strtoll strtoul strtoull system unlockpt unsetenv "
        "wcstombs wctomb"
    ),
    "stdnoreturn.h": "noreturn",
    "string.h": (
        "memccpy memchr memcmp memcpy memmem memmove memset stpcpy stpncpy strcat strchr strcmp strcoll strcoll_l "
        "strcpy strcspn strdup strerror strerror_l strerror_r strlcat strlcpy strlen strncat strncmp strncpy strndup "
        "strnlen strpbrk strrchr strsignal strspn strstr strtok strtok_r strxfrm strxfrm_l"
    ),
    "threads.h": (
        "ONCE_FLAG_INIT TSS_DTOR_ITERATIONS call_once cnd_broadcast cnd_destroy cnd_init cnd_signal cnd_t "
        "cnd_timedwait cnd_wait mtx_destroy mtx_init mtx_lock mtx_plain mtx_recursive mtx_t mtx_timed mtx_timedlock "
        "mtx_trylock mtx_unlock once_flag thrd_busy thrd_create thrd_current thrd_detach thrd_equal thrd_error "
        "thrd_exit thrd_join thrd_nomem thrd_sleep thrd_start_t thrd_success thrd_t thrd_timedout thrd_yield "
        "thread_local tss_create tss_delete tss_dtor_t tss_get tss_set tss_t"
    ),
    "time.h": (
        "CLOCKS_PER_SEC CLOCK_MONOTONIC CLOCK_PROCESS_CPUTIME_ID CLOCK_REALTIME CLOCK_THREAD_CPUTIME_ID TIMER_ABSTIME "
        "TIME_UTC asctime asctime_r clock clock_getcpuclockid clock_getres clock_gettime clock_nanosleep "
        "clock_settime ctime ctime_r daylight difftime getdate getdate_err gmtime gmtime_r localtime localtime_r "
        "mktime nanosleep strftime strftime_l strptime time timegm timer_create timer_delete timer_getoverrun "
        "timer_gettime timer_settime timespec_get timespec_getres timezone tzname tzset struct:itimerspec "
        "struct:timespec struct:tm"
    ),
    "uchar.h": "c16rtomb c32rtomb char16_t char32_t mbrtoc16 mbrtoc32",
    "wchar.h": (
        "WEOF btowc fgetwc fgetws fputwc fputws fwide fwprintf fwscanf getwc getwchar mbrlen mbrtowc mbsinit "
        "mbsnrtowcs mbsrtowcs mbstate_t open_wmemstream putwc putwchar swprintf swscanf ungetwc vfwprintf "
        "vfwscanf vswprintf vswscanf vwprintf vwscanf wcpcpy wcpncpy wcrtomb wcscasecmp wcscasecmp_l wcscat "
        "wcschr wcscmp wcscoll wcscoll_l wcscpy wcscspn wcsdup wcsftime wcslcat wcslcpy wcslen wcsncasecmp "
        "wcsncasecmp_l wcsncat wcsncmp wcsncpy wcsnlen wcsnrtombs wcspbrk wcsrchr wcsrtombs wcsspn wcsstr wcstod "
        "wcstof wcstok wcstol wcstold wcstoll wcstoul wcstoull wcswcs wcswidth wcsxfrm wcsxfrm_l wctob wcwidth "
        "wint_t wmemchr wmemcmp wmemcpy wmemmove wmemset wprintf wscanf"
    ),
    "wctype.h": (
        "iswalnum iswalnum_l iswalpha iswalpha_l iswblank iswblank_l iswcntrl iswcntrl_l iswctype iswctype_l iswdigit "
        "iswdigit_l iswgraph iswgraph_l iswlower iswlower_l iswprint iswprint_l iswpunct iswpunct_l iswspace "
        "iswspace_l iswupper iswupper_l iswxdigit iswxdigit_l towctrans towctrans_l towlower towlower_l towupper "
        "towupper_l wctrans wctrans_l wctrans_t wctype wctype_l wctype_t"
    ),
}  # fmt: skip
"""Header to names."""
