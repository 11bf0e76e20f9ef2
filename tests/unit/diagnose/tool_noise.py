"""Output of tools in builds that passed, which reads like failures: what probes, tests, package managers and scripts print.

Each piece is what the tool prints before it goes on; commands are those of public projects, in lines of our own.
"""

TOOL_NOISE = {
    "which without an answer": "+ which gsed\nwhich: no gsed in (/usr/local/bin:/usr/bin:/bin)\n+ SED=sed\n",
    "command -v of the second name": "./autogen.sh: 12: glibtoolize: not found\nautogen.sh: using libtoolize\n",
    "git describe without tags": "fatal: No names found, cannot describe anything.\nversion: 1.2-unknown\n",
    "git outside of a repository": "fatal: not a git repository (or any of the parent directories): .git\nUsing the version of the VERSION file\n",
    "git with another owner": "fatal: detected dubious ownership in repository at '/src'\nrevision: unknown\n",
    "apt without a terminal": "debconf: unable to initialize frontend: Dialog\ndebconf: (TERM is not set, so the dialog frontend is not usable.)\n"
    "debconf: falling back to frontend: Readline\nSetting up tzdata (2026a-1) ...\n",
    "apt-utils": "debconf: delaying package configuration, since apt-utils is not installed\nSetting up zlib1g-dev (1.3-1) ...\n",
    "a service that cannot start": "invoke-rc.d: could not determine current runlevel\ninvoke-rc.d: policy-rc.d denied execution of start.\nSetting up rsyslog (8.2-1) ...\n",
    "update-alternatives": "update-alternatives: warning: skip creation of /usr/share/man/man1/cc.1.gz because associated file /usr/share/man/man1/gcc.1.gz (of link group cc) doesn't exist\n"
    "Setting up gcc (14.2.0-1) ...\n",
    "pip as root": "WARNING: Running pip as the 'root' user can result in broken permissions and conflicting behaviour with the system package manager.\n"
    "Successfully installed meson-1.9\n",
    "ldconfig": "/sbin/ldconfig: /lib/libfrob.so.1 is not a symbolic link\n\n",
    "libtool relinks": "libtool: warning: 'libfrob.la' has not been installed in '/usr/local/lib'\nlibtool: warning: remember to run 'libtool --finish /usr/local/lib'\n",
    "rm of what is not there": "+ rm core\nrm: cannot remove 'core': No such file or directory\n+ make\n",
    "cp with a fallback": "cp: cannot stat 'local.conf': No such file or directory\nlocal.conf is not there: the default is used\n",
    "a compiler asked for its version": "$ cc -V || cc --version\ncc: error: unrecognized command-line option '-V'\ncc: fatal error: no input files\ncompilation terminated.\ncc (Debian 14.2.0) 14.2.0\n",
    "a probe of a flag": "Checking for -Wno-frob: cc: error: unrecognized command-line option '-Wfrob'\nno\n",
    "a probe of a library by a script": "checking -lutil... /usr/bin/ld: cannot find -lutil: No such file or directory\ncollect2: error: ld returned 1 exit status\nno\n",
    "a test that expects exit status": "test 12: frob -z ... frob: unknown option -- z\nusage: frob [-v]\nok\n",
    "a test of missing files": "test 13: frob /nonexistent ... frob: /nonexistent: No such file or directory\nok\n",
    "a test of permissions": "test 14: frob /etc/shadow ... frob: /etc/shadow: Permission denied\nok\n",
    "a test that skips": "SKIP: tls.sh\ntls.sh: cannot connect to localhost:4433: Connection refused\nPASS: plain.sh\n",
    "bats with output": " \u2713 refuses a broken file\n   error: broken.conf:3: syntax error\n \u2713 reads a good file\n\n2 tests, 0 failures\n",
    "unittest with a traceback": "test_refuses (t.T) ... Traceback (most recent call last):\n  File \"frob.py\", line 3, in <module>\nValueError: bad port\nok\n",
    "Go tests": "=== RUN   TestDial\n2026/11/30 10:00:00 dial tcp 127.0.0.1:1: connect: connection refused\n--- PASS: TestDial (0.01s)\nok  \texample.org/frob\t0.02s\n",
    "gtest": "[ RUN      ] Conf.Refuses\nconf.c:3: error: unknown directive frob\n[       OK ] Conf.Refuses (0 ms)\n",
    "an assembler warning": "/usr/bin/ld: warning: crc.o: missing .note.GNU-stack section implies executable stack\n"
    "/usr/bin/ld: NOTE: This behaviour is deprecated and will be removed in a future version of the linker\n",
    "a static program that resolves names": "/usr/bin/ld: conf.o: in function `lookup':\nconf.c:(.text+0x1c): warning: Using 'getaddrinfo' in statically linked applications requires at runtime the shared libraries from the glibc version used for linking\n",
    "a check without its tool": "mandoc: not found\nthe manual pages are not checked\n",
    "doxygen": "/b/src/conf.h:3: warning: Member conf_read(const char *) is not documented.\nerror: Problems running dot: exit code=127, command='dot', arguments='\"x.dot\"'\nfinished...\n",
    "xgettext": "xgettext: warning: file 'src/frob.xx' extension 'xx' is unknown; will try C\n",
    "a mirror that is skipped": "W: Failed to fetch http://mirror.example.org/debian/dists/trixie/InRelease  Connection timed out\n"
    "W: Some index files failed to download. They have been ignored, or old ones used instead.\nReading package lists...\n",
}  # fmt: skip
