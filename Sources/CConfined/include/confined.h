/* Processes that may do nothing but turn the bytes they are given into bytes. What is asked of the kernel here has no
   face in Swift: vfork, landlock(7), seccomp(2). docs/decisions/attachment-text.md says what each is for.
   Safe to call from any thread. */
#ifndef MAILDEX_CONFINED_H
#define MAILDEX_CONFINED_H
#include <stddef.h>
#include <stdint.h>

typedef struct {
  /* Ends with NULL. The first is the program's path. */
  const char *const *arguments;
  /* Files and directories that may be read, with what is below them; ends with NULL. NULL: all, for a program that
     calls confined_enter once it has loaded. */
  const char *const *readable;
  uint64_t memory_bytes;
  uint64_t cpu_seconds;
} confined_command;

/* A file in memory with these bytes, which nobody can change any more, at its beginning.
   Returns its descriptor, or -errno. */
int confined_input(const void *bytes, size_t count);

/* A pipe, the end that is read first; neither end outlives an exec. Returns 0, or an errno. */
int confined_pipe(int32_t ends[2]);

/* Starts a program in a process group of its own, with the two descriptors as standard input and output, nothing else open,
   in the root directory and without an environment. It can make no process, file or connection and signal nobody, and it
   ends with the calling thread. What this kernel knows of that and refuses is an error: then nothing is started.
   Returns 0 and its process id, or an errno. */
int confined_spawn(const confined_command *command, int input, int output, int32_t *pid);

/* From here on the calling program opens and executes nothing. Returns 0; or an errno, and then it may. */
int confined_enter(void);
#endif
