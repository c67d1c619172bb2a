#define _GNU_SOURCE
#include "confined.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int confined_input(const void *bytes, size_t count) {
  int file = memfd_create("document", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0) return -errno;
  const char *next = bytes;
  while (count > 0) {
    ssize_t written = write(file, next, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      int error = written < 0 ? errno : EIO;
      close(file);
      return -error;
    }
    next += written;
    count -= (size_t)written;
  }
  if (lseek(file, 0, SEEK_SET) < 0 ||
      fcntl(file, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0) {
    int error = errno;
    close(file);
    return -error;
  }
  return file;
}

int confined_pipe(int32_t ends[2]) { return pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno; }

/* Files: landlock(7). Kernels from 5.13 on know it, unless they are built or started without. */

#define READING (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

/* What this kernel can forbid: the rights have come in this order. */
static uint64_t rights_of_files(void) {
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return 0;
  return (UINT64_C(1) << (version == 1 ? 13 : version == 2 ? 14 : 15)) - 1;
}

/* Returns an errno: what could not be forbidden is not run. */
static int forbid_files(uint64_t rights, const char *const *readable) {
  if (rights == 0) return 0;
  struct landlock_ruleset_attr attributes = {.handled_access_fs = rights};
  int rules = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
  if (rules < 0) return errno;
  int error = 0;
  for (; readable && *readable; readable++) {
    int parent = open(*readable, O_PATH | O_CLOEXEC);
    if (parent < 0) continue;
    struct stat status;
    bool is_directory = fstat(parent, &status) == 0 && S_ISDIR(status.st_mode);
    struct landlock_path_beneath_attr rule = {
      .allowed_access = READING & (is_directory ? ~UINT64_C(0) : ~(uint64_t)LANDLOCK_ACCESS_FS_READ_DIR),
      .parent_fd = parent,
    };
    if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) error = errno;
    close(parent);
  }
  if (syscall(SYS_landlock_restrict_self, rules, 0) != 0) error = errno;
  close(rules);
  return error;
}

/* System calls: seccomp(2). A forbidden one fails with EPERM, so that a library that asks for more than it needs goes on. */

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* Connections; other processes; the kernel's own doors; changes to files, which landlock knows only in part. */
static const int forbidden_from_the_start[] = {
  SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_sendto, SYS_sendmsg,
  SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_open, SYS_pidfd_send_signal,
  SYS_pidfd_getfd, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp, SYS_setpgid, SYS_setsid,
  SYS_shmget, SYS_shmat, SYS_msgget, SYS_semget, SYS_mq_open, SYS_memfd_create,
  SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
  SYS_keyctl, SYS_add_key, SYS_request_key, SYS_personality, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot,
  SYS_unshare, SYS_setns, SYS_open_by_handle_at, SYS_name_to_handle_at, SYS_fanotify_init, SYS_inotify_init1,
  SYS_syslog, SYS_quotactl, SYS_acct, SYS_swapon, SYS_reboot, SYS_init_module, SYS_finit_module, SYS_delete_module,
  SYS_kexec_load,
  SYS_mkdirat, SYS_unlinkat, SYS_renameat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_mknodat, SYS_truncate,
  SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_utimensat, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr,
  SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr,
  SYS_setpriority, SYS_sched_setaffinity, SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setattr, SYS_ioprio_set,
  452 /* fchmodat2 */, 463 /* setxattrat */, 466 /* removexattrat */,
#if defined(__x86_64__)
  SYS_fork, SYS_vfork, SYS_mkdir, SYS_rmdir, SYS_unlink, SYS_rename, SYS_link, SYS_symlink, SYS_mknod, SYS_creat,
  SYS_chmod, SYS_chown, SYS_lchown, SYS_utime, SYS_utimes, SYS_futimesat, SYS_inotify_init,
#endif
};

static const int forbidden_once_loaded[] = {
  SYS_openat, SYS_openat2, SYS_execve, SYS_execveat,
#if defined(__x86_64__)
  SYS_open,
#endif
};

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define SKIP_UNLESS(value, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (count))
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, (action))

#define MOST_CALLS 128
_Static_assert(sizeof forbidden_from_the_start / sizeof(int) <= MOST_CALLS, "the filter has room for all");

/* Opening to write: what landlock cannot forbid on every kernel, and nothing where there is none. */
#define WRITING (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)

/* Returns an errno, as above. */
static int forbid_calls(const int *calls, size_t count) {
#ifdef ARCHITECTURE
  struct sock_filter filter[2 * MOST_CALLS + 64];
  unsigned short length = 0;
#define ADD(instruction) filter[length++] = (struct sock_filter)instruction
  ADD(LOAD(arch));
  ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
  ADD(ANSWER(SECCOMP_RET_KILL_PROCESS));
  ADD(LOAD(nr));
#if defined(__x86_64__)
  /* The same calls under the numbers of x32. */
  ADD(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1));
  ADD(ANSWER(SECCOMP_RET_ERRNO | EPERM));
