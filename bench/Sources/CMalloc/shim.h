// What glibc's allocator tells of itself, which Swift's module of glibc leaves out.
#include <malloc.h>
