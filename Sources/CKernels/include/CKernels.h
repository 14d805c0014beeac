#ifndef ALR_CKERNELS_H
#define ALR_CKERNELS_H
#include <stddef.h>
#include <stdint.h>
#endif