#endif
  for (size_t index = 0; index < count; index++) {
    ADD(SKIP_UNLESS((unsigned)calls[index], 1));
    ADD(ANSWER(SECCOMP_RET_ERRNO | EPERM));
  }
  /* Threads may be made, processes not. The arguments of clone3 cannot be looked at: who asks for it is told that there is
     none, and takes clone. */
  ADD(SKIP_UNLESS(SYS_clone3, 1));
  ADD(ANSWER(SECCOMP_RET_ERRNO | ENOSYS));
  ADD(SKIP_UNLESS(SYS_clone, 3));
  ADD(LOAD(args[0]));
  ADD(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0));
  ADD(ANSWER(SECCOMP_RET_ERRNO | EPERM));
  /* Behind a look at an argument the number of the call is gone: each of these answers for itself. */
  ADD(LOAD(nr));
  /* The limits of another process, which the same user may set: of the parent. */
  ADD(SKIP_UNLESS(SYS_prlimit64, 4));
  ADD(LOAD(args[0]));
  ADD(SKIP_UNLESS(0, 1));
  ADD(ANSWER(SECCOMP_RET_ALLOW));
  ADD(ANSWER(SECCOMP_RET_ERRNO | EPERM));
  /* Signals to whoever is made the owner of a descriptor. */
  ADD(SKIP_UNLESS(SYS_fcntl, 7));
  ADD(LOAD(args[1]));
  ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_SETOWN, 4, 0));
  ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_SETOWN_EX, 3, 0));
  ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_SETSIG, 2, 0));
  ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_SETFL, 1, 0));
  ADD(ANSWER(SECCOMP_RET_ALLOW));
  ADD(ANSWER(SECCOMP_RET_ERRNO | EPERM));
  ADD(SKIP_UNLESS(SYS_openat2, 1));
  ADD(ANSWER(SECCOMP_RET_ERRNO | ENOSYS));
  ADD(SKIP_UNLESS(SYS_openat, 4));
  ADD(LOAD(args[2]));
  ADD(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, WRITING, 0, 1));
  ADD(ANSWER(SECCOMP_RET_ERRNO | EPERM));
  ADD(ANSWER(SECCOMP_RET_ALLOW));
#if defined(__x86_64__)
  ADD(SKIP_UNLESS(SYS_open, 4));
  ADD(LOAD(args[1]));
  ADD(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, WRITING, 0, 1));
  ADD(ANSWER(SECCOMP_RET_ERRNO | EPERM));
  ADD(ANSWER(SECCOMP_RET_ALLOW));
#endif
  ADD(ANSWER(SECCOMP_RET_ALLOW));
#undef ADD
  struct sock_fprog program = {.len = length, .filter = filter};
  /* The number of a thread that could not be brought along is an error, too. */
  long failed = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
  return failed == 0 ? 0 : failed > 0 ? EAGAIN : errno;
#else
  (void)calls;
  (void)count;
  return ENOSYS;
#endif
}

/* The process itself. */

static void limit(int resource, uint64_t value) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) != 0) return;
  if (limit.rlim_max > value) limit.rlim_max = value;
  if (limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
  setrlimit(resource, &limit);
}

static void set_limits(const confined_command *command) {
  /* What a program allocates; and, since memory that is shared is not counted there, all that it maps, files included. */
  limit(RLIMIT_DATA, command->memory_bytes);
  limit(RLIMIT_AS, command->memory_bytes + (UINT64_C(2) << 30));
  limit(RLIMIT_CPU, command->cpu_seconds);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, 64);
}

/* Between vfork and exec, in the memory of the parent, which stands still: system calls alone, nothing that is kept there.
   Returns an errno. */
static int become(const confined_command *command, int input, int output) {
  static const char *const environment[] = {"SWIFT_BACKTRACE=enable=no", NULL};
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
  if (setpgid(0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || chdir("/") != 0) return errno;
  int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (null < 0 || dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(null, 2) < 0) return errno;
  if (close_range(3, ~0U, 0) != 0) return errno;
  set_limits(command);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  uint64_t rights = rights_of_files();
  int error = forbid_files(command->readable ? rights : rights & ~(uint64_t)READING, command->readable);
  if (error == 0)
    error = forbid_calls(forbidden_from_the_start, sizeof forbidden_from_the_start / sizeof *forbidden_from_the_start);
  if (error != 0) return error;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execve(command->arguments[0], (char *const *)command->arguments, (char *const *)environment);
  return errno;
}

int confined_spawn(const confined_command *command, int input, int output, int32_t *pid) {
  /* Above the standard descriptors, which are written over. */
  int from = fcntl(input, F_DUPFD_CLOEXEC, 3);
  int to = fcntl(output, F_DUPFD_CLOEXEC, 3);
  volatile int error = from < 0 || to < 0 ? errno : 0;
  if (error == 0) {
    /* No handler of the parent may run in the child. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t child = vfork();
    if (child == 0) {
      error = become(command, from, to);
      _exit(127);
    }
    if (child < 0) error = errno;
    /* What could not become the program is a zombie now. */
    if (child > 0 && error != 0) waitpid(child, NULL, 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    *pid = child;
  }
  if (from >= 0) close(from);
  if (to >= 0) close(to);
  return error;
}

int confined_enter(void) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  int error = forbid_files(rights_of_files(), NULL);
  if (error != 0) return error;
  return forbid_calls(forbidden_once_loaded, sizeof forbidden_once_loaded / sizeof *forbidden_once_loaded);
}
